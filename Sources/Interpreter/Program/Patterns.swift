import Diagnostics

/// What a value is taken apart by, or compared with.
package class Pattern: Node {
  /// Whether the value fits; binds the pattern's variables on the way.
  func matches(_ value: Value, _ frame: Frame) throws -> Bool { true }

  /// Whether some values may not fit, so that a loop passes over them.
  var isRefutable: Bool { false }
}

/// `_`
package final class WildcardPattern: Pattern {}

/// `x`
package final class BindingPattern: Pattern {
  package let target: VariableTarget

  init(_ target: VariableTarget, _ span: Span) {
    self.target = target
    super.init(span)
  }

  override func matches(_ value: Value, _ frame: Frame) throws -> Bool {
    target.initialize(frame, value)
    return true
  }
}

/// `(x, _)`
package final class TuplePattern: Pattern {
  package let elements: [Pattern]

  init(_ elements: [Pattern], _ span: Span) {
    self.elements = elements
    super.init(span)
  }

  package override var children: [Node] { elements }
  override var isRefutable: Bool { elements.contains(where: \.isRefutable) }

  override func matches(_ value: Value, _ frame: Frame) throws -> Bool {
    let values: [Value]
    switch value {
    case .tuple(let tuple): values = tuple.values
    case .object(let object):
      // A host object that can be stepped through comes apart as well.
      guard let iterator = try object.makeIterator(frame.evaluation) else { return false }
      var found: [Value] = []
      while found.count <= elements.count, let next = try iterator.next() { found.append(next) }
      values = found
    default: return false
    }
    guard values.count == elements.count else { return false }
    for (element, value) in zip(elements, values) where try !element.matches(value, frame) { return false }
    return true
  }
}

/// `3`, `0..<5`, `.train`, or any expression: equal to it, or inside the range.
package final class ExpressionPattern: Pattern {
  package let expression: Expression

  init(_ expression: Expression) {
    self.expression = expression
    super.init(expression.span)
  }

  package override var children: [Node] { [expression] }
  override var isRefutable: Bool { true }

  override func matches(_ value: Value, _ frame: Frame) throws -> Bool {
    let wanted = try expression.evaluate(frame)
    switch (wanted, value) {
    case (.range(let range), _):
      guard let number = value.numericValue else { return false }
      if let lower = range.lower, number < lower.double { return false }
      if let upper = range.upper { return range.isClosed ? number <= upper.double : number < upper.double }
      return true
    case (.object, _), (_, .object):
      return try frame.located(span) {
        try frame.evaluation.truth(Operators.apply(.equal, value, wanted, frame.evaluation))
      }
    default: return wanted.isEqual(to: value)
    }
  }
}

/// `x?`: not nil.
package final class OptionalPattern: Pattern {
  package let inner: Pattern

  init(_ inner: Pattern, _ span: Span) {
    self.inner = inner
    super.init(span)
  }

  package override var children: [Node] { [inner] }
  override var isRefutable: Bool { true }

  override func matches(_ value: Value, _ frame: Frame) throws -> Bool {
    if case .null = value { return false }
    return try inner.matches(value, frame)
  }
}
