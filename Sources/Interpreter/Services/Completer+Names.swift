import SwiftSyntax

extension Completer {
  /// Words of the language that begin or continue something.
  static let keywords = [
    "break", "case", "catch", "continue", "default", "do", "else", "false", "for", "func", "guard", "if",
    "in", "init",
    "let", "mutating", "nil", "repeat", "return", "self", "static", "struct", "switch", "throw", "true",
    "try", "var",
    "where", "while",
  ]

  func names(_ place: CompletionPlace, _ inference: TypeInference) -> [CompletionMatch] {
    // What does not fit is left out at once: wording a signature costs more than looking at a name.
    var result = place.locals.names.filter { place.fits($0.name) }.map { match($0, inference) }
    for name in snapshot.names where place.fits(name) {
      if let variable = snapshot.variables[name] { result.append(match(variable)) }
    }
    result += registry.globals.values.filter { place.fits($0.name) }.map(match)
    result += Self.keywords.filter(place.fits).map { CompletionMatch($0, .keyword) }
    return result
  }

  func typeNames(_ place: CompletionPlace) -> [CompletionMatch] {
    var result: [CompletionMatch] = []
    for local in place.locals.names {
      if case .structure = local.origin, local.name != "self" {
        result.append(CompletionMatch(local.name, .type))
      }
    }
    for name in snapshot.names where snapshot.variables[name]?.typeName.hasSuffix(".Type") == true {
      result.append(CompletionMatch(name, .type))
    }
    for type in registry.types.values where type.initializer != nil || !type.caseNames.isEmpty {
      result.append(CompletionMatch(type.name, .type, summary: type.documentation.summary))
    }
    for hook in registry.hooks.keys { result.append(CompletionMatch(hook, .type)) }
    return result
  }

  private func match(_ local: VisibleName, _ inference: TypeInference) -> CompletionMatch {
    switch local.origin {
    case .function(let function):
      CompletionMatch(local.name, .function, detail: local.name + function.signature.trimmedDescription)
    case .structure where local.name != "self": CompletionMatch(local.name, .type, detail: "struct")
    default: CompletionMatch(local.name, .variable, detail: inference.type(of: local).name)
    }
  }

  private func match(_ variable: Snapshot.Variable) -> CompletionMatch {
    let isType = variable.typeName.hasSuffix(".Type")
    return CompletionMatch(
      variable.name, isType ? .type : variable.signature != nil ? .function : .variable,
      detail: variable.signature ?? variable.typeName, summary: variable.documentation)
  }

  private func match(_ global: GlobalDescription) -> CompletionMatch {
    let summary = global.documentation.summary
    switch global {
    case .function(let builtin):
      return CompletionMatch(
        builtin.name, .function, detail: builtin.signatureTexts.first ?? "", summary: summary)
    case .type(let type):
      return CompletionMatch(
        type.name, .type, detail: type.initializer?.signatureTexts.first ?? type.name, summary: summary)
    case .constant(let constant):
      return CompletionMatch(constant.name, .variable, detail: constant.type.description, summary: summary)
    }
  }
}

extension Completer {
  // MARK: members

  func members(of base: InferredType, _ place: CompletionPlace, _ inference: TypeInference)
    -> [CompletionMatch]
  {
    var result: [CompletionMatch] = []
    if base.isType {
      if let variable = base.variable { result += variable.members.map { CompletionMatch($0, .property) } }
      for member in base.description?.staticMembers.values.map({ $0 }) ?? [] { result.append(match(member)) }
      return result
    }
    if let structure = base.structure {
      for member in StructMembers(of: structure).all {
        let type = inference.type(of: member)
        result.append(
          CompletionMatch(member.name, type.function == nil ? .property : .function, detail: type.name))
      }
    }
    let type = base.description ?? base.structure.flatMap(inference.hookType)
    if let variable = base.variable {
      for name in variable.members where type?.member(name) == nil {
        result.append(CompletionMatch(name, .property, detail: variable.memberTypes[name] ?? ""))
      }
    }
    for name in type?.allMemberNames ?? []
    where place.fits(name) && name != "callAsFunction" && !name.hasPrefix("_") {
      if let member = type?.member(name) { result.append(match(member)) }
    }
    return result
  }

  private func match(_ member: MemberDescription) -> CompletionMatch {
    let summary = member.documentation.summary
    switch member {
    case .property(let property):
      return CompletionMatch(property.name, .property, detail: property.type.description, summary: summary)
    case .method(let method):
      return CompletionMatch(
        method.name, .function, detail: method.signatureTexts.first ?? "", summary: summary)
    case .case(let description): return CompletionMatch(description.name, .enumerationCase, summary: summary)
    }
  }

  // MARK: arguments

  /// Labels the call does not have yet.
  func labels(of call: FunctionCallExprSyntax, _ inference: TypeInference) -> [CompletionMatch] {
    let callee = inference.type(of: call.calledExpression)
    let given = Set(call.arguments.compactMap { $0.label?.text }.flatMap(Spelling.candidates))
    var result: [CompletionMatch] = []
    for signature in Self.signatures(of: callee) {
      for parameter in signature.parameters where parameter.kind == .labelled {
        result.append(
          CompletionMatch(
            parameter.name + ":", .label, detail: parameter.signature, summary: parameter.documentation))
      }
    }
    var labels =
      callee.variable?.signature == nil || Self.isCalledAsObject(callee) ? [] : callee.variable?.labels ?? []
    if callee.isType, let structure = callee.structure { labels += StructMembers(of: structure).labels }
    if let function = callee.function {
      labels += StructMembers.labels(of: function.signature.parameterClause)
    }
    result += labels.map { CompletionMatch($0 + ":", .label) }
    return result.filter { !given.contains(String($0.text.dropLast())) }
  }

  private static func isCalledAsObject(_ callee: InferredType) -> Bool {
    if case .method? = callee.description?.member("callAsFunction") { return true }
    return false
  }

  /// The ways to call something of this type that the registry knows.
  static func signatures(of callee: InferredType) -> [Signature] {
    if let builtin = callee.builtin { return builtin.signatures }
    if callee.isType { return callee.description?.initializer?.signatures ?? [] }
    if case .method(let method)? = callee.description?.member("callAsFunction") { return method.signatures }
    return []
  }

  /// Cases for `.…` from the type of the parameter it is passed to, or of the variable it initializes.
  func cases(for access: MemberAccessExprSyntax, _ inference: TypeInference) -> [CompletionMatch] {
    var types: [String] = []
    if let argument = access.parent?.as(LabeledExprSyntax.self),
      let list = argument.parent?.as(LabeledExprListSyntax.self),
      let call = list.parent?.as(FunctionCallExprSyntax.self)
    {
      let unlabelled = list.prefix { $0.id != argument.id }.filter { $0.label == nil }.count
      for signature in Self.signatures(of: inference.type(of: call.calledExpression)) {
        let parameter =
          if let label = argument.label?.text {
            signature.parameters.first { $0.answers(to: label) }
          } else {
            signature.parameters.filter { !$0.isLabelRequired }.dropFirst(unlabelled).first
          }
        if let parameter { types += Self.names(in: parameter.type) }
      }
    } else if let binding = access.parent?.parent?.as(PatternBindingSyntax.self),
      let type = binding.typeAnnotation
    {
      types = [type.type.trimmedDescription]
    }
    return types.compactMap { registry.types[$0] }.flatMap { $0.staticMembers.values.map(match) }
  }

  private static func names(in type: TypeReference) -> [String] {
    switch type {
    case .named(let name): [name]
    case .optional(let wrapped): names(in: wrapped)
    case .oneOf(let choices): choices.flatMap(names)
    default: []
    }
  }

  // MARK: strings

  func keys(of base: InferredType) -> [CompletionMatch] {
    base.keys.filter { !$0.contains { $0 == "\"" || $0 == "\\" || $0.isNewline } }
      .map { CompletionMatch($0, .key) }
  }

  /// Files and folders whose path begins with the text; only the last part is completed.
  func paths(_ text: String) -> [CompletionMatch] {
    let slash = text.lastIndex(of: "/")
    var base = slash.map { String(text[...$0]) } ?? ""
    let partial = slash.map { text[text.index(after: $0)...] } ?? Substring(text)
    guard !text.contains("\\") else { return [] }
    if !base.hasPrefix("/") { base = folder + "/" + base }
    return FolderListing.names(in: base)
      .filter { partial.hasPrefix(".") || !$0.name.hasPrefix(".") }
      .filter { !$0.name.contains { $0 == "\"" || $0 == "\\" || $0.isNewline } }
      .map { CompletionMatch($0.isFolder ? $0.name + "/" : $0.name, .path) }
  }
}
