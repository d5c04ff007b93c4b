import Diagnostics
import OrderedCollections

extension StandardLibrary {
  static func registerDictionaries(in builder: RegistryBuilder) {
    builder.type(
      "Dictionary",
      "Values by key, `[\"a\": 1]`, in the order they were added. A value: a copy changes on its own."
    ) { type in
      type.initializer(
        [.labelled("uniqueKeysWithValues", sequence)],
        Documentation(
          "A dictionary from pairs; a key that comes again is an error.",
          example: "Dictionary(uniqueKeysWithValues: zip(names, values))")
      ) { arguments, evaluation in
        var entries: OrderedDictionary<Key, Value> = [:]
        try forEachPair(arguments, "uniqueKeysWithValues", evaluation) { key, value in
          guard entries.updateValue(value, forKey: key) == nil else {
            throw arguments.problem("uniqueKeysWithValues", "the key \(key.value.debugText) comes twice")
          }
        }
        return .dictionary(entries)
      }
      type.initializer(
        [.labelled("grouping", sequence), .labelled("by", .function("(Element) -> Key"))],
        Documentation(
          "The elements of a sequence in arrays, by the key a closure gives.",
          example: "Dictionary(grouping: words) { $0.count }")
      ) { arguments, evaluation in
        let key = try arguments.function("by")
        var groups: OrderedDictionary<Key, [Value]> = [:]
        try evaluation.forEachElement(of: arguments["grouping"]) {
          groups[try dictionaryKey(evaluation.call(key, [$0])), default: []].append($0)
        }
        return .dictionary(groups.mapValues(Value.array))
      }
      registerDictionaryQuestions(in: type)
      registerSequenceMembers(in: type)
      registerDictionaryChanges(in: type)
    }
  }

  private static func registerDictionaryQuestions(in type: TypeBuilder) {
    type.property("count", .int, "The number of entries.", get: { value, _ in .int(value.entries.count) })
    type.property(
      "isEmpty", .bool, "Whether there is no entry.", get: { value, _ in .bool(value.entries.isEmpty) })
    type.property(
      "keys", .array(.any), "The keys, in the order they were added.",
      get: { value, _ in
        .array(value.entries.keys.map(\.value))
      })
    type.property(
      "values", .array(.any), "The values, in the order of their keys.",
      get: { value, _ in
        .array(Array(value.entries.values))
      })
    type.method(
      "mapValues", [.positional("transform", .function("(Value) -> T"))], returns: .dictionary(.any),
      Documentation(
        "The same keys with the results of a closure on each value.",
        example: "gradients.mapValues { $0.norm() }")
    ) { arguments, evaluation in
      let transform = try arguments.function("transform")
      return .dictionary(try arguments.receiver.entries.mapValues { try evaluation.call(transform, [$0]) })
    }
    type.method(
      "compactMapValues", [.positional("transform", .function("(Value) -> T?"))], returns: .dictionary(.any),
      "As `mapValues`, without the nils."
    ) {
      arguments, evaluation in
      let transform = try arguments.function("transform")
      return .dictionary(
        try arguments.receiver.entries.compactMapValues {
          let value = try evaluation.call(transform, [$0])
          return value.isNull ? nil : value
        })
    }
    // Before the sequences' own, which gives an array.
    type.method(
      "filter", [.positional("isIncluded", .function("((key, value)) -> Bool"))], returns: .dictionary(.any),
      "The entries for which a closure is true."
    ) {
      arguments, evaluation in
      let test = try arguments.function("isIncluded")
      return .dictionary(
        try arguments.receiver.entries.filter {
          try evaluation.truth(evaluation.call(test, [entry($0.key, $0.value)]))
        })
    }
    type.method(
      "merging",
      [
        .positional("other", .dictionary(.any)),
        .labelled("uniquingKeysWith", .function("(Value, Value) -> Value")),
      ],
      returns: .dictionary(.any),
      Documentation(
        "Both dictionaries' entries; a closure chooses where both have a key.",
        example: "a.merging(b) { old, new in new }")
    ) { arguments, evaluation in
      .dictionary(try merged(arguments.receiver.entries, arguments, evaluation))
    }
  }

  private static func merged(
    _ entries: OrderedDictionary<Key, Value>, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> OrderedDictionary<Key, Value> {
    let combine = try arguments.function("uniquingKeysWith")
    return try entries.merging(try arguments.dictionary("other")) { try evaluation.call(combine, [$0, $1]) }
  }

  private static func registerDictionaryChanges(in type: TypeBuilder) {
    type.mutatingMethod(
      "removeValue", [.labelled("forKey", .any)], returns: .optional(.any),
      "Takes an entry out and gives its value; nil when there is none."
    ) {
      value, arguments, _ in
      let key = try dictionaryKey(arguments["forKey"])
      return value.changeEntries { $0.removeValue(forKey: key) } ?? .null
    }
    type.mutatingMethod(
      "updateValue", [.positional("value", .any), .labelled("forKey", .any)], returns: .optional(.any),
      "Sets a value and gives the one that was there; nil when there was none."
    ) {
      value, arguments, _ in
      let key = try dictionaryKey(arguments["forKey"])
      return value.changeEntries { $0.updateValue(arguments["value"], forKey: key) } ?? .null
    }
    type.mutatingMethod("removeAll", aliases: ["clear"], "Takes all entries out.") { value, _, _ in
      value = .dictionary([:] as OrderedDictionary<Key, Value>)
      return .void
    }
    type.mutatingMethod(
      "merge",
      [
        .positional("other", .dictionary(.any)),
        .labelled("uniquingKeysWith", .function("(Value, Value) -> Value")),
      ],
      "Adds another dictionary's entries; a closure chooses where both have a key."
    ) { value, arguments, evaluation in
      value = .dictionary(try merged(value.entries, arguments, evaluation))
      return .void
    }
  }

  private static func entry(_ key: Key, _ value: Value) -> Value {
    .tuple(TupleValue([key.value, value], labels: ["key", "value"]))
  }

  private static func dictionaryKey(_ value: Value) throws -> Key {
    guard let key = Key(value) else { throw Value.badKey(value) }
    return key
  }

  private static func forEachPair(
    _ arguments: Arguments, _ name: String, _ evaluation: Evaluation, _ body: (Key, Value) throws -> Void
  ) throws {
    try evaluation.forEachElement(of: arguments[name]) {
      guard let pair = $0.elements, pair.count == 2 else {
        throw arguments.problem(
          name, id: "type-mismatch", "an entry is a pair of key and value, not \($0.typeDescription)")
      }
      try body(dictionaryKey(pair[0]), pair[1])
    }
  }
}

extension Value {
  /// The entries, none for a value that is no dictionary: for receivers that are known to be dictionaries.
  fileprivate var entries: OrderedDictionary<Key, Value> { dictionaryValue ?? [:] }

  fileprivate mutating func changeEntries<Result>(_ body: (inout OrderedDictionary<Key, Value>) -> Result)
    -> Result
  {
    var entries = entries
    self = .void
    defer { self = .dictionary(entries) }
    return body(&entries)
  }
}
