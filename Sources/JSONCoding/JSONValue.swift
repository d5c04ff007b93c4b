public import OrderedCollections

/// A JSON value. Objects keep the order of their keys, and integers are told from floating-point numbers.
///
/// ```swift
/// let reply: JSONValue = ["status": "ok", "execution_count": 3]
/// reply["status"]?.string       // "ok"
/// reply.serialized()            // {"status":"ok","execution_count":3}
/// try JSONValue(parsing: "[1, 2.5, null]")[1]?.double
/// ```
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(OrderedDictionary<String, JSONValue>)

  /// An object without members.
  public static var emptyObject: JSONValue { .object([:]) }
}

extension JSONValue {
  /// The text, when this is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value, when this is `true` or `false`.
  public var bool: Bool? {
    if case .bool(let truth) = self { truth } else { nil }
  }

  /// The integer, when this is one, or a floating-point number without a fraction that an `Int` can hold.
  public var int: Int? {
    switch self {
    case .int(let number): number
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The number, when this is one of either kind.
  public var double: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// The elements, when this is an array.
  public var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members, when this is an object.
  public var object: OrderedDictionary<String, JSONValue>? {
    if case .object(let members) = self { members } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The member with a key: `nil` when it is absent or this is no object.
  ///
  /// Setting a member of `null` makes an object of it; of any other value, it does nothing.
  /// Setting `nil` removes the member.
  public subscript(key: String) -> JSONValue? {
    get {
      if case .object(let members) = self { members[key] } else { nil }
    }
    set {
      switch self {
      case .object(var members):
        self = .null  // leaves `members` the only owner of its storage
        members[key] = newValue
        self = .object(members)
      case .null:
        if let newValue { self = .object([key: newValue]) }
      default:
        break
      }
    }
  }

  /// The element at a position: `nil` when there is none or this is no array.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
  }
}
