import Diagnostics
import Glibc

/// What the operators do to values. Problems have no place yet; the expression adds it.
package enum Operators {
  package static func apply(
    _ operation: BinaryOperator, _ left: Value, _ right: Value, _ evaluation: Evaluation
  ) throws -> Value {
    switch (left, right) {
    case (.int(let a), .int(let b)): return try integers(operation, a, b, evaluation)
    case (.double(let a), .double(let b)):
      if let result = doubles(operation, a, b) { return result }
    case (.int(let a), .double(let b)):
      if let result = doubles(operation, Double(a), b) { return result }
    case (.double(let a), .int(let b)):
      if let result = doubles(operation, a, Double(b)) { return result }
    case (.string(let a), .string(let b)):
      if operation == .add { return .string(a + b) }
    case (.array(let a), .array(let b)):
      if operation == .add { return .array(a + b) }
    case (.bool(let a), .bool(let b)):
      switch operation {
      case .bitAnd: return .bool(a && b)
      case .bitOr: return .bool(a || b)
      case .bitXor: return .bool(a != b)
      default: break
      }
    default: break
    }
    if case .object(let object) = left,
      let result = try object.binary(operation, right, on: .left, evaluation)
    {
      return result
    }
    if case .object(let object) = right,
      let result = try object.binary(operation, left, on: .right, evaluation)
    {
      return result
    }
    switch operation {
    case .equal: return .bool(left.isEqual(to: right))
    case .notEqual: return .bool(!left.isEqual(to: right))
    case .less:
      if let result = left.isLess(than: right) { return .bool(result) }
    case .greater:
      if let result = right.isLess(than: left) { return .bool(result) }
    case .lessOrEqual:
      if let result = right.isLess(than: left) { return .bool(!result) }
    case .greaterOrEqual:
      if let result = left.isLess(than: right) { return .bool(!result) }
    default: break
    }
    throw mismatch(operation, left, right)
  }

  private static func integers(
    _ operation: BinaryOperator, _ a: Int, _ b: Int, _ evaluation: Evaluation
  ) throws -> Value {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide:
      guard b != 0 else { throw divisionByZero() }
      result = a.dividedReportingOverflow(by: b)
      if !result.overflow, result.partialValue.multipliedReportingOverflow(by: b).partialValue != a {
        evaluation.note(
          Diagnostic(
            id: "integer-division", severity: .note,
            message: "\(a) / \(b) is \(result.partialValue): between two Ints, `/` drops the fraction",
            hints: ["for \(Double(a) / Double(b)), write `Double(…) / …` or a literal such as `\(b).0`"]),
          once: true)
      }
    case .remainder:
      guard b != 0 else { throw divisionByZero() }
      result = a.remainderReportingOverflow(dividingBy: b)
    case .equal: return .bool(a == b)
    case .notEqual: return .bool(a != b)
    case .less: return .bool(a < b)
    case .lessOrEqual: return .bool(a <= b)
    case .greater: return .bool(a > b)
    case .greaterOrEqual: return .bool(a >= b)
    case .bitAnd: return .int(a & b)
    case .bitOr: return .int(a | b)
    case .bitXor: return .int(a ^ b)
    case .shiftLeft: return .int(a << b)
    case .shiftRight: return .int(a >> b)
    }
    guard !result.overflow else {
      throw Diagnostic(
        id: "integer-overflow",
        message: "\(a) \(operation.rawValue) \(b) does not fit in an Int",
        hints: ["compute with Doubles: `Double(…)`"])
    }
    return .int(result.partialValue)
  }

  private static func divisionByZero() -> Diagnostic {
    Diagnostic(
      id: "division-by-zero", message: "division of an Int by zero",
      hints: ["check the divisor first; between Doubles, the result is inf or nan"])
  }

  private static func doubles(_ operation: BinaryOperator, _ a: Double, _ b: Double) -> Value? {
    switch operation {
    case .add: .double(a + b)
    case .subtract: .double(a - b)
    case .multiply: .double(a * b)
    case .divide: .double(a / b)
    case .remainder: .double(fmod(a, b))
    case .equal: .bool(a == b)
    case .notEqual: .bool(a != b)
    case .less: .bool(a < b)
    case .lessOrEqual: .bool(a <= b)
    case .greater: .bool(a > b)
    case .greaterOrEqual: .bool(a >= b)
    case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight: nil
    }
  }

  private static func mismatch(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Diagnostic {
    var hints: [String] = []
    if operation == .add {
      if case .string = left { hints = ["put the value into the string: `\"… \\(value)\"`"] }
      if case .string = right, hints.isEmpty { hints = ["put the value into the string: `\"\\(value) …\"`"] }
      if case .array = left, hints.isEmpty { hints = ["to add one element, use `append` or `+ [element]`"] }
    }
    switch (operation, left, right) {
    case (.remainder, .string, _): hints = ["write `String(format: \"%.2f\", x)`"]
    case (_, .dictionary, _): hints = ["go through its entries: `dictionary.mapValues { $0 * 2 }`"]
    case (_, _, .dictionary): hints = ["go through its entries: `dictionary.mapValues { 2 * $0 }`"]
    default: break
    }
    if case .null = left { hints = ["give a value for nil with `??`, or test it with `if let`"] }
    if case .null = right { hints = ["give a value for nil with `??`, or test it with `if let`"] }
    return Diagnostic(
      id: "type-mismatch",
      message:
        "`\(operation.rawValue)` does not work between \(left.typeDescription) and \(right.typeDescription)",
      hints: hints)
  }

  package static func apply(_ operation: UnaryOperator, _ operand: Value, _ evaluation: Evaluation) throws
    -> Value
  {
    switch (operation, operand) {
    case (.minus, .int(let value)):
      guard value != Int.min else {
        throw Diagnostic(id: "integer-overflow", message: "-(\(value)) does not fit in an Int")
      }
      return .int(-value)
    case (.minus, .double(let value)): return .double(-value)
    case (.plus, .int), (.plus, .double): return operand
    case (.not, .bool(let value)): return .bool(!value)
    case (_, .object(let object)):
      if let result = try object.unary(operation, evaluation) { return result }
      if operation == .not, let truth = try object.truth(evaluation) { return .bool(!truth) }
    default: break
    }
    throw Diagnostic(
      id: "type-mismatch", message: "`\(operation.rawValue)` does not work on \(operand.typeDescription)")
  }
}

extension Evaluation {
  /// A value as a condition: a Bool, or a host object that serves as one.
  public func truth(_ value: Value) throws -> Bool {
    switch value {
    case .bool(let flag): return flag
    case .object(let object):
      if let flag = try object.truth(self) { return flag }
    default: break
    }
    var hints: [String] = []
    switch value {
    case .int, .double: hints = ["compare it: `… != 0`"]
    case .array, .string, .dictionary: hints = ["write `!….isEmpty`"]
    case .null: hints = ["write `… != nil`"]
    default: break
    }
    throw Diagnostic(
      id: "type-mismatch", message: "a condition must be a Bool, not \(value.typeDescription)", hints: hints)
  }
}
