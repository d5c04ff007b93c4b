import Diagnostics
import OrderedCollections

/// Arguments matched to the parameters of a builtin and converted to their types; what a builtin's body reads.
///
/// Ask by the parameter's name. A parameter that was left out gives its default. Asking for the wrong kind of value throws
/// the same diagnostic that binding does.
public struct Arguments {
  public let signature: Signature
  /// As diagnostics name the builtin: `mse`, `Tensor.sum`.
  public let name: String
  /// The value before the dot; void for a global function.
  public let receiver: Value
  /// Parallel to `signature.parameters`; nil where the call gave nothing.
  let values: [Value?]
  /// Parallel to `values`: which written argument it was, for spans.
  let origins: [Int?]
  public let site: CallSite?

  private func index(_ name: String) throws -> Int {
    if let index = signature.parameters.firstIndex(where: { $0.name == name }) { return index }
    throw Diagnostic(
      id: "internal-error",
      message: "the builtin `\(self.name)` asks for a parameter `\(name)` it does not declare")
  }

  /// Whether the call wrote this argument.
  public func isGiven(_ name: String) -> Bool {
    signature.parameters.firstIndex { $0.name == name }.map { values[$0] != nil } ?? false
  }

  /// The argument or its default; `nil` for an optional parameter left out. The value of a name that is no parameter is
  /// `nil` too.
  public subscript(name: String) -> Value {
    guard let index = signature.parameters.firstIndex(where: { $0.name == name }) else { return .null }
    return values[index] ?? signature.parameters[index].defaultValue?.value ?? .null
  }

  /// The argument as given or defaulted, nil when it is `nil`.
  public func optional(_ name: String) throws -> Value? {
    let value = self[try index(name)]
    if case .null = value { return nil }
    return value
  }

  private subscript(index: Int) -> Value {
    values[index] ?? signature.parameters[index].defaultValue?.value ?? .null
  }

  // MARK: typed

  public func int(_ name: String) throws -> Int {
    let value = self[try index(name)]
    guard case .int(let number) = value else { throw mismatch(name, "Int", value) }
    return number
  }

  /// An `Int` counts as a `Double`.
  public func double(_ name: String) throws -> Double {
    let value = self[try index(name)]
    switch value {
    case .double(let number): return number
    case .int(let number): return Double(number)
    default: throw mismatch(name, "Double", value)
    }
  }

  public func bool(_ name: String) throws -> Bool {
    let value = self[try index(name)]
    guard case .bool(let flag) = value else { throw mismatch(name, "Bool", value) }
    return flag
  }

  public func string(_ name: String) throws -> String {
    let value = self[try index(name)]
    guard case .string(let text) = value else { throw mismatch(name, "String", value) }
    return text
  }

  public func array(_ name: String) throws -> [Value] {
    let value = self[try index(name)]
    guard case .array(let elements) = value else { throw mismatch(name, "array", value) }
    return elements
  }

  public func dictionary(_ name: String) throws -> OrderedDictionary<Key, Value> {
    let value = self[try index(name)]
    guard case .dictionary(let entries) = value else { throw mismatch(name, "dictionary", value) }
    return entries
  }

  public func function(_ name: String) throws -> FunctionValue {
    let value = self[try index(name)]
    guard case .function(let function) = value else { throw mismatch(name, "closure", value) }
    return function
  }

  /// The canonical name of an enumeration's case, whatever spelling the call used.
  public func enumCase(_ name: String) throws -> String {
    let value = self[try index(name)]
    guard case .enumCase(let choice) = value else { throw mismatch(name, "case such as `.name`", value) }
    return choice
  }

  /// A host object of a Swift class (or one that conforms to a protocol).
  public func object<Object>(_ name: String, as type: Object.Type = Object.self) throws -> Object {
    let index = try index(name)
    let value = self[index]
    if case .object(let object) = value, let object = object as? Object { return object }
    throw mismatch(name, "\(signature.parameters[index].type)", value)
  }

  public func optionalObject<Object>(_ name: String, as type: Object.Type = Object.self) throws -> Object? {
    if case .null = self[try index(name)] { return nil }
    return try object(name, as: type)
  }

  public func optionalInt(_ name: String) throws -> Int? {
    if case .null = self[try index(name)] { return nil }
    return try int(name)
  }

  public func optionalDouble(_ name: String) throws -> Double? {
    if case .null = self[try index(name)] { return nil }
    return try double(name)
  }

  public func optionalFunction(_ name: String) throws -> FunctionValue? {
    if case .null = self[try index(name)] { return nil }
    return try function(name)
  }

  public func optionalString(_ name: String) throws -> String? {
    if case .null = self[try index(name)] { return nil }
    return try string(name)
  }

  /// An array of whole numbers, a tuple of them, or one `Int` repeated `count` times: sizes such as `kernelSize`.
  public func ints(_ name: String, repeated count: Int = 1) throws -> [Int] {
    let value = self[try index(name)]
    let elements: [Value]
    switch value {
    case .int(let number): return Array(repeating: number, count: Swift.max(0, count))
    case .array(let values): elements = values
    case .tuple(let tuple): elements = tuple.values
    default: throw mismatch(name, "Int or several of them", value)
    }
    return try elements.map {
      guard case .int(let number) = $0 else { throw mismatch(name, "Int or several of them", value) }
      return number
    }
  }

  /// An array or tuple of numbers.
  public func doubles(_ name: String) throws -> [Double] {
    let value = self[try index(name)]
    let elements: [Value]
    switch value {
    case .array(let values): elements = values
    case .tuple(let tuple): elements = tuple.values
    default: throw mismatch(name, "array of numbers", value)
    }
    return try elements.map {
      guard let number = $0.numericValue else { throw mismatch(name, "array of numbers", value) }
      return number
    }
  }

  /// The receiver as an object of a Swift class.
  public func receiver<Object>(as type: Object.Type = Object.self) throws -> Object {
    if case .object(let object) = receiver, let object = object as? Object { return object }
    throw Diagnostic(
      id: "type-mismatch", message: "`\(name)` cannot be used on \(receiver.typeDescription)")
  }

  // MARK: problems

  /// A diagnostic at one argument: `throw arguments.problem("stepSize", "…")`. `id` is `invalid-argument` unless given.
  public func problem(
    _ name: String, id: String = "invalid-argument", _ message: String, hints: [String] = []
  ) -> Diagnostic {
    let origin = signature.parameters.firstIndex { $0.name == name }.flatMap { origins[$0] }
    let span = origin.flatMap { index in
      site.flatMap { $0.argumentSpans.indices.contains(index) ? $0.argumentSpans[index] : nil }
    }
    return Diagnostic(
      id: id, message: message, span: span ?? site?.span, source: site?.source, hints: hints)
  }

  /// A diagnostic at the call.
  public func problem(
    id: String = "invalid-argument", message: String, hints: [String] = []
  ) -> Diagnostic {
    Diagnostic(id: id, message: message, span: site?.span, source: site?.source, hints: hints)
  }

  private func mismatch(_ name: String, _ expected: String, _ value: Value) -> Diagnostic {
    problem(
      name, id: "type-mismatch",
      "`\(name)` of `\(self.name)` must be \(expected), not \(value.typeDescription)")
  }
}
