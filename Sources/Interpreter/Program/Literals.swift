import Diagnostics
import OrderedCollections

package final class Literal: Expression {
  package let value: Value

  init(_ value: Value, _ span: Span) {
    self.value = value
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value { value }
}

/// `"loss \(x)"`
package final class Interpolation: Expression {
  enum Part {
    case text(String)
    case value(Expression)
  }

  let parts: [Part]

  init(_ parts: [Part], _ span: Span) {
    self.parts = parts
    super.init(span)
  }

  package override var children: [Node] {
    parts.compactMap { if case .value(let expression) = $0 { expression } else { nil } }
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var text = ""
    for part in parts {
      switch part {
      case .text(let piece): text += piece
      case .value(let expression): text += try expression.evaluate(frame).printed
      }
    }
    return .string(text)
  }
}

package final class ArrayLiteral: Expression {
  package let elements: [Expression]

  init(_ elements: [Expression], _ span: Span) {
    self.elements = elements
    super.init(span)
  }

  package override var children: [Node] { elements }

  override func evaluate(_ frame: Frame) throws -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.evaluate(frame)) }
    let value = Value.array(values)
    try value.checkNesting()
    return value
  }
}

package final class DictionaryLiteral: Expression {
  package let entries: [(key: Expression, value: Expression)]

  init(_ entries: [(key: Expression, value: Expression)], _ span: Span) {
    self.entries = entries
    super.init(span)
  }

  package override var children: [Node] { entries.flatMap { [$0.key, $0.value] } }

  override func evaluate(_ frame: Frame) throws -> Value {
    var result: OrderedDictionary<Key, Value> = [:]
    for entry in entries {
      let keyValue = try entry.key.evaluate(frame)
      guard let key = Key(keyValue) else {
        throw Value.badKey(keyValue).located(at: entry.key.span, in: frame.code.source)
      }
      guard result[key] == nil else {
        throw frame.problem(
          "duplicate-key", "the dictionary has two entries for \(keyValue.debugText)", at: entry.key.span)
      }
      result[key] = try entry.value.evaluate(frame)
    }
    let value = Value.dictionary(result)
    try value.checkNesting()
    return value
  }
}

package final class TupleLiteral: Expression {
  package let elements: [Expression]
  package let labels: [String?]

  init(_ elements: [Expression], labels: [String?], _ span: Span) {
    self.elements = elements
    self.labels = labels
    super.init(span)
  }

  package override var children: [Node] { elements }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = Value.tuple(TupleValue(try elements.map { try $0.evaluate(frame) }, labels: labels))
    try value.checkNesting()
    return value
  }

  override var place: Place? {
    let places = elements.compactMap(\.place)
    return places.count == elements.count ? TuplePlace(places, span) : nil
  }
}

/// `.mse`
package final class ImplicitMember: Expression {
  package let name: String

  init(_ name: String, _ span: Span) {
    self.name = name
    super.init(span)
  }

  override func evaluate(_ frame: Frame) throws -> Value { .enumCase(name) }
}

/// `a..<b`, `a...`, `...`
package final class RangeExpression: Expression {
  package let lower, upper: Expression?
  package let isClosed: Bool

  init(_ lower: Expression?, _ upper: Expression?, isClosed: Bool, _ span: Span) {
    self.lower = lower
    self.upper = upper
    self.isClosed = isClosed
    super.init(span)
  }

  package override var children: [Node] { [lower, upper].compactMap { $0 } }

  override func evaluate(_ frame: Frame) throws -> Value {
    let range = RangeValue(
      lower: try bound(lower, frame), upper: try bound(upper, frame), isClosed: isClosed)
    if let low = range.lower, let high = range.upper, low.double > high.double {
      throw frame.problem(
        "invalid-range", "a range cannot start at \(low.value.printed) and end at \(high.value.printed)",
        at: span,
        hints: [
          "for a descending sequence, use `stride(from: \(low.value.printed), to: \(high.value.printed), by: -1)`"
        ])
    }
    return .range(range)
  }

  func bound(_ expression: Expression?, _ frame: Frame) throws -> RangeValue.Bound? {
    guard let expression else { return nil }
    let value = try expression.evaluate(frame)
    switch value {
    case .int(let number): return .int(number)
    case .double(let number): return .double(number)
    case .object(let object):
      if let number = try object.number(frame.evaluation) { return .double(number) }
    default: break
    }
    throw frame.problem(
      "type-mismatch", "a range goes from number to number, not from \(value.typeDescription)",
      at: expression.span)
  }
}

/// `{ x in … }`
package final class ClosureExpression: Expression {
  package let code: FunctionCode

  init(_ code: FunctionCode, _ span: Span) {
    self.code = code
    super.init(span)
  }

  package override var children: [Node] { [code] }

  override func evaluate(_ frame: Frame) throws -> Value { .function(try frame.makeFunction(code)) }
}

extension Frame {
  /// A function value of `code` with the variables it captures from this frame.
  func makeFunction(_ code: FunctionCode) throws -> FunctionValue {
    var variables: [Variable] = []
    variables.reserveCapacity(code.captures.count)
    var depth = 0
    for source in code.captures {
      let variable: Variable
      switch source {
      case .box(let index):
        if let known = boxes[index] {
          variable = known
        } else {
          variable = Variable(name: "", era: evaluation.outer.era)
          boxes[index] = variable
        }
      case .capture(let index): variable = captures[index]
      }
      if case .function(let function) = variable.value { depth = max(depth, function.depth) }
      variables.append(variable)
    }
    let function = FunctionValue(.closure(code, captures: variables))
    function.depth = depth + 1
    if function.depth > Value.nestingLimit { throw Value.nestingProblem() }
    return function
  }
}
