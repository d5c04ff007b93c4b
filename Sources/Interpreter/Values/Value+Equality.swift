import Diagnostics
import OrderedCollections

extension Value {
  /// `==` between values of the language; host objects are asked by ``Operators``, and are otherwise equal when they are
  /// the same object. Int and Double compare as numbers.
  public func isEqual(to other: Value) -> Bool {
    switch (self, other) {
    case (.void, .void), (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.int(let a), .double(let b)): Double(a) == b
    case (.double(let a), .int(let b)): a == Double(b)
    case (.string(let a), .string(let b)): a == b
    case (.enumCase(let a), .enumCase(let b)): a == b
    case (.range(let a), .range(let b)): a == b
    case (.array(let a), .array(let b)): Self.areEqual(a, b)
    case (.tuple(let a), .tuple(let b)): Self.areEqual(a.values, b.values)
    case (.dictionary(let a), .dictionary(let b)):
      // As in Swift, the order of the entries does not count.
      a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isEqual(to: $0) } ?? false }
    case (.instance(let a), .instance(let b)):
      a === b || (a.definition === b.definition && Self.areEqual(a.fields, b.fields))
    case (.type(let a), .type(let b)): a.name == b.name
    case (.function(let a), .function(let b)): a === b
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }

  private static func areEqual(_ a: [Value], _ b: [Value]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.isEqual(to: $1) }
  }

  /// Whether this comes before the other: numbers, strings, Bools, and tuples or arrays of them; nil when they have no order.
  public func isLess(than other: Value) -> Bool? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a < b
    case (.string(let a), .string(let b)): return a < b
    case (.bool(let a), .bool(let b)): return !a && b
    case (.tuple(let a), .tuple(let b)): return Self.isLess(a.values, b.values)
    case (.array(let a), .array(let b)): return Self.isLess(a, b)
    default:
      guard let a = numericValue, let b = other.numericValue else { return nil }
      return a < b
    }
  }

  private static func isLess(_ a: [Value], _ b: [Value]) -> Bool? {
    for (left, right) in zip(a, b) {
      guard let less = left.isLess(than: right) else { return nil }
      if less { return true }
      if !left.isEqual(to: right) { return false }
    }
    return a.count < b.count
  }
}
