/// One way to call a builtin: its parameters, its result and its body.
public struct Signature: Sendable {
  enum Body: Sendable {
    case plain(@Sendable (Arguments, Evaluation) throws -> Value)
    /// Changes its receiver, as `append` does.
    case mutating(@Sendable (inout Value, Arguments, Evaluation) throws -> Value)
  }

  public let parameters: [Parameter]
  public let result: TypeReference
  public let documentation: Documentation
  let body: Body
}

/// A function, method or initializer of the registry, with all its signatures (overloads).
public final class Builtin: Sendable {
  public let name: String
  /// The type it is a member of, for help: `Tensor`.
  public let owner: String?
  public let aliases: [String]
  public let signatures: [Signature]

  init(name: String, owner: String?, aliases: [String], signatures: [Signature]) {
    self.name = name
    self.owner = owner
    self.aliases = aliases
    self.signatures = signatures
  }

  public var isMutating: Bool {
    if case .mutating? = signatures.first?.body { return true }
    return false
  }

  /// The signatures as help shows them: `mse(_ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor`.
  public var signatureTexts: [String] {
    signatures.map { signature in
      let parameters = signature.parameters.map(\.signature).joined(separator: ", ")
      let result = signature.result == .void ? "" : " -> \(signature.result)"
      return "\(name)(\(parameters))\(result)"
    }
  }
}
