import Diagnostics

/// One condition of `if`, `guard` or `while`.
package enum Condition {
  case expression(Expression)
  /// `let x = value`: value must not be nil.
  case binding(Pattern, Expression)
  /// `case pattern = value`
  case matching(Pattern, Expression)

  package var nodes: [Node] {
    switch self {
    case .expression(let expression): [expression]
    case .binding(let pattern, let value), .matching(let pattern, let value): [value, pattern]
    }
  }

  func holds(_ frame: Frame) throws -> Bool {
    switch self {
    case .expression(let expression): return try frame.truth(of: expression)
    case .binding(let pattern, let expression):
      let value = try expression.evaluate(frame)
      if case .null = value { return false }
      return try pattern.matches(value, frame)
    case .matching(let pattern, let expression):
      return try pattern.matches(expression.evaluate(frame), frame)
    }
  }
}

extension Array where Element == Condition {
  func hold(_ frame: Frame) throws -> Bool {
    for condition in self where try !condition.holds(frame) { return false }
    return true
  }
}

package final class IfStatement: Statement {
  package let conditions: [Condition]
  package let body: Block
  /// Another ``IfStatement`` or a ``BlockStatement``.
  package let otherwise: Statement?

  init(_ conditions: [Condition], _ body: Block, otherwise: Statement?, _ span: Span) {
    self.conditions = conditions
    self.body = body
    self.otherwise = otherwise
    super.init(span)
  }

  package override var children: [Node] {
    conditions.flatMap(\.nodes) + [body] + [otherwise].compactMap { $0 }
  }

  override func execute(_ frame: Frame) throws -> Flow {
    if try conditions.hold(frame) { return try body.execute(frame) }
    return try otherwise?.execute(frame) ?? .normal
  }
}

package final class GuardStatement: Statement {
  package let conditions: [Condition]
  package let body: Block

  init(_ conditions: [Condition], _ body: Block, _ span: Span) {
    self.conditions = conditions
    self.body = body
    super.init(span)
  }

  package override var children: [Node] { conditions.flatMap(\.nodes) + [body] }

  override func execute(_ frame: Frame) throws -> Flow {
    if try conditions.hold(frame) { return .normal }
    let flow = try body.execute(frame)
    guard flow == .normal else { return flow }
    throw frame.problem(
      "guard-falls-through", "the `else` of a `guard` must leave: return, break, continue or throw",
      at: body.span)
  }
}

/// What loops have in common: the label, interrupts, and who a `break` belongs to.
package class Loop: Statement {
  package let label: String?

  init(label: String?, _ span: Span) {
    self.label = label
    super.init(span)
  }

  /// What the loop does after its body ended with `flow`: nil to go on.
  @inline(__always)
  func after(_ flow: Flow, _ frame: Frame) throws -> Flow? {
    if frame.evaluation.isInterrupted() {
      throw Diagnostic.interrupted.located(at: span, in: frame.code.source)
    }
    frame.evaluation.safePoint()
    switch flow {
    case .normal: return nil
    case .returning: return .returning
    case .breaking, .continuing:
      if let wanted = frame.label {
        guard wanted == label else { return flow }
        frame.label = nil
      }
      return flow == .breaking ? .normal : nil
    }
  }
}

package final class WhileLoop: Loop {
  package let conditions: [Condition]
  package let body: Block

  init(_ conditions: [Condition], _ body: Block, label: String?, _ span: Span) {
    self.conditions = conditions
    self.body = body
    super.init(label: label, span)
  }

  package override var children: [Node] { conditions.flatMap(\.nodes) + [body] }

  override func execute(_ frame: Frame) throws -> Flow {
    while try conditions.hold(frame) {
      if let end = try after(body.execute(frame), frame) { return end }
    }
    return .normal
  }
}

package final class RepeatLoop: Loop {
  package let body: Block
  package let condition: Expression

  init(_ body: Block, _ condition: Expression, label: String?, _ span: Span) {
    self.body = body
    self.condition = condition
    super.init(label: label, span)
  }

  package override var children: [Node] { [body, condition] }

  override func execute(_ frame: Frame) throws -> Flow {
    repeat {
      if let end = try after(body.execute(frame), frame) { return end }
    } while try frame.truth(of: condition)
    return .normal
  }
}

package final class ForLoop: Loop {
  package let pattern: Pattern
  package let sequence: Expression
  package let condition: Expression?
  package let body: Block

  init(
    _ pattern: Pattern, in sequence: Expression, where condition: Expression?, _ body: Block, label: String?,
    _ span: Span
  ) {
    self.pattern = pattern
    self.sequence = sequence
    self.condition = condition
    self.body = body
    super.init(label: label, span)
  }

  package override var children: [Node] {
    [sequence, pattern] + [condition].compactMap { $0 as Node? } + [body]
  }

  override func execute(_ frame: Frame) throws -> Flow {
    let value = try sequence.evaluate(frame)
    switch value {
    case .range(let range):
      if let integers = range.integers {
        for index in integers {
          if let end = try step(.int(index), frame) { return end }
        }
        return .normal
      }
    case .array(let values):
      for value in values {
        if let end = try step(value, frame) { return end }
      }
      return .normal
    default: break
    }
    let iterator = try frame.located(sequence.span) { try frame.evaluation.iterator(over: value) }
    while let value = try frame.located(sequence.span, { try iterator.next() }) {
      if let end = try step(value, frame) { return end }
    }
    return .normal
  }

  @inline(__always)
  private func step(_ value: Value, _ frame: Frame) throws -> Flow? {
    if let binding = pattern as? BindingPattern {
      binding.target.initialize(frame, value)
    } else if try !pattern.matches(value, frame) {
      if pattern.isRefutable { return nil }
      throw frame.problem(
        "type-mismatch",
        "\(value.typeDescription) does not fit the pattern `\(frame.code.source[pattern.span])`",
        at: pattern.span)
    }
    if let condition, try !frame.truth(of: condition) { return nil }
    return try after(body.execute(frame), frame)
  }
}

package final class SwitchStatement: Statement {
  package struct Case {
    /// Empty for `default`.
    package let items: [(pattern: Pattern, condition: Expression?)]
    package let body: Block
    let fallsThrough: Bool
  }

  package let subject: Expression
  package let cases: [Case]
  package let label: String?

  init(_ subject: Expression, _ cases: [Case], label: String?, _ span: Span) {
    self.subject = subject
    self.cases = cases
    self.label = label
    super.init(span)
  }

  package override var children: [Node] {
    [subject]
      + cases.flatMap { entry in
        entry.items.flatMap { [$0.pattern, $0.condition].compactMap { $0 as Node? } } + [entry.body]
      }
  }

  override func execute(_ frame: Frame) throws -> Flow {
    let value = try subject.evaluate(frame)
    guard var index = try cases.firstIndex(where: { try $0.accepts(value, frame) }) else {
      throw frame.problem(
        "no-case-matches", "no case of this `switch` matches \(value.debugText)", at: subject.span,
        hints: ["add a `default:`"])
    }
    while true {
      let flow = try cases[index].body.execute(frame)
      if flow == .normal, cases[index].fallsThrough, index + 1 < cases.count {
        index += 1
        continue
      }
      if flow == .breaking, frame.label == nil || frame.label == label {
        frame.label = nil
        return .normal
      }
      return flow
    }
  }
}

extension SwitchStatement.Case {
  func accepts(_ value: Value, _ frame: Frame) throws -> Bool {
    if items.isEmpty { return true }
    for item in items where try item.pattern.matches(value, frame) {
      if let condition = item.condition, try !frame.truth(of: condition) { continue }
      return true
    }
    return false
  }
}

/// `if` or `switch` used for its value: every branch is one expression.
package final class BranchExpression: Expression {
  package let statement: Statement

  init(_ statement: Statement) {
    self.statement = statement
    super.init(statement.span)
  }

  package override var children: [Node] { [statement] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let saved = frame.result
    defer { frame.result = saved }
    guard try statement.execute(frame) == .returning else { return .void }
    return frame.result
  }
}
