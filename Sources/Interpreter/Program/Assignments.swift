import Diagnostics

/// `place = value`
package final class Assignment: Expression {
  package let target: Node
  package let value: Expression
  let destination: Place
  let annotation: TypeReference?
  /// The value is a whole-number literal, which becomes a Double where the variable holds one.
  let adaptsToDouble: Bool

  init(
    target: Node, _ destination: Place, _ value: Expression, annotation: TypeReference?, _ span: Span
  ) {
    self.target = target
    self.destination = destination
    self.value = value
    self.annotation = annotation
    adaptsToDouble = value.isIntegerLiteral
    super.init(span)
  }

  package override var children: [Node] { [target, value] }

  override func evaluate(_ frame: Frame) throws -> Value {
    do {
      var indices: [Value] = []
      try destination.prepare(frame, &indices)
      var new = try value.evaluate(frame)
      if let annotation {
        new = try frame.located(value.span) { try new.annotated(annotation, name: nil) }
      } else if adaptsToDouble, case .int(let number) = new, !(destination is DiscardPlace),
        !(destination is TuplePlace)
      {
        _ = try destination.change(frame, indices, indices.count) { old in
          if case .double = old { old = .double(Double(number)) } else { old = new }
          return true
        }
        return .void
      }
      _ = try destination.assign(frame, indices, indices.count, new)
    } catch is NilInChain {
      return .null
    }
    return .void
  }
}

extension Expression {
  /// `1`, `-1`, `2 * 3`: made of whole-number literals alone.
  var isIntegerLiteral: Bool {
    switch self {
    case let literal as Literal: if case .int = literal.value { true } else { false }
    case let unary as UnaryExpression: unary.operand.isIntegerLiteral
    default: false
    }
  }
}

/// `place += value`
package final class CompoundAssignment: Expression {
  package let operation: BinaryOperator
  package let target: Expression
  package let value: Expression
  let destination: Place

  init(
    _ operation: BinaryOperator, target: Expression, _ destination: Place, _ value: Expression, _ span: Span
  ) {
    self.operation = operation
    self.target = target
    self.destination = destination
    self.value = value
    super.init(span)
  }

  package override var children: [Node] { [target, value] }

  override func evaluate(_ frame: Frame) throws -> Value {
    if let local = target as? LocalName, local.box < 0, local.isMutable {
      let operand = try value.evaluate(frame)
      try apply(&frame.slots[local.slot], operand, frame)
      return .void
    }
    do {
      var indices: [Value] = []
      try destination.prepare(frame, &indices)
      let operand = try value.evaluate(frame)
      _ = try destination.change(frame, indices, indices.count) { current in
        try apply(&current, operand, frame)
        return true
      }
    } catch is NilInChain {
      return .null
    }
    return .void
  }

  @inline(__always)
  private func apply(_ current: inout Value, _ operand: Value, _ frame: Frame) throws {
    if case .int(let a) = current, case .int(let b) = operand, operation == .add {
      let (sum, overflow) = a.addingReportingOverflow(b)
      if !overflow {
        current = .int(sum)
        return
      }
    } else if case .double(let a) = current, case .double(let b) = operand, operation == .add {
      current = .double(a + b)
      return
    } else if operation == .add, case .array(let more) = operand, var elements = current.takeArray() {
      elements += more
      current = .array(elements)
      return
    } else if operation == .add, case .string(let more) = operand, var text = current.takeString() {
      text += more
      current = .string(text)
      return
    }
    let old = current
    current = try frame.located(span) { try Operators.apply(operation, old, operand, frame.evaluation) }
  }
}
