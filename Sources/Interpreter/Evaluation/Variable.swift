import Diagnostics

/// A variable that outlives one frame: a global, or a local that a closure captured.
package final class Variable {
  package let name: String
  /// `void` also stands for "not there now"; `state` says why.
  var value: Value
  var state: State
  var isMutable: Bool
  /// How many calls of ``Evaluation/keepingOuterVariables(_:_:)`` had begun when it came to be; 0 for globals.
  let era: Int

  enum State { case undefined, defined, beingChanged }

  init(
    name: String, value: Value = .void, state: State = .undefined, isMutable: Bool = true, era: Int = 0
  ) {
    self.era = era
    self.name = name
    self.value = value
    self.state = state
    self.isMutable = isMutable
  }

  /// The value for the static check and for snapshots; nil before the declaration has run.
  package var currentValue: Value? { state == .defined ? value : nil }

  @inline(__always)
  func read() throws -> Value {
    let value = value
    if case .void = value { try checkReadable() }
    return value
  }

  private func checkReadable() throws {
    switch state {
    case .defined: return
    case .undefined:
      throw Diagnostic(
        id: "used-before-declaration", message: "`\(name)` is used before its declaration has run")
    case .beingChanged:
      throw Diagnostic(
        id: "overlapping-access", message: "`\(name)` is read while it is being changed",
        hints: ["copy what is needed into a `let` first"])
    }
  }

  @inline(__always)
  func assign(_ value: Value) {
    self.value = value
    state = .defined
  }

  /// Moves the value out while `body` changes it, so that it is not copied and nobody sees it half changed.
  func change(_ body: (inout Value) throws -> Bool) throws -> Bool {
    var value = try read()
    self.value = .void
    state = .beingChanged
    defer {
      self.value = value
      state = .defined
    }
    return try body(&value)
  }
}

/// The globals of a session, in the order they were declared.
package final class GlobalTable {
  package private(set) var names: [String] = []
  private var variables: [String: Variable] = [:]

  package subscript(name: String) -> Variable? { variables[name] }

  func insert(_ variable: Variable) {
    if variables[variable.name] == nil { names.append(variable.name) }
    variables[variable.name] = variable
  }

  func remove(_ name: String) {
    variables[name] = nil
    names.removeAll { $0 == name }
  }

  func removeAll() {
    names = []
    variables = [:]
  }
}
