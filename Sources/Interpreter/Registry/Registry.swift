/// What a global name of the registry is.
public enum GlobalDescription: Sendable {
  case function(Builtin)
  case type(TypeDescription)
  case constant(ConstantDescription)

  public var name: String {
    switch self {
    case .function(let builtin): builtin.name
    case .type(let type): type.name
    case .constant(let constant): constant.name
    }
  }

  public var documentation: Documentation {
    switch self {
    case .function(let builtin): builtin.signatures.first?.documentation ?? ""
    case .type(let type): type.documentation
    case .constant(let constant): constant.documentation
    }
  }
}

/// A named constant: `pi`.
public struct ConstantDescription: Sendable {
  public let name: String
  public let value: Constant
  public let type: TypeReference
  public let documentation: Documentation
}

/// Describes every builtin: binding, checks, completion, inspection, help and the reference page read it.
///
/// Made by ``RegistryBuilder``; immutable, and any thread may read it.
public final class Registry: Sendable {
  /// Functions, types and constants by their own names.
  public let globals: [String: GlobalDescription]
  /// All types by name, also those that are no global name.
  public let types: [String: TypeDescription]
  public let hooks: [String: StructHook]
  public let habits: [Habit]
  /// Every name of ``globals``, ``types`` and ``hooks`` once, by topic.
  public let topics: [TopicContents]
  /// Names of all methods that change their receiver.
  public let mutatingNames: Set<String>
  let globalSpellings: [String: String]
  let errorDescribers: [@Sendable (any Error) -> ErrorDescription?]
  let kinds: KindTypes

  init(
    globals: [String: GlobalDescription], types: [String: TypeDescription], hooks: [String: StructHook],
    habits: [Habit], mutatingNames: Set<String>, globalSpellings: [String: String],
    errorDescribers: [@Sendable (any Error) -> ErrorDescription?], topics: [TopicContents]
  ) {
    self.globals = globals
    self.types = types
    self.hooks = hooks
    self.habits = habits
    self.mutatingNames = mutatingNames
    self.globalSpellings = globalSpellings
    self.errorDescribers = errorDescribers
    self.topics = topics
    kinds = KindTypes(types)
  }

  /// A global by any spelling: exact, an alias, camelCase of snake_case, without a leading `get_`.
  public func global(_ spelling: String) -> GlobalDescription? {
    for candidate in Spelling.candidates(spelling) {
      if let found = globals[candidate] { return found }
      if let name = globalSpellings[candidate] { return globals[name] }
    }
    return nil
  }

  public func habit(_ place: Habit.Place, _ name: String) -> Habit? {
    habits.first { $0.place == place && $0.name == name }
  }

  /// The registry's type of a value; nil for functions, types, void and structs of the user.
  public func type(of value: Value) -> TypeDescription? {
    switch value {
    case .void: kinds.void
    case .null: kinds.null
    case .bool: kinds.bool
    case .int: kinds.int
    case .double: kinds.double
    case .string: kinds.string
    case .array: kinds.array
    case .dictionary: kinds.dictionary
    case .tuple: kinds.tuple
    case .range: kinds.range
    case .function: kinds.function
    case .instance, .type: nil
    case .enumCase: kinds.enumCase
    case .object(let object): types[object.typeName]
    }
  }

  func describe(_ error: any Error) -> ErrorDescription? {
    for describer in errorDescribers {
      if let description = describer(error) { return description }
    }
    return nil
  }
}

/// The registry types of the language's own kinds of value, found once.
struct KindTypes: Sendable {
  let void, null, bool, int, double, string, array, dictionary, tuple, range, function,
    enumCase: TypeDescription?

  init(_ types: [String: TypeDescription]) {
    void = types["Void"]
    null = types["Optional"]
    bool = types["Bool"]
    int = types["Int"]
    double = types["Double"]
    string = types["String"]
    array = types["Array"]
    dictionary = types["Dictionary"]
    tuple = types["Tuple"]
    range = types["Range"]
    function = types["Function"]
    enumCase = types["EnumCase"]
  }
}
