import Diagnostics

package final class BinaryExpression: Expression {
  package let operation: BinaryOperator
  package let left, right: Expression

  init(_ operation: BinaryOperator, _ left: Expression, _ right: Expression, _ span: Span) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(span)
  }

  package override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let a = try left.evaluate(frame)
    let b = try right.evaluate(frame)
    if case .int(let a) = a, case .int(let b) = b {
      switch operation {
      case .less: return .bool(a < b)
      case .equal: return .bool(a == b)
      case .add:
        let (sum, overflow) = a.addingReportingOverflow(b)
        if !overflow { return .int(sum) }
      case .subtract:
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        if !overflow { return .int(difference) }
      default: break
      }
    } else if case .double(let a) = a, case .double(let b) = b {
      switch operation {
      case .add: return .double(a + b)
      case .subtract: return .double(a - b)
      case .multiply: return .double(a * b)
      default: break
      }
    }
    return try frame.located(span) { try Operators.apply(operation, a, b, frame.evaluation) }
  }
}

package final class UnaryExpression: Expression {
  package let operation: UnaryOperator
  package let operand: Expression

  init(_ operation: UnaryOperator, _ operand: Expression, _ span: Span) {
    self.operation = operation
    self.operand = operand
    super.init(span)
  }

  package override var children: [Node] { [operand] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    return try frame.located(span) { try Operators.apply(operation, value, frame.evaluation) }
  }
}

/// `&&` and `||`: the right side is evaluated only when it counts.
package final class LogicalExpression: Expression {
  package let isAnd: Bool
  package let left, right: Expression

  init(isAnd: Bool, _ left: Expression, _ right: Expression, _ span: Span) {
    self.isAnd = isAnd
    self.left = left
    self.right = right
    super.init(span)
  }

  package override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    if try frame.truth(of: left) != isAnd { return .bool(!isAnd) }
    return .bool(try frame.truth(of: right))
  }
}

/// `a ?? b`
package final class NilCoalescing: Expression {
  package let left, right: Expression

  init(_ left: Expression, _ right: Expression, _ span: Span) {
    self.left = left
    self.right = right
    super.init(span)
  }

  package override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try left.evaluate(frame)
    if case .null = value { return try right.evaluate(frame) }
    return value
  }
}

/// `a === b`
package final class IdentityExpression: Expression {
  package let isNegated: Bool
  package let left, right: Expression

  init(isNegated: Bool, _ left: Expression, _ right: Expression, _ span: Span) {
    self.isNegated = isNegated
    self.left = left
    self.right = right
    super.init(span)
  }

  package override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let a = try left.evaluate(frame)
    let b = try right.evaluate(frame)
    switch (a, b) {
    case (.object(let a), .object(let b)): return .bool((a === b) != isNegated)
    case (.null, .null): return .bool(!isNegated)
    case (.object, .null), (.null, .object): return .bool(isNegated)
    default:
      throw frame.problem(
        "type-mismatch", "`===` compares references, not \(a.typeDescription) and \(b.typeDescription)",
        at: span,
        hints: ["values are compared with `==`"])
    }
  }
}

/// `c ? a : b`
package final class Ternary: Expression {
  package let condition, first, second: Expression

  init(_ condition: Expression, _ first: Expression, _ second: Expression, _ span: Span) {
    self.condition = condition
    self.first = first
    self.second = second
    super.init(span)
  }

  package override var children: [Node] { [condition, first, second] }

  override func evaluate(_ frame: Frame) throws -> Value {
    try frame.truth(of: condition) ? first.evaluate(frame) : second.evaluate(frame)
  }
}

/// `value!`
package final class ForceUnwrap: Expression {
  package let operand: Expression

  init(_ operand: Expression, _ span: Span) {
    self.operand = operand
    super.init(span)
  }

  package override var children: [Node] { [operand] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    if case .null = value {
      throw frame.problem(
        "unexpected-nil", "`\(frame.code.source[operand.span])` is nil, and `!` needs a value", at: span,
        hints: ["test it with `if let`, or give another value with `??`"])
    }
    return value
  }

  override var place: Place? { operand.place.map { UnwrapPlace($0, isForced: true, span) } }
}

/// Thrown by `a?` when `a` is nil; ends at the chain it is part of.
struct NilInChain: Error {}

/// `a?` inside a chain.
package final class OptionalBase: Expression {
  package let operand: Expression

  init(_ operand: Expression, _ span: Span) {
    self.operand = operand
    super.init(span)
  }

  package override var children: [Node] { [operand] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    if case .null = value { throw NilInChain() }
    return value
  }

  override var place: Place? { operand.place.map { UnwrapPlace($0, isForced: false, span) } }
}

/// A whole chain `a?.b.c()`: nil when a link is.
package final class OptionalChain: Expression {
  package let inner: Expression

  init(_ inner: Expression) {
    self.inner = inner
    super.init(inner.span)
  }

  package override var children: [Node] { [inner] }

  override func evaluate(_ frame: Frame) throws -> Value {
    do { return try inner.evaluate(frame) } catch is NilInChain { return .null }
  }

  override var place: Place? { inner.place }
}

/// `try? expression`
package final class OptionalTry: Expression {
  package let operand: Expression

  init(_ operand: Expression, _ span: Span) {
    self.operand = operand
    super.init(span)
  }

  package override var children: [Node] { [operand] }

  override func evaluate(_ frame: Frame) throws -> Value {
    do {
      return try frame.evaluation.handlingErrors(frame) { try operand.evaluate(frame) }
    } catch let error {
      if frame.evaluation.isUncatchable(error) { throw error }
      return .null
    }
  }
}

extension Frame {
  @inline(__always)
  func truth(of expression: Expression) throws -> Bool {
    let value = try expression.evaluate(self)
    if case .bool(let flag) = value { return flag }
    return try located(expression.span) { try evaluation.truth(value) }
  }

  /// Runs `body`; an error without a place gets this one, and errors of host libraries become diagnostics.
  @inline(__always)
  func located<Result>(_ span: Span, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw place(error, at: span) }
  }

  @inline(never)
  func place(_ error: any Error, at span: Span) -> any Error {
    switch error {
    case let diagnostic as Diagnostic: return diagnostic.located(at: span, in: code.source)
    case is ThrownValue, is NilInChain: return error
    default: return evaluation.diagnostic(for: error).located(at: span, in: code.source)
    }
  }
}
