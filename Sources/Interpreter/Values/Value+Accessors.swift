import Diagnostics
import OrderedCollections

extension Value {
  /// An `Int` or `Double` as a `Double`; nil for anything else.
  public var numericValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  public var intValue: Int? { if case .int(let value) = self { value } else { nil } }
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  public var arrayValue: [Value]? { if case .array(let value) = self { value } else { nil } }
  public var functionValue: FunctionValue? { if case .function(let value) = self { value } else { nil } }
  public var isNull: Bool { if case .null = self { true } else { false } }
  public var isVoid: Bool { if case .void = self { true } else { false } }

  public var dictionaryValue: OrderedDictionary<Key, Value>? {
    if case .dictionary(let value) = self { value } else { nil }
  }

  /// Elements of an array or tuple; nil for anything else.
  public var elements: [Value]? {
    switch self {
    case .array(let values): values
    case .tuple(let tuple): tuple.values
    default: nil
    }
  }

  /// The host object as a Swift class or protocol; nil when it is something else.
  public func object<Object>(as type: Object.Type = Object.self) -> Object? {
    if case .object(let object) = self { object as? Object } else { nil }
  }

  func object<Object>(as type: Object.Type, for member: String) throws -> Object {
    if case .object(let object) = self, let object = object as? Object { return object }
    throw Diagnostic(id: "type-mismatch", message: "`\(member)` cannot be used on \(typeDescription)")
  }

  /// A dictionary with string keys.
  public static func dictionary(_ entries: some Sequence<(String, Value)>) -> Value {
    .dictionary(OrderedDictionary(entries.map { (Key.string($0.0), $0.1) }, uniquingKeysWith: { $1 }))
  }

  public static func tuple(_ values: Value...) -> Value { .tuple(TupleValue(values)) }
  public static func strings(_ values: some Sequence<String>) -> Value { .array(values.map(Value.string)) }
  public static func ints(_ values: some Sequence<Int>) -> Value { .array(values.map(Value.int)) }
  public static func doubles(_ values: some Sequence<Double>) -> Value { .array(values.map(Value.double)) }

  /// The type as the language writes it: `Int`, `[Double]`, `Tensor`, `Net`.
  public var typeName: String {
    switch self {
    case .void: "Void"
    case .null: "nil"
    case .bool: "Bool"
    case .int: "Int"
    case .double: "Double"
    case .string: "String"
    case .array(let values): "[\(Value.commonTypeName(values))]"
    case .dictionary(let entries):
      "[\(Value.commonTypeName(entries.keys.lazy.map(\.value))): \(Value.commonTypeName(entries.values))]"
    case .tuple(let tuple): "(\(tuple.values.map(\.typeName).joined(separator: ", ")))"
    case .range(let range): range.isClosed ? "ClosedRange" : "Range"
    case .function: "Function"
    case .instance(let instance): instance.definition.name
    case .type(let type): "\(type.name).Type"
    case .enumCase: "case"
    case .object(let object): object.structInstance?.definition.name ?? object.typeName
    }
  }

  /// The type with its article, for messages: `an Int`, `a Tensor`, `nil`.
  public var typeDescription: String {
    switch self {
    case .null: return "nil"
    case .void: return "nothing (Void)"
    case .function: return "a function"
    case .range: return "a range"
    case .enumCase(let name): return "the case `.\(name)`"
    case .array(let values) where values.isEmpty: return "an empty array"
    case .dictionary(let entries) where entries.isEmpty: return "an empty dictionary"
    default:
      let name = typeName
      return "AEIOaeio".contains(name.first ?? " ") ? "an \(name)" : "a \(name)"
    }
  }

  /// Looks at a few elements only, so that a large array is named as quickly as a small one.
  private static func commonTypeName(_ values: some Sequence<Value>) -> String {
    var found: String?
    for value in values.prefix(8) {
      let name: String
      switch value {
      case .array, .dictionary, .tuple: name = value.shallowTypeName
      default: name = value.typeName
      }
      if let known = found {
        if known == name { continue }
        if Set([known, name]) == ["Int", "Double"] {
          found = "Double"
          continue
        }
        return "Any"
      }
      found = name
    }
    return found ?? "Any"
  }

  private var shallowTypeName: String {
    switch self {
    case .array(let values):
      guard let first = values.first else { return "[Any]" }
      var depth = 1
      var inner = first
      while case .array(let next) = inner, let value = next.first, depth < 8 {
        inner = value
        depth += 1
      }
      switch inner {
      case .array, .dictionary, .tuple: return "[Any]"
      default:
        return String(repeating: "[", count: depth) + inner.typeName + String(repeating: "]", count: depth)
      }
    case .dictionary: return "[String: Any]"
    case .tuple: return "tuple"
    default: return typeName
    }
  }
}
