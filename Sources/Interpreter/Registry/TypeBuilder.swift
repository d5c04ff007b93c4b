/// Collects the members of one type of the registry.
///
/// Where a closure takes the receiver as a Swift class, the interpreter casts for it:
/// `type.property("shape", .array(.int), "…") { (x: Tensor, _) in … }`.
public final class TypeBuilder {
  let name: String
  var aliases: [String] = []
  var parent: String?
  var documentation: Documentation = ""
  private var initializer = BuiltinDraft()
  private var properties: [String: PropertyDescription] = [:]
  private var methods: [String: BuiltinDraft] = [:]
  private var statics: [String: MemberDescription] = [:]
  private var staticMethods: [String: BuiltinDraft] = [:]
  private var conversion: (@Sendable (Value, Evaluation) throws -> Value?)?

  init(name: String) { self.name = name }

  /// The type itself, as a parameter or result names it.
  public var reference: TypeReference { .named(name) }

  /// `Name(…)`.
  public func initializer(
    _ parameters: [Parameter], _ documentation: Documentation,
    body: @escaping @Sendable (Arguments, Evaluation) throws -> Value
  ) {
    initializer.add(
      Signature(
        parameters: parameters, result: .named(name), documentation: documentation, body: .plain(body)),
      aliases: [])
  }

  /// A property of any value of this type; `set` changes the value in place.
  public func property(
    _ name: String, aliases: [String] = [], _ type: TypeReference, _ documentation: Documentation,
    get: @escaping @Sendable (Value, Evaluation) throws -> Value,
    set: (@Sendable (inout Value, Value, Evaluation) throws -> Void)? = nil
  ) {
    properties[name] = PropertyDescription(
      name: name, aliases: aliases, type: type, documentation: documentation, get: get, set: set)
  }

  /// A property of a host class.
  public func property<Object>(
    _ name: String, aliases: [String] = [], _ type: TypeReference, _ documentation: Documentation,
    get: @escaping @Sendable (Object, Evaluation) throws -> Value,
    set: (@Sendable (Object, Value, Evaluation) throws -> Void)? = nil
  ) where Object: HostObject & SendableMetatype {
    let owner = self.name
    let read: @Sendable (Value, Evaluation) throws -> Value = { value, evaluation in
      try get(value.object(as: Object.self, for: "\(owner).\(name)"), evaluation)
    }
    var write: (@Sendable (inout Value, Value, Evaluation) throws -> Void)?
    if let set {
      write = { value, new, evaluation in
        try set(value.object(as: Object.self, for: "\(owner).\(name)"), new, evaluation)
      }
    }
    properties[name] = PropertyDescription(
      name: name, aliases: aliases, type: type, documentation: documentation, get: read, set: write)
  }

  /// A method; the receiver is `arguments.receiver`, or `arguments.receiver(as: Tensor.self)`. A method named
  /// `callAsFunction` makes objects callable: `model(x, params: fast)`.
  public func method(
    _ name: String, aliases: [String] = [], _ parameters: [Parameter],
    returns result: TypeReference = .void, _ documentation: Documentation,
    body: @escaping @Sendable (Arguments, Evaluation) throws -> Value
  ) {
    methods[name, default: BuiltinDraft()].add(
      Signature(parameters: parameters, result: result, documentation: documentation, body: .plain(body)),
      aliases: aliases)
  }

  /// A method that changes a value in place (`append`); refused on constants.
  public func mutatingMethod(
    _ name: String, aliases: [String] = [], _ parameters: [Parameter],
    returns result: TypeReference = .void, _ documentation: Documentation,
    body: @escaping @Sendable (inout Value, Arguments, Evaluation) throws -> Value
  ) {
    methods[name, default: BuiltinDraft()].add(
      Signature(parameters: parameters, result: result, documentation: documentation, body: .mutating(body)),
      aliases: aliases)
  }

  /// `Name.method(…)`.
  public func staticMethod(
    _ name: String, aliases: [String] = [], _ parameters: [Parameter],
    returns result: TypeReference = .void, _ documentation: Documentation,
    body: @escaping @Sendable (Arguments, Evaluation) throws -> Value
  ) {
    staticMethods[name, default: BuiltinDraft()].add(
      Signature(parameters: parameters, result: result, documentation: documentation, body: .plain(body)),
      aliases: aliases)
  }

  /// A method without parameters.
  public func method(
    _ name: String, aliases: [String] = [], returns result: TypeReference = .void,
    _ documentation: Documentation,
    body: @escaping @Sendable (Arguments, Evaluation) throws -> Value
  ) {
    method(name, aliases: aliases, [], returns: result, documentation, body: body)
  }

  /// A method without parameters that changes a value in place.
  public func mutatingMethod(
    _ name: String, aliases: [String] = [], returns result: TypeReference = .void,
    _ documentation: Documentation,
    body: @escaping @Sendable (inout Value, Arguments, Evaluation) throws -> Value
  ) {
    mutatingMethod(name, aliases: aliases, [], returns: result, documentation, body: body)
  }

  /// `Name.property`.
  public func staticProperty(
    _ name: String, aliases: [String] = [], _ type: TypeReference, _ documentation: Documentation,
    get: @escaping @Sendable (Evaluation) throws -> Value
  ) {
    statics[name] = .property(
      PropertyDescription(
        name: name, aliases: aliases, type: type, documentation: documentation,
        get: { _, evaluation in try get(evaluation) }, set: nil))
  }

  /// A case of an enumeration.
  public func `case`(_ name: String, _ documentation: String, aliases: [String] = []) {
    statics[name] = .case(CaseDescription(name: name, documentation: documentation, aliases: aliases))
  }

  /// Makes a value of this type of another one where a parameter asks for this type: a nested array becomes a tensor.
  /// nil leaves the usual "expected a Tensor".
  public func conversion(_ convert: @escaping @Sendable (Value, Evaluation) throws -> Value?) {
    conversion = convert
  }

  func build(parent: TypeDescription?) -> TypeDescription {
    var members: [String: MemberDescription] = [:]
    var spellings: [String: String] = [:]
    for (name, property) in properties {
      members[name] = .property(property)
      for alias in property.aliases { spellings[alias] = name }
    }
    var besideProperties: [String: Builtin] = [:]
    for (name, draft) in methods {
      let method = draft.builtin(name: name, owner: self.name)
      if members[name] == nil { members[name] = .method(method) } else { besideProperties[name] = method }
      for alias in draft.aliases { spellings[alias] = name }
    }
    var statics = statics
    var staticSpellings: [String: String] = [:]
    for (name, draft) in staticMethods {
      statics[name] = .method(draft.builtin(name: name, owner: self.name))
      for alias in draft.aliases { staticSpellings[alias] = name }
    }
    for (name, member) in statics {
      switch member {
      case .case(let description): for alias in description.aliases { staticSpellings[alias] = name }
      case .property(let property): for alias in property.aliases { staticSpellings[alias] = name }
      case .method: break
      }
    }
    return TypeDescription(
      name: name, aliases: aliases, parent: parent, documentation: documentation,
      initializer: initializer.signatures.isEmpty ? nil : initializer.builtin(name: name, owner: nil),
      members: members, methodsBesideProperties: besideProperties, staticMembers: statics,
      memberSpellings: spellings, staticSpellings: staticSpellings,
      conversion: conversion)
  }
}
