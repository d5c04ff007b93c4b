import Diagnostics

/// Who must know when a local variable turns out to be captured by a closure.
protocol LocalUser: AnyObject {
  var box: Int { get set }
}

/// Where a declaration, a parameter or a pattern puts its value.
package final class VariableTarget: LocalUser {
  package let name: String
  let slot: Int
  /// Index into the frame's boxes, when a closure captures the variable; -1 when none does.
  var box = -1
  let global: Variable?

  init(name: String, slot: Int) {
    self.name = name
    self.slot = slot
    global = nil
  }

  init(global: Variable) {
    name = global.name
    slot = -1
    self.global = global
  }

  @inline(__always)
  func initialize(_ frame: Frame, _ value: Value) {
    if let global {
      global.assign(value)
    } else if box >= 0 {
      // A function declared before this variable may have captured its box already.
      if let early = frame.boxes[box], early.state == .undefined {
        early.assign(value)
      } else {
        frame.boxes[box] = Variable(
          name: name, value: value, state: .defined, era: frame.evaluation.outer.era)
      }
    } else {
      frame.slots[slot] = value
    }
  }

  /// Makes the box before its value is there, so that functions can capture each other.
  func prepare(_ frame: Frame) {
    if global == nil, box >= 0 { frame.boxes[box] = Variable(name: name, era: frame.evaluation.outer.era) }
  }

  func read(_ frame: Frame) throws -> Value {
    if let global { return try global.read() }
    if box >= 0 { return try frame.boxes[box]?.read() ?? .void }
    return frame.slots[slot]
  }
}

/// A local variable of the running function.
package final class LocalName: Expression, LocalUser {
  package let name: String
  let slot: Int
  var box = -1
  let isMutable: Bool

  init(name: String, slot: Int, isMutable: Bool, _ span: Span) {
    self.name = name
    self.slot = slot
    self.isMutable = isMutable
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if box < 0 { return frame.slots[slot] }
    guard let variable = frame.boxes[box] else {
      throw frame.problem(
        "used-before-declaration", "`\(name)` is used before its declaration has run", at: span)
    }
    return try variable.read()
  }

  override var place: Place? { VariablePlace(self, isMutable: isMutable, name: name) }
}

/// A variable of an enclosing function.
package final class CapturedName: Expression {
  package let name: String
  let index: Int
  let isMutable: Bool

  init(name: String, index: Int, isMutable: Bool, _ span: Span) {
    self.name = name
    self.index = index
    self.isMutable = isMutable
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let variable = frame.captures[index]
    if case .void = variable.value { return try frame.located(span) { try variable.read() } }
    return variable.value
  }
  override var place: Place? { VariablePlace(self, isMutable: isMutable, name: name) }
}

/// A variable, function or struct at the top level of this or an earlier cell.
package final class GlobalName: Expression {
  package let variable: Variable
  let isMutable: Bool

  init(_ variable: Variable, isMutable: Bool, _ span: Span) {
    self.variable = variable
    self.isMutable = isMutable
    super.init(span)
  }

  package var name: String { variable.name }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = variable.value
    if case .void = value { return try frame.located(span) { try variable.read() } }
    return value
  }

  override var place: Place? { VariablePlace(self, isMutable: isMutable, name: name) }
}

/// A function, type or constant of the registry.
package final class BuiltinName: Expression {
  /// As written; the registry may know it under another spelling.
  package let name: String
  package let global: GlobalDescription
  private let value: Value

  init(name: String, _ global: GlobalDescription, _ span: Span) {
    self.name = name
    self.global = global
    switch global {
    case .function(let builtin): value = .function(FunctionValue(builtin))
    case .type(let type): value = .type(.builtin(type))
    case .constant(let constant): value = constant.value.value
    }
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value { value }
}

/// A name nobody declared. The static check reports it; the cell does not run.
package final class UnresolvedName: Expression {
  package let name: String
  /// What is visible here besides globals and builtins, for "did you mean".
  package let visibleLocals: [String]

  init(name: String, visibleLocals: [String], _ span: Span) {
    self.name = name
    self.visibleLocals = visibleLocals
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    throw frame.problem("unknown-name", "`\(name)` is not defined", at: span)
  }
}
