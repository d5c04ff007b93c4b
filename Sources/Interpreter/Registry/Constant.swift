import OrderedCollections

/// A value that can be written down in the registry: defaults and constants. Written as a Swift literal: `0.001`, `nil`,
/// `[1, 1]`, `.tuple([0.9, 0.999])`, `.case("mean")`.
public indirect enum Constant: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case `case`(String)
  case array([Constant])
  case tuple([Constant])
  /// A default that is worked out by the builtin: shown as this text, passed as `nil`.
  case computed(String)

  public var value: Value {
    switch self {
    case .null, .computed: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .string(let value): .string(value)
    case .case(let name): .enumCase(name)
    case .array(let values): .array(values.map(\.value))
    case .tuple(let values): .tuple(TupleValue(values.map(\.value)))
    }
  }
}

extension Constant: CustomStringConvertible {
  /// As it is written in the language.
  public var description: String {
    switch self {
    case .null: "nil"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value): value.debugDescription
    case .case(let name): ".\(name)"
    case .array(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .tuple(let values): "(\(values.map(\.description).joined(separator: ", ")))"
    case .computed(let text): text
    }
  }
}

extension Constant: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Constant...) { self = .array(elements) }
}
