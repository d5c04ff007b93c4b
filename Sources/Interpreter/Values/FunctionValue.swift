/// A function as a value: a closure, a `func`, a builtin, a method bound to its receiver, or a Swift closure.
///
/// Host code calls it with ``Evaluation/call(_:_:)-(FunctionValue,_)``, at any depth of calls that come from the program
/// itself.
public final class FunctionValue {
  enum Kind {
    case closure(FunctionCode, captures: [Variable])
    case method(FunctionCode, receiver: Value)
    case builtin(Builtin)
    case bound(Builtin, receiver: Value)
    case native(name: String, body: (CallArguments, Evaluation) throws -> Value)
  }

  let kind: Kind
  /// How many functions are captured inside each other.
  var depth = 1

  init(_ kind: Kind) { self.kind = kind }

  /// A function written in Swift that was not registered.
  public convenience init(
    name: String, _ body: @escaping (CallArguments, Evaluation) throws -> Value
  ) {
    self.init(.native(name: name, body: body))
  }

  public convenience init(_ builtin: Builtin) { self.init(.builtin(builtin)) }

  /// As diagnostics name it; `closure` for one without a name.
  public var name: String {
    switch kind {
    case .closure(let code, _), .method(let code, _): code.name
    case .builtin(let builtin), .bound(let builtin, _): builtin.name
    case .native(let name, _): name
    }
  }

  /// The names that a closure gives its arguments; empty where none are written.
  public var parameterNames: [String] {
    switch kind {
    case .closure(let code, _), .method(let code, _): code.parameters.map(\.name)
    case .builtin, .bound, .native: []
    }
  }

  /// How many arguments it takes, where that is fixed.
  public var parameterCount: Int? {
    switch kind {
    case .closure(let code, _), .method(let code, _): code.parameterCount
    case .builtin(let builtin), .bound(let builtin, _): builtin.signatures.first?.parameters.count
    case .native: nil
    }
  }
}
