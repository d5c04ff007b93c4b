/// What a `struct` declaration says. Immutable once its cell has been lowered; read on the evaluator's thread.
public final class StructDefinition {
  public let name: String
  /// Stored properties, in the order written; `let conv = …` among them.
  public internal(set) var storedNames: [String] = []
  /// Names in the inheritance clause that have a registered ``StructHook``.
  public internal(set) var hookNames: [String] = []
  /// The `///` comment before the declaration.
  public internal(set) var documentation: String = ""
  var storedIndex: [String: Int] = [:]
  var stored: [StoredProperty] = []
  var computed: [String: ComputedProperty] = [:]
  var methods: [String: FunctionCode] = [:]
  var initializers: [FunctionCode] = []
  var staticMethods: [String: FunctionCode] = [:]
  var staticVariables: [String: Variable] = [:]
  var hook: StructHook?

  init(name: String) { self.name = name }

  public func hasMethod(_ name: String) -> Bool { methods[name] != nil }
  public func hasProperty(_ name: String) -> Bool { storedIndex[name] != nil || computed[name] != nil }
  /// The names of everything an instance has, for completion and "did you mean".
  public var memberNames: [String] { storedNames + computed.keys.sorted() + methods.keys.sorted() }
}

/// An instance of a user's struct. The interpreter gives it value semantics (copied when written while shared), except
/// where a ``StructHook`` has made a host object of it: then the instance is that object's state, shared by reference.
public final class StructInstance {
  public let definition: StructDefinition
  /// Values of the stored properties, parallel to `definition.storedNames`.
  public var fields: [Value]
  /// While `init` runs.
  var isInitializing = false

  public init(definition: StructDefinition, fields: [Value]) {
    self.definition = definition
    self.fields = fields
  }

  /// The value of a stored property; nil when there is none of this name.
  public subscript(name: String) -> Value? {
    get { definition.storedIndex[name].map { fields[$0] } }
    set {
      if let index = definition.storedIndex[name], let newValue { fields[index] = newValue }
    }
  }

  /// A shallow copy: nested values are shared until written, host objects stay the same objects.
  public func copy() -> StructInstance { StructInstance(definition: definition, fields: fields) }
}
