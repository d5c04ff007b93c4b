/// A property of a builtin type.
public struct PropertyDescription: Sendable {
  public let name: String
  public let aliases: [String]
  public let type: TypeReference
  public let documentation: Documentation
  let get: @Sendable (Value, Evaluation) throws -> Value
  let set: (@Sendable (inout Value, Value, Evaluation) throws -> Void)?

  public var isSettable: Bool { self.set != nil }
}

/// A case of an enumeration: `.mean`.
public struct CaseDescription: Sendable {
  public let name: String
  public let documentation: String
  public let aliases: [String]
}

/// What a name after a dot means.
public enum MemberDescription: Sendable {
  case property(PropertyDescription)
  case method(Builtin)
  case `case`(CaseDescription)

  public var name: String {
    switch self {
    case .property(let property): property.name
    case .method(let method): method.name
    case .case(let description): description.name
    }
  }

  public var documentation: Documentation {
    switch self {
    case .property(let property): property.documentation
    case .method(let method): method.signatures.first?.documentation ?? ""
    case .case(let description): Documentation(description.documentation)
    }
  }
}

/// A type of the registry: what it is called, how it is made, and its members. Immutable; any thread may read it.
public final class TypeDescription: Sendable {
  public let name: String
  public let aliases: [String]
  /// The type whose members this one has too.
  public let parent: TypeDescription?
  public let documentation: Documentation
  public let initializer: Builtin?
  /// Own members by name, without the parent's.
  public let members: [String: MemberDescription]
  /// Methods that share their name with a property: `first` and `first(where:)`. A call means the method.
  public let methodsBesideProperties: [String: Builtin]
  /// `Tensor.something`, and the cases of an enumeration.
  public let staticMembers: [String: MemberDescription]
  let memberSpellings: [String: String]
  let staticSpellings: [String: String]
  let conversion: (@Sendable (Value, Evaluation) throws -> Value?)?

  init(
    name: String, aliases: [String], parent: TypeDescription?, documentation: Documentation,
    initializer: Builtin?, members: [String: MemberDescription],
    methodsBesideProperties: [String: Builtin] = [:],
    staticMembers: [String: MemberDescription], memberSpellings: [String: String],
    staticSpellings: [String: String],
    conversion: (@Sendable (Value, Evaluation) throws -> Value?)?
  ) {
    self.name = name
    self.aliases = aliases
    self.parent = parent
    self.documentation = documentation
    self.initializer = initializer
    self.members = members
    self.methodsBesideProperties = methodsBesideProperties
    self.staticMembers = staticMembers
    self.memberSpellings = memberSpellings
    self.staticSpellings = staticSpellings
    self.conversion = conversion
  }

  /// A member by any spelling, own or inherited: exact, an alias, camelCase of snake_case, without a leading `get_`.
  public func member(_ spelling: String) -> MemberDescription? {
    if let exact = memberSpelled(spelling) { return exact }
    for candidate in Spelling.candidates(spelling).dropFirst() {
      if let member = memberSpelled(candidate) { return member }
    }
    return nil
  }

  private func memberSpelled(_ name: String) -> MemberDescription? {
    var type: TypeDescription? = self
    while let current = type {
      if let member = current.members[name] { return member }
      if let own = current.memberSpellings[name] { return current.members[own] }
      type = current.parent
    }
    return nil
  }

  /// What a call of that name means, where a property has the name too; nil otherwise.
  func methodBesideProperty(_ name: String) -> Builtin? {
    var type: TypeDescription? = self
    while let current = type {
      if let method = current.methodsBesideProperties[name] { return method }
      type = current.parent
    }
    return nil
  }

  public func staticMember(_ spelling: String) -> MemberDescription? {
    for candidate in Spelling.candidates(spelling) {
      if let member = staticMembers[candidate] { return member }
      if let name = staticSpellings[candidate] { return staticMembers[name] }
    }
    return nil
  }

  /// Names of all members, inherited ones too, sorted.
  public var allMemberNames: [String] {
    var names = Set(members.keys)
    var type = parent
    while let current = type {
      names.formUnion(current.members.keys)
      type = current.parent
    }
    return names.sorted()
  }

  /// Cases, in alphabetical order; empty for a type that is no enumeration.
  public var caseNames: [String] {
    staticMembers.values.compactMap { if case .case(let description) = $0 { description.name } else { nil } }
      .sorted()
  }

  /// Whether this is the type of that name or one of its children.
  public func isKind(of name: String) -> Bool {
    var type: TypeDescription? = self
    while let current = type {
      if current.name == name { return true }
      type = current.parent
    }
    return false
  }
}
