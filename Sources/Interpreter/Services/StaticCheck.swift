import Diagnostics

/// What is found wrong with a cell before it runs: unknown names; labels and number of arguments wherever the callee is a builtin, a
/// function or struct in scope, or a member of an existing variable; enumeration cases against the parameter's type; members that an existing
/// variable lacks. All at once.
///
/// The language is dynamically typed, so whatever is not certain is left to the run: a correct program is never refused.
/// Runs on the evaluator's thread.
struct StaticCheck {
  let context: CheckContext
  let program: Program
  /// Globals the cell assigns to somewhere: what they hold is known only when it runs.
  var assigned: Set<String> = []
  var found: [Diagnostic] = []

  /// More than this many problems are not worth reading.
  private static let limit = 50

  static func problems(_ program: Program, _ context: CheckContext) -> [Diagnostic] {
    var check = StaticCheck(context: context, program: program)
    check.run()
    return Array(check.found.prefix(limit))
  }

  private init(context: CheckContext, program: Program) {
    self.context = context
    self.program = program
  }

  var registry: Registry { context.registry }

  private mutating func run() {
    // Iterative: a program may be deeper than the stack allows.
    var nodes: [Node] = []
    var pending: [Node] = [program.code]
    while let node = pending.popLast() {
      nodes.append(node)
      pending += node.children
    }
    for node in nodes { noteAssignment(node) }
    for node in nodes {
      switch node {
      case let name as UnresolvedName: unknown(name)
      case let call as CallExpression: check(call)
      case let call as MethodCall: checkMethod(call)
      case let member as MemberExpression: checkProperty(member)
      default: break
      }
      if found.count >= Self.limit { break }
    }
  }

  private mutating func noteAssignment(_ node: Node) {
    var targets: [Node]
    switch node {
    case let assignment as Assignment: targets = [assignment.target]
    case let assignment as CompoundAssignment: targets = [assignment.target]
    default: return
    }
    while let target = targets.popLast() {
      if let name = target as? GlobalName { assigned.insert(name.name) }
      if let tuple = target as? TupleLiteral { targets += tuple.children }
    }
  }

  mutating func report(
    _ id: String, _ message: String, at span: Span, hints: [String] = [], notes: [Diagnostic.Note] = []
  ) {
    found.append(
      Diagnostic(id: id, message: message, span: span, source: context.source, hints: hints, notes: notes))
  }

  private mutating func unknown(_ name: UnresolvedName) {
    if let habit = registry.habit(.name, name.name) {
      report("unknown-name", habit.message, at: name.span, hints: [habit.hint])
      return
    }
    let known = name.visibleLocals + context.globals.names + Array(registry.globals.keys)
    let close = suggestion(for: name.name, among: known)
    report(
      "unknown-name", "`\(name.name)` is not defined", at: name.span,
      hints: close.map { ["did you mean `\($0)`?"] } ?? [])
  }
}

extension StaticCheck {
  /// What a global name stands for while the cell runs, where that is certain.
  enum Known {
    case function(FunctionCode)
    case structure(StructDefinition)
    case value(Value)
  }

  func known(_ name: GlobalName) -> Known? {
    if let declaration = program.declarations[name.name] {
      switch declaration {
      case .function(let code): return .function(code)
      case .structure(let definition): return .structure(definition)
      case .variable: return nil
      }
    }
    guard !assigned.contains(name.name), let value = name.variable.currentValue else { return nil }
    switch value {
    case .null, .void: return nil
    case .function(let function):
      if case .closure(let code, _) = function.kind, !code.isClosure { return .function(code) }
      return .value(value)
    case .type(.definition(let definition)): return .structure(definition)
    default: return .value(value)
    }
  }

  // MARK: calls

  private mutating func check(_ call: CallExpression) {
    switch call.callee {
    case let name as BuiltinName:
      switch name.global {
      case .function(let builtin): check(builtin, call.arguments, call.site)
      case .type(let type): check(construction: type, call.arguments, call.site)
      case .constant: break
      }
    case let name as GlobalName:
      switch known(name) {
      case .function(let code)?: check(code, call.site)
      case .structure(let definition)?: check(definition, call.site)
      case .value(let value)?: check(calling: value, call.arguments, call.site)
      case nil: break
      }
    default: break
    }
  }

  private mutating func check(calling value: Value, _ arguments: [Expression], _ site: CallSite) {
    switch value {
    case .function(let function):
      switch function.kind {
      case .builtin(let builtin), .bound(let builtin, _): check(builtin, arguments, site)
      case .method(let code, _): check(code, site)
      case .closure, .native: break
      }
    case .type(.builtin(let type)): check(construction: type, arguments, site)
    case .instance, .object:
      if let definition = value.definition {
        if let method = definition.methods["callAsFunction"] { return check(method, site) }
        if case .instance = value { return }
      }
      if case .method(let method)? = registry.type(of: value)?.member("callAsFunction") {
        check(method, arguments, site)
      }
    default: break
    }
  }

  private mutating func check(construction type: TypeDescription, _ arguments: [Expression], _ site: CallSite)
  {
    if let initializer = type.initializer {
      check(initializer, arguments, site)
    } else if !type.caseNames.isEmpty {
      report(
        "not-callable", "a \(type.name) cannot be made by a call", at: site.span,
        hints: ["write one of its cases: \(type.caseNames.map { "`.\($0)`" }.joined(separator: ", "))"])
    }
  }

  private mutating func check(_ definition: StructDefinition, _ site: CallSite) {
    if definition.initializers.isEmpty {
      check(
        definition.memberwiseParameters, function: definition.name, signature: definition.memberwiseSignature,
        site)
    } else if definition.initializers.count == 1, let code = definition.initializers.first {
      check(code.parameters, function: definition.name, signature: code.signature, site)
    } else if definition.initializers.allSatisfy({ !matcher($0.parameters, site).problems.isEmpty }) {
      report(
        "no-matching-initializer", "no `init` of `\(definition.name)` takes these arguments", at: site.span,
        hints: definition.initializers.map { "there is `\($0.signature)`" })
    }
  }

  mutating func check(_ code: FunctionCode, _ site: CallSite) {
    check(code.parameters, function: code.name, signature: code.signature, site)
  }

  private func matcher<P: MatchableParameter>(_ parameters: [P], _ site: CallSite) -> ArgumentMatcher {
    ArgumentMatcher(
      parameters, labels: site.labels, count: site.argumentSpans.count,
      trailingClosures: site.trailingClosures)
  }

  private mutating func check<P: MatchableParameter>(
    _ parameters: [P], function: String, signature: String, _ site: CallSite
  ) {
    for problem in Self.distinct(matcher(parameters, site).problems) {
      found.append(
        ArgumentMatcher.diagnostic(
          problem, function: function, signature: signature, parameters: parameters, labels: site.labels,
          site: site,
          habits: registry))
    }
  }

  /// Without the arguments that are missing because their label is misspelt.
  private static func distinct(_ problems: [ArgumentMatcher.Problem]) -> [ArgumentMatcher.Problem] {
    let others = problems.filter { if case .missing = $0 { false } else { true } }
    let isMisspelt = others.contains { if case .unknownLabel = $0 { true } else { false } }
    return isMisspelt ? others : problems
  }

  /// Labels and number of arguments against every signature; then the cases among them.
  mutating func check(_ builtin: Builtin, _ arguments: [Expression], _ site: CallSite) {
    let name = builtin.owner.map { "\($0).\(builtin.name)" } ?? builtin.name
    let matches = builtin.signatures.map { ($0, matcher($0.parameters, site)) }
    let fitting = matches.filter { $0.1.problems.isEmpty }
    if fitting.isEmpty,
      let nearest = matches.enumerated().min(by: { $0.element.1.problems.count < $1.element.1.problems.count }
      )
    {
      let isOnly = matches.count == 1
      let problems = Self.distinct(nearest.element.1.problems)
      for problem in isOnly ? problems : Array(problems.prefix(1)) {
        var diagnostic = ArgumentMatcher.diagnostic(
          problem, function: name, signature: builtin.signatureTexts[nearest.offset],
          parameters: nearest.element.0.parameters, labels: site.labels, site: site, habits: registry)
        if !isOnly {
          diagnostic.hints.removeAll { $0.hasPrefix("it is declared as") }
          diagnostic.hints.append(
            "ways to call it: " + builtin.signatureTexts.map { "`\($0)`" }.joined(separator: ", "))
        }
        found.append(diagnostic)
      }
    } else if fitting.count == 1, let (signature, matcher) = fitting.first {
      for (index, parameter) in signature.parameters.enumerated() where matcher.assignments[index] >= 0 {
        if let member = arguments[matcher.assignments[index]] as? ImplicitMember {
          check(member, parameter.type)
        }
      }
      for index in matcher.rest {
        if let member = arguments[index] as? ImplicitMember,
          let parameter = signature.parameters.first(where: { $0.kind == .variadic })
        {
          check(member, parameter.type)
        }
      }
    }
  }

  /// `.mse` against an enumeration.
  private mutating func check(_ member: ImplicitMember, _ type: TypeReference) {
    guard let names = registry.enumerations(type), !names.isEmpty else { return }
    let types = names.compactMap { registry.types[$0] }
    if types.contains(where: { $0.staticMember(member.name) != nil }) { return }
    let cases = types.flatMap(\.caseNames)
    let close = suggestion(for: member.name, among: cases)
    report(
      "unknown-case", "\(names.joined(separator: " or ")) has no case `.\(member.name)`", at: member.span,
      hints: [
        close.map { "did you mean `.\($0)`?" }
          ?? "its cases are \(cases.map { "`.\($0)`" }.joined(separator: ", "))"
      ])
  }
}

extension Registry {
  /// The enumerations whose cases a parameter type takes; nil when it may take other types' static members, or anything.
  func enumerations(_ type: TypeReference) -> [String]? {
    switch type {
    case .any: return nil
    case .optional(let wrapped): return enumerations(wrapped)
    case .oneOf(let choices):
      var names: [String] = []
      for choice in choices {
        guard let found = enumerations(choice) else { return nil }
        names += found
      }
      return names
    case .named(let name):
      guard let type = types[name] else { return nil }
      if !type.caseNames.isEmpty { return [name] }
      return type.staticMembers.isEmpty && type.conversion == nil ? [] : nil
    default: return []
    }
  }
}
