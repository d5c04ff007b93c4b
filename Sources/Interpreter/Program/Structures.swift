import Diagnostics

/// A stored property as declared.
final class StoredProperty {
  let name: String
  let isMutable: Bool
  let annotation: TypeReference?
  /// The initial value, as the body of a function without parameters.
  let initial: FunctionCode?
  let span: Span

  init(name: String, isMutable: Bool, annotation: TypeReference?, initial: FunctionCode?, span: Span) {
    self.name = name
    self.isMutable = isMutable
    self.annotation = annotation
    self.initial = initial
    self.span = span
  }

  /// Whether `init` has yet to set it.
  func isPending(in instance: StructInstance) -> Bool { instance.isInitializing && initial == nil }

  /// Whether the memberwise initializer takes it.
  var isMemberwise: Bool { isMutable || initial == nil }

  /// Declared as `var x = 0.5`: a whole number given for it becomes a Double.
  var isInferredDouble: Bool {
    if annotation == nil, let literal = initial?.single as? Literal, case .double = literal.value {
      return true
    }
    return false
  }

  /// An optional `var` without a value starts as nil, as in Swift.
  var startsAsNil: Bool {
    if case .optional? = annotation { return isMutable }
    return false
  }
}

/// `var area: Double { … }`
final class ComputedProperty {
  let getter: FunctionCode
  let setter: FunctionCode?

  init(getter: FunctionCode, setter: FunctionCode?) {
    self.getter = getter
    self.setter = setter
  }
}

/// `struct Net { … }`: sets up the static properties and makes the type visible.
package final class StructDeclaration: Statement {
  package let definition: StructDefinition
  let target: VariableTarget
  let statics: [(variable: Variable, initial: Expression)]

  init(
    _ definition: StructDefinition, _ target: VariableTarget,
    statics: [(variable: Variable, initial: Expression)], _ span: Span
  ) {
    self.definition = definition
    self.target = target
    self.statics = statics
    super.init(span)
  }

  package override var children: [Node] {
    definition.stored.compactMap(\.initial)
      + definition.computed.values.flatMap { [$0.getter, $0.setter].compactMap { $0 } }
      + Array(definition.methods.values) + definition.initializers + Array(definition.staticMethods.values)
      + statics.map(\.initial)
  }

  override func execute(_ frame: Frame) throws -> Flow {
    target.initialize(frame, .type(.definition(definition)))
    for entry in statics { entry.variable.assign(try entry.initial.evaluate(frame)) }
    return .normal
  }
}

/// `func f(…) { … }`. Made when its block is entered, so that functions of a block can call each other in any order.
package final class FunctionDeclaration: Statement {
  package let code: FunctionCode
  let target: VariableTarget

  init(_ code: FunctionCode, _ target: VariableTarget, _ span: Span) {
    self.code = code
    self.target = target
    super.init(span)
  }

  package override var children: [Node] { [code] }

  override var isStop: Bool { false }

  override func execute(_ frame: Frame) throws -> Flow {
    target.initialize(frame, .function(try frame.makeFunction(code)))
    return .normal
  }
}

/// Makes room for a function of a block before the block runs.
final class PreparedName: Statement {
  private let target: VariableTarget

  init(_ target: VariableTarget, _ span: Span) {
    self.target = target
    super.init(span)
  }

  override var isStop: Bool { false }

  override func execute(_ frame: Frame) throws -> Flow {
    target.prepare(frame)
    return .normal
  }
}
