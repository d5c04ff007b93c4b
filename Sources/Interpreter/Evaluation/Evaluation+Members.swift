import Diagnostics

/// The registry member a call site found last time.
final class MemberCache {
  var type: TypeDescription?
  var member: MemberDescription?
}

/// What `value.name(…)` calls.
enum MethodReference {
  case code(FunctionCode)
  case builtin(Builtin)
  /// A property that holds something callable.
  case value(Value)
}

/// A method that changes its receiver.
enum MutatingMethod {
  case code(FunctionCode)
  case builtin(Builtin)
}

extension Evaluation {
  private func registryMember(_ name: String, of value: Value, _ cache: MemberCache) -> MemberDescription? {
    guard let type = registry.type(of: value) else { return nil }
    if cache.type === type { return cache.member }
    let member = type.member(name)
    cache.type = type
    cache.member = member
    return member
  }

  /// `value.name`
  public func member(_ name: String, of value: Value) throws -> Value {
    try member(name, of: value, MemberCache())
  }

  func member(_ name: String, of value: Value, _ cache: MemberCache) throws -> Value {
    if let definition = value.definition, let instance = value.structInstance {
      if let index = definition.storedIndex[name] { return instance.fields[index] }
      if let computed = definition.computed[name] {
        return try invoke(computed.getter, captures: [], receiver: value, CallArguments([])).result
      }
      if let method = definition.methods[name] {
        return .function(FunctionValue(.method(method, receiver: value)))
      }
    }
    if let member = registryMember(name, of: value, cache) {
      switch member {
      case .property(let property): return try property.get(value, self)
      case .method(let method): return .function(FunctionValue(.bound(method, receiver: value)))
      case .case: break
      }
    }
    switch value {
    case .tuple(let tuple):
      if let index = tuple.index(of: name) { return tuple.values[index] }
    case .object(let object):
      for candidate in Spelling.candidates(name) {
        if let result = try object.member(candidate, self) { return result }
      }
    case .type(let type):
      if let result = try staticMember(name, of: type) { return result }
    default: break
    }
    throw unknownMember(name, of: value)
  }

  private func staticMember(_ name: String, of type: TypeValue) throws -> Value? {
    switch type {
    case .definition(let definition):
      if let variable = definition.staticVariables[name] { return try variable.read() }
      if let method = definition.staticMethods[name] {
        return .function(FunctionValue(.method(method, receiver: .type(type))))
      }
      if name == "init" { return .type(type) }
    case .builtin(let description):
      switch description.staticMember(name) {
      case .property(let property)?: return try property.get(.void, self)
      case .method(let method)?: return .function(FunctionValue(method))
      case .case(let found)?: return .enumCase(found.name)
      case nil: break
      }
      if name == "init" { return .type(type) }
    }
    return nil
  }

  /// What `value.name(…)` calls.
  func method(_ name: String, of value: Value, _ cache: MemberCache) throws -> MethodReference {
    if let method = value.definition?.methods[name] { return .code(method) }
    if value.definition?.hasProperty(name) != true {
      switch registryMember(name, of: value, cache) {
      case .method(let method)?: return .builtin(method)
      case .property?:
        if let method = registry.type(of: value)?.methodBesideProperty(name) { return .builtin(method) }
      default: break
      }
    }
    if case .type(.builtin(let type)) = value, case .method(let method)? = type.staticMember(name) {
      return .builtin(method)
    }
    return .value(try member(name, of: value, cache))
  }

  /// nil when the method leaves its receiver as it is (or is not there: the call reports that).
  func mutatingMethod(_ name: String, of value: Value) -> MutatingMethod? {
    switch value {
    case .instance(let instance):
      if let method = instance.definition.methods[name], method.isMutating { return .code(method) }
    case .object, .type, .function: return nil
    default:
      if case .method(let method)? = registry.type(of: value)?.member(name), method.isMutating {
        return .builtin(method)
      }
    }
    return nil
  }

  func callMutating(
    _ method: MutatingMethod, on value: inout Value, _ arguments: CallArguments
  ) throws -> Value {
    switch method {
    case .builtin(let builtin): return try invokeMutating(builtin, receiver: &value, arguments)
    case .code(let code): return try invoke(code, captures: [], receiver: &value, arguments)
    }
  }

  func unknownMember(_ name: String, of value: Value) -> Diagnostic {
    registry.unknownMember(name, of: value)
  }

  /// Names after the dot, for "did you mean".
  package func memberNames(of value: Value) -> [String] { registry.memberNames(of: value) }
}

extension Value {
  /// The struct the user wrote that this is an instance of.
  var definition: StructDefinition? {
    switch self {
    case .instance(let instance): instance.definition
    case .object(let object): object.structInstance?.definition
    default: nil
    }
  }

  var structInstance: StructInstance? {
    switch self {
    case .instance(let instance): instance
    case .object(let object): object.structInstance
    default: nil
    }
  }
}
