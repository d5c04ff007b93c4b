import OrderedCollections

/// Moves what a value holds out of it and leaves void, so that the caller is the only owner and can change it without a copy.
/// (A pattern with `var` inside a `switch` keeps a second reference until the switch ends.)
extension Value {
  mutating func takeInstance() -> StructInstance? {
    guard case .instance(let instance) = self else { return nil }
    self = .void
    return instance
  }

  mutating func takeArray() -> [Value]? {
    guard case .array(let values) = self else { return nil }
    self = .void
    return values
  }

  mutating func takeDictionary() -> OrderedDictionary<Key, Value>? {
    guard case .dictionary(let entries) = self else { return nil }
    self = .void
    return entries
  }

  mutating func takeTuple() -> TupleValue? {
    guard case .tuple(let tuple) = self else { return nil }
    self = .void
    return tuple
  }

  mutating func takeString() -> String? {
    guard case .string(let text) = self else { return nil }
    self = .void
    return text
  }

  /// Which of the kinds with contents this is, without holding on to them.
  enum Kind { case array, dictionary, tuple, instance, object, type, string, null, other }

  var kind: Kind {
    switch self {
    case .array: .array
    case .dictionary: .dictionary
    case .tuple: .tuple
    case .instance: .instance
    case .object: .object
    case .type: .type
    case .string: .string
    case .null: .null
    default: .other
    }
  }

  /// The definition of an instance, without holding on to the instance.
  var instanceDefinition: StructDefinition? {
    if case .instance(let instance) = self { instance.definition } else { nil }
  }
}
