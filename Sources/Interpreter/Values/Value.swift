import OrderedCollections

/// Everything a program can hold.
///
/// Arrays, dictionaries, tuples, ranges and struct instances are values: a copy changes on its own. Functions, types and
/// host objects are references. A `Value` belongs to the evaluator's thread; other threads read ``Snapshot``s.
public enum Value {
  /// What a call without a result gives.
  case void
  /// `nil`. An optional that holds something is just that value.
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([Value])
  /// Keeps the order of insertion.
  indirect case dictionary(OrderedDictionary<Key, Value>)
  indirect case tuple(TupleValue)
  indirect case range(RangeValue)
  case function(FunctionValue)
  /// An instance of a struct the user wrote.
  case instance(StructInstance)
  case type(TypeValue)
  /// `.mse`: a case by name; the parameter it is passed to says of which type.
  case enumCase(String)
  /// A foreign object: a tensor, a model, a table.
  case object(any HostObject)
}

/// A few values side by side, with labels where the user gave some.
public struct TupleValue {
  public var values: [Value]
  /// As many as `values`, or empty when no element has a label.
  public var labels: [String?]

  public init(_ values: [Value], labels: [String?] = []) {
    self.values = values
    self.labels = labels.contains { $0 != nil } ? labels : []
  }

  /// The position of an element by its label or by its number ("0").
  public func index(of name: String) -> Int? {
    if let number = Int(name) { return values.indices.contains(number) ? number : nil }
    return labels.firstIndex { $0 == name }
  }
}

/// `a..<b`, `a...b`, `a...`, `..<b`, `...b`, or `...` alone.
public struct RangeValue: Hashable, Sendable {
  public enum Bound: Hashable, Sendable {
    case int(Int)
    case double(Double)

    public var double: Double {
      switch self {
      case .int(let value): Double(value)
      case .double(let value): value
      }
    }

    public var value: Value {
      switch self {
      case .int(let value): .int(value)
      case .double(let value): .double(value)
      }
    }
  }

  public var lower: Bound?
  public var upper: Bound?
  /// Whether `upper` belongs to the range (`...`).
  public var isClosed: Bool

  public init(lower: Bound?, upper: Bound?, isClosed: Bool) {
    self.lower = lower
    self.upper = upper
    self.isClosed = isClosed
  }

  /// `...` without bounds: a whole axis.
  public static let whole = RangeValue(lower: nil, upper: nil, isClosed: true)
  public var isWhole: Bool { lower == nil && upper == nil }

  /// The integers of a bounded integer range, half open; nil for other ranges, and for those with more integers
  /// than an Int counts.
  public var integers: Range<Int>? {
    guard case .int(let low)? = lower, case .int(let high)? = upper else { return nil }
    if isClosed {
      guard high < Int.max, low <= high + 1, !(high + 1).subtractingReportingOverflow(low).overflow
      else { return nil }
      return low..<(high + 1)
    }
    guard low <= high, !high.subtractingReportingOverflow(low).overflow else { return nil }
    return low..<high
  }
}

/// A key of a dictionary.
public enum Key: Hashable, Sendable {
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case enumCase(String)
  case tuple([Key])

  /// nil when a value of this kind cannot be a key.
  public init?(_ value: Value) {
    switch value {
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .enumCase(let value): self = .enumCase(value)
    case .tuple(let tuple):
      var keys: [Key] = []
      for element in tuple.values {
        guard let key = Key(element) else { return nil }
        keys.append(key)
      }
      self = .tuple(keys)
    default: return nil
    }
  }

  public var value: Value {
    switch self {
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .string(let value): .string(value)
    case .enumCase(let value): .enumCase(value)
    case .tuple(let keys): .tuple(TupleValue(keys.map(\.value)))
    }
  }
}

/// A type as a value: one the registry describes, or a struct the user wrote.
public enum TypeValue {
  case builtin(TypeDescription)
  case definition(StructDefinition)

  public var name: String {
    switch self {
    case .builtin(let type): type.name
    case .definition(let definition): definition.name
    }
  }
}
