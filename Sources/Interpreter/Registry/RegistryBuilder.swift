import OrderedCollections

/// Collects builtins; ``build()`` makes the immutable ``Registry``. Registering a name again adds a signature to it.
public final class RegistryBuilder {
  var functions: [String: BuiltinDraft] = [:]
  var constants: [String: ConstantDescription] = [:]
  var types: [String: TypeBuilder] = [:]
  var typeOrder: [String] = []
  var hooks: [String: StructHook] = [:]
  var habits: [Habit] = []
  var errorDescribers: [@Sendable (any Error) -> ErrorDescription?] = []
  private let topicOrder: [Topic]
  private var topic = Topic.others
  private var placed: OrderedDictionary<String, (topic: Topic, isDocumented: Bool)> = [:]

  /// `topics` are those of the reference in reading order; others follow as they come.
  public init(topics: [Topic] = []) { topicOrder = topics }

  /// Puts what is registered inside under a topic of the reference; the innermost topic counts.
  public func topic(_ topic: Topic, _ register: () -> Void) {
    let outer = self.topic
    self.topic = topic
    register()
    self.topic = outer
  }

  /// A name stays in the topic where it is first described; opening a type only to add members describes nothing.
  private func place(_ name: String, isDocumented: Bool = true) {
    if let place = placed[name], place.isDocumented || !isDocumented { return }
    placed[name] = (topic, isDocumented)
  }

  /// A global function. Aliases are further names for it, in any of the signatures' registrations.
  public func function(
    _ name: String, aliases: [String] = [], _ parameters: [Parameter], returns result: TypeReference = .void,
    _ documentation: Documentation,
    body: @escaping @Sendable (Arguments, Evaluation) throws -> Value
  ) {
    place(name)
    functions[name, default: BuiltinDraft()].add(
      Signature(parameters: parameters, result: result, documentation: documentation, body: .plain(body)),
      aliases: aliases)
  }

  /// A global name for a constant value.
  public func constant(
    _ name: String, _ value: Constant, _ type: TypeReference, _ documentation: Documentation
  ) {
    place(name)
    constants[name] = ConstantDescription(name: name, value: value, type: type, documentation: documentation)
  }

  /// A type, opened again when it is already there. `parent` gives it another type's members too.
  ///
  /// The language's own kinds of value have the names `Int Double Bool String Array Dictionary Tuple Range Function
  /// Optional EnumCase`.
  public func type(
    _ name: String, aliases: [String] = [], parent: String? = nil, _ documentation: Documentation = "",
    _ members: (TypeBuilder) -> Void
  ) {
    place(name, isDocumented: !documentation.summary.isEmpty)
    let builder: TypeBuilder
    if let known = types[name] {
      builder = known
    } else {
      builder = TypeBuilder(name: name)
      types[name] = builder
      typeOrder.append(name)
    }
    builder.aliases += aliases
    if let parent { builder.parent = parent }
    if !documentation.summary.isEmpty { builder.documentation = documentation }
    members(builder)
  }

  /// An enumeration: its cases are written `.mean` wherever a parameter has this type, or `Reduction.mean`.
  public func enumeration(
    _ name: String, _ documentation: Documentation,
    cases: KeyValuePairs<String, String>, aliases: [String: String] = [:]
  ) {
    type(name, documentation) { type in
      for (name, documentation) in cases {
        type.case(name, documentation, aliases: aliases.filter { $0.value == name }.map(\.key))
      }
    }
  }

  public func structHook(
    _ name: String, typeName: String, _ documentation: Documentation,
    check: @escaping @Sendable (StructDefinition) -> [String] = { _ in [] },
    make: @escaping @Sendable (StructInstance, Evaluation) throws -> any HostObject
  ) {
    place(name)
    hooks[name] = StructHook(
      name: name, typeName: typeName, documentation: documentation, check: check, make: make)
  }

  /// A PyTorch habit and its answer.
  public func habit(_ place: Habit.Place, _ name: String, message: String, hint: String) {
    habits.append(Habit(place, name, message: message, hint: hint))
  }

  /// Words errors of a host library; the first describer that knows an error is taken.
  public func describeErrors(_ describer: @escaping @Sendable (any Error) -> ErrorDescription?) {
    errorDescribers.append(describer)
  }

  public func build() -> Registry {
    var globals: [String: GlobalDescription] = [:]
    var spellings: [String: String] = [:]
    var built: [String: TypeDescription] = [:]
    for name in typeOrder { _ = makeType(name, into: &built, visiting: []) }
    for (name, type) in built where type.initializer != nil || !type.staticMembers.isEmpty {
      globals[name] = .type(type)
    }
    for (name, type) in built { for alias in type.aliases { spellings[alias] = name } }
    for (name, constant) in constants { globals[name] = .constant(constant) }
    for (name, draft) in functions {
      globals[name] = .function(draft.builtin(name: name, owner: nil))
      for alias in draft.aliases { spellings[alias] = name }
    }
    var mutating: Set<String> = []
    for type in built.values {
      for case .method(let method) in type.members.values where method.isMutating {
        mutating.insert(method.name)
        mutating.formUnion(method.aliases)
      }
    }
    var contents: OrderedDictionary<Topic, [String]> = [:]
    for topic in topicOrder { contents[topic] = [] }
    for (name, place) in placed { contents[place.topic, default: []].append(name) }
    return Registry(
      globals: globals, types: built, hooks: hooks, habits: habits, mutatingNames: mutating,
      globalSpellings: spellings, errorDescribers: errorDescribers,
      topics: contents.filter { !$0.value.isEmpty }.map { TopicContents(topic: $0.key, names: $0.value) })
  }

  private func makeType(
    _ name: String, into built: inout [String: TypeDescription], visiting: Set<String>
  ) -> TypeDescription? {
    if let known = built[name] { return known }
    guard let draft = types[name], !visiting.contains(name) else { return nil }
    let parent = draft.parent.flatMap { makeType($0, into: &built, visiting: visiting.union([name])) }
    let type = draft.build(parent: parent)
    built[name] = type
    return type
  }
}

/// The signatures of a name while they are collected.
struct BuiltinDraft {
  var aliases: [String] = []
  var signatures: [Signature] = []

  mutating func add(_ signature: Signature, aliases: [String]) {
    signatures.append(signature)
    self.aliases += aliases
  }

  func builtin(name: String, owner: String?) -> Builtin {
    Builtin(name: name, owner: owner, aliases: aliases, signatures: signatures)
  }
}
