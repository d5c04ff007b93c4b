import Diagnostics

extension StaticCheck {
  // Members of builtin types, of the user's structs, and of variables that exist.

  mutating func checkMethod(_ call: MethodCall) {
    guard !call.isImplicitSelf else { return }
    if let type = (call.base as? BuiltinName).flatMap(Self.type) {
      guard let member = type.staticMember(call.name) else {
        return unknownStatic(call.name, of: type, at: call.nameSpan)
      }
      if case .method(let method) = member { check(method, call.arguments, call.site) }
      return
    }
    guard let name = call.base as? GlobalName, let known = known(name) else { return }
    switch known {
    case .function: break
    case .structure(let definition):
      if let method = definition.staticMethods[call.name] {
        check(method, call.site)
      } else {
        checkStatic(call.name, of: definition, at: call.nameSpan)
      }
    case .value(let value):
      if let method = value.definition?.methods[call.name] { return check(method, call.site) }
      if value.definition?.hasProperty(call.name) == true { return }
      if case .type(.builtin(let type)) = value {
        if case .method(let method)? = type.staticMember(call.name) {
          check(method, call.arguments, call.site)
        }
        return
      }
      switch registry.type(of: value)?.member(call.name) {
      case .method(let method)?: check(method, call.arguments, call.site)
      case .property?:
        if let method = registry.type(of: value)?.methodBesideProperty(call.name) {
          check(method, call.arguments, call.site)
        }
      case .case?: break
      case nil: checkMember(call.name, of: value, at: call.nameSpan)
      }
    }
  }

  mutating func checkProperty(_ member: MemberExpression) {
    guard !member.isImplicitSelf else { return }
    if let type = (member.base as? BuiltinName).flatMap(Self.type) {
      if type.staticMember(member.name) == nil { unknownStatic(member.name, of: type, at: member.nameSpan) }
      return
    }
    guard let name = member.base as? GlobalName, let known = known(name) else { return }
    switch known {
    case .function: break
    case .structure(let definition): checkStatic(member.name, of: definition, at: member.nameSpan)
    case .value(let value):
      if case .type = value { return }
      checkMember(member.name, of: value, at: member.nameSpan)
    }
  }

  private static func type(_ name: BuiltinName) -> TypeDescription? {
    if case .type(let type) = name.global { type } else { nil }
  }

  private mutating func unknownStatic(_ name: String, of type: TypeDescription, at span: Span) {
    guard name != "init", name != "self" else { return }
    let close = suggestion(for: name, among: type.staticMembers.keys)
    report(
      "unknown-member", "`\(type.name)` has no member `\(name)`", at: span,
      hints: close.map { ["did you mean `\(type.name).\($0)`?"] } ?? [])
  }

  private mutating func checkStatic(_ name: String, of definition: StructDefinition, at span: Span) {
    guard definition.staticVariables[name] == nil, definition.staticMethods[name] == nil, name != "init",
      name != "self"
    else { return }
    let known = Array(definition.staticVariables.keys) + Array(definition.staticMethods.keys)
    var hints = suggestion(for: name, among: known).map { ["did you mean `\(definition.name).\($0)`?"] } ?? []
    if definition.hasMethod(name) || definition.hasProperty(name) {
      hints = ["`\(name)` belongs to an instance: `\(definition.name)(…).\(name)`"]
    }
    report("unknown-member", "`\(definition.name)` has no static member `\(name)`", at: span, hints: hints)
  }

  /// Reports a member that a variable's value surely lacks.
  private mutating func checkMember(_ name: String, of value: Value, at span: Span) {
    guard
      let type = registry.type(of: value)
        ?? value.definition.flatMap({ $0.hook.flatMap { registry.types[$0.typeName] } })
    else {
      guard case .instance(let instance) = value else { return }
      if !instance.definition.hasMethod(name), !instance.definition.hasProperty(name) {
        unknownMember(name, of: value, at: span)
      }
      return
    }
    if type.member(name) != nil { return }
    if let definition = value.definition, definition.hasMethod(name) || definition.hasProperty(name) {
      return
    }
    switch value {
    case .tuple(let tuple): if tuple.index(of: name) != nil { return }
    case .object(let object):
      let names = Set(object.dynamicMemberNames)
      if Spelling.candidates(name).contains(where: names.contains) { return }
    case .function, .null, .void: return
    default: break
    }
    unknownMember(name, of: value, at: span)
  }

  private mutating func unknownMember(_ name: String, of value: Value, at span: Span) {
    let problem = registry.unknownMember(name, of: value)
    report(problem.id, problem.message, at: span, hints: problem.hints)
  }
}
