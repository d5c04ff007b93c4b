import Synchronization

/// What a session holds, as other threads may see it: names, types, short texts. Nothing in it refers to a live value.
public struct Snapshot: Sendable {
  public struct Variable: Sendable {
    public let name: String
    /// `Tensor`, `[Int]`, `Net`.
    public let typeName: String
    /// One short line with the value.
    public let summary: String
    public let isMutable: Bool
    /// The registry type whose members it has; nil for functions and structs of the user.
    public let registryType: String?
    /// Members the registry does not know: of a struct, of a tuple, of a host object.
    public let members: [String]
    /// String keys a subscript takes, for completion inside `params["…"]`.
    public let keys: [String]
    /// The same of its members: `a.params["…"]`.
    public let memberKeys: [String: [String]]
    /// Of a function: how it is called.
    public let signature: String?
    /// Labels of a function's parameters or of a struct's initializer.
    public let labels: [String]
    /// The `///` comment of a function or struct.
    public let documentation: String
    /// Of a struct's instance: the type names of its stored properties, where they are simple.
    public let memberTypes: [String: String]
  }

  /// In the order of declaration.
  public let names: [String]
  public let variables: [String: Variable]

  public static let empty = Snapshot(names: [], variables: [:])
}

/// Holds the newest snapshot. The evaluator publishes; any thread reads.
public final class SnapshotStore: Sendable {
  private let latest = Mutex(Snapshot.empty)

  public init() {}

  public var current: Snapshot { latest.withLock { $0 } }
  public func publish(_ snapshot: Snapshot) { latest.withLock { $0 = snapshot } }
}

extension GlobalTable {
  func snapshot(registry: Registry) -> Snapshot {
    var variables: [String: Snapshot.Variable] = [:]
    var shown: [String] = []
    for name in names {
      guard let variable = self[name], let value = variable.currentValue else { continue }
      shown.append(name)
      variables[name] = Snapshot.Variable(name, value, isMutable: variable.isMutable, registry)
    }
    return Snapshot(names: shown, variables: variables)
  }
}

extension Snapshot.Variable {
  private static let keyLimit = 500

  init(_ name: String, _ value: Value, isMutable: Bool, _ registry: Registry) {
    var members: [String] = []
    var keys: [String] = []
    var memberKeys: [String: [String]] = [:]
    var signature: String?
    var labels: [String] = []
    var documentation = ""
    var memberTypes: [String: String] = [:]
    if let instance = value.structInstance {
      let definition = instance.definition
      members = definition.memberNames
      documentation = definition.documentation
      for (name, field) in zip(definition.storedNames, instance.fields) { memberTypes[name] = field.typeName }
    }
    switch value {
    case .tuple(let tuple): members = tuple.labels.compactMap { $0 } + tuple.values.indices.map(String.init)
    case .dictionary(let entries):
      for key in entries.keys.prefix(Self.keyLimit) {
        if case .string(let text) = key { keys.append(text) }
      }
    case .function(let function):
      switch function.kind {
      case .closure(let code, _), .method(let code, _):
        signature = code.signature
        labels = code.parameters.compactMap(\.label)
        documentation = code.documentation
      case .builtin(let builtin), .bound(let builtin, _):
        signature = builtin.signatureTexts.first
        labels = builtin.signatures.flatMap { $0.parameters.map(\.name) }
      case .native: break
      }
    case .type(.definition(let definition)):
      documentation = definition.documentation
      if let code = definition.initializers.first {
        signature = code.signature
        labels = code.parameters.compactMap(\.label)
      } else {
        signature = definition.memberwiseSignature
        labels = definition.memberwiseParameters.map(\.name)
      }
      members = definition.staticVariables.keys.sorted() + definition.staticMethods.keys.sorted()
    case .object(let object):
      members += object.dynamicMemberNames
      keys = Array(object.subscriptKeys.prefix(Self.keyLimit))
      memberKeys = object.memberKeys.mapValues { Array($0.prefix(Self.keyLimit)) }
    default: break
    }
    self.init(
      name: name, typeName: value.typeName, summary: value.summary, isMutable: isMutable,
      registryType: registry.type(of: value)?.name, members: members, keys: keys,
      memberKeys: memberKeys, signature: signature,
      labels: labels, documentation: documentation, memberTypes: memberTypes)
  }
}
