import Diagnostics
import OrderedCollections

extension Evaluation {
  /// Calls a builtin: the first signature that the arguments fit.
  func invoke(_ builtin: Builtin, receiver: Value, _ call: CallArguments) throws -> Value {
    let (signature, arguments) = try bind(builtin, receiver: receiver, call)
    guard case .plain(let body) = signature.body else {
      throw Diagnostic(
        id: "temporary-changed", message: "`\(builtin.name)` changes its receiver, which is a temporary here",
        hints: ["put it into a `var` first"])
    }
    let result = try run(call) { try body(arguments, self) }
    if let site = call.site { tell(result, site) }
    return result
  }

  /// Tells objects where they were given.
  @inline(__always)
  private func tell(_ result: Value, _ site: CallSite) {
    switch result {
    case .object(let object): object.wasGiven(at: site, self)
    case .tuple(let tuple):
      for case .object(let object) in tuple.values { object.wasGiven(at: site, self) }
    default: break
    }
  }

  func invokeMutating(_ builtin: Builtin, receiver: inout Value, _ call: CallArguments) throws -> Value {
    // The body changes the receiver itself; arguments carry none, so that it is not copied.
    let (signature, arguments) = try bind(builtin, receiver: .void, call)
    switch signature.body {
    case .plain(let body): return try run(call) { try body(arguments, self) }
    case .mutating(let body):
      let result = try run(call) { try body(&receiver, arguments, self) }
      try receiver.checkNesting()
      return result
    }
  }

  /// Places errors of the body at the call and makes diagnostics of a host library's errors.
  @inline(__always)
  private func run(_ call: CallArguments, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error {
      throw placed(error, at: call.site)
    }
  }

  func placed(_ error: any Error, at site: CallSite?) -> any Error {
    switch error {
    case is ThrownValue, is NilInChain: return error
    case let diagnostic as Diagnostic: return diagnostic.located(at: site?.span, in: site?.source)
    default: return diagnostic(for: error).located(at: site?.span, in: site?.source)
    }
  }

  private func bind(
    _ builtin: Builtin, receiver: Value, _ call: CallArguments
  ) throws -> (Signature, Arguments) {
    var firstProblem: (any Error)?
    var furthest = -1
    for signature in builtin.signatures {
      var progress = 0
      do {
        return (
          signature, try bind(builtin, signature, receiver: receiver, call, progress: &progress)
        )
      } catch let error {
        if builtin.signatures.count == 1 { throw placed(error, at: call.site) }
        if progress > furthest {
          furthest = progress
          firstProblem = error
        }
      }
    }
    guard var problem = firstProblem as? Diagnostic else {
      throw firstProblem ?? Diagnostic(id: "internal-error", message: "`\(builtin.name)` has no signature")
    }
    if builtin.signatures.count > 1 {
      problem.hints.removeAll { $0.hasPrefix("it is declared as") }
      problem.hints.append(
        "ways to call it: " + builtin.signatureTexts.map { "`\($0)`" }.joined(separator: ", "))
    }
    throw placed(problem, at: call.site)
  }

  private func bind(
    _ builtin: Builtin, _ signature: Signature, receiver: Value, _ call: CallArguments, progress: inout Int
  ) throws -> Arguments {
    let parameters = signature.parameters
    let name = builtin.owner.map { "\($0).\(builtin.name)" } ?? builtin.name
    let matcher = ArgumentMatcher(
      parameters, labels: call.labels, count: call.count, trailingClosures: call.trailingClosures)
    if let problem = matcher.firstProblem {
      progress = -matcher.problems.count + 1
      throw ArgumentMatcher.diagnostic(
        problem, function: name,
        signature: builtin.signatureTexts[builtin.signatures.firstIndex { $0.parameters == parameters } ?? 0],
        parameters: parameters, labels: call.labels, site: call.site, habits: registry)
    }
    progress = 1
    var values: [Value?] = []
    var origins: [Int?] = []
    values.reserveCapacity(parameters.count)
    for (index, parameter) in parameters.enumerated() {
      if parameter.kind == .variadic {
        if matcher.rest.isEmpty {
          values.append(nil)
        } else {
          values.append(
            .array(
              try matcher.rest.map {
                try convert(call.values[$0], to: parameter, of: name, argument: $0, call.site)
              }))
        }
        origins.append(matcher.rest.first)
        continue
      }
      if parameter.kind == .keywords {
        let entries = try matcher.keywords.map { argument in
          let label = call.label(at: argument) ?? parameter.name
          do {
            return (
              label,
              try convert(
                call.values[argument], to: parameter.named(label), of: name, argument: argument, call.site)
            )
          } catch var problem as Diagnostic {
            // It may be a label of the builtin's own, misspelt.
            let own = parameters.filter { $0.kind == .labelled }.map(\.name)
            problem.hints += suggestion(for: label, among: own).map { ["did you mean `\($0):`?"] } ?? []
            throw problem
          }
        }
        values.append(entries.isEmpty ? nil : .dictionary(entries))
        origins.append(matcher.keywords.first)
        continue
      }
      let argument = matcher.assignments[index]
      guard argument >= 0 else {
        values.append(nil)
        origins.append(nil)
        continue
      }
      let value = try convert(call.values[argument], to: parameter, of: name, argument: argument, call.site)
      progress += 1
      values.append(value)
      origins.append(argument)
    }
    return Arguments(
      signature: signature, name: name, receiver: receiver, values: values, origins: origins, site: call.site)
  }

  private func convert(
    _ value: Value, to parameter: Parameter, of function: String, argument: Int, _ site: CallSite?
  ) throws -> Value {
    if case .any = parameter.type { return value }
    if case .null = value, case .null? = parameter.defaultValue { return value }
    if case .null = value, case .computed? = parameter.defaultValue { return value }
    do {
      if let converted = try convert(value, to: parameter.type) { return converted }
    } catch let error {
      let span = site.flatMap {
        $0.argumentSpans.indices.contains(argument) ? $0.argumentSpans[argument] : nil
      }
      if let diagnostic = error as? Diagnostic { throw diagnostic.located(at: span, in: site?.source) }
      throw diagnostic(for: error).located(at: span, in: site?.source)
    }
    let span = site.flatMap { $0.argumentSpans.indices.contains(argument) ? $0.argumentSpans[argument] : nil }
    throw Diagnostic(
      id: "type-mismatch",
      message:
        "`\(parameter.name)` of `\(function)` must be \(article(parameter.type)), not \(value.typeDescription)",
      span: span ?? site?.span, source: site?.source, hints: hints(for: value, as: parameter.type))
  }

  private func article(_ type: TypeReference) -> String {
    switch type {
    case .function: return "a closure"
    case .array, .dictionary, .tuple: return "\(type)"
    case .named(let name) where !(registry.types[name]?.caseNames.isEmpty ?? true):
      let cases = registry.types[name]?.caseNames ?? []
      return "one of \(cases.map { ".\($0)" }.joined(separator: ", "))"
    case .oneOf(let choices): return choices.map(article).joined(separator: " or ")
    case .optional(let wrapped): return article(wrapped) + " or nil"
    case .number: return "a number"
    default:
      let name = "\(type)"
      return ("AEIO".contains(name.first ?? " ") ? "an " : "a ") + name
    }
  }

  private func hints(for value: Value, as type: TypeReference) -> [String] {
    switch (type, value) {
    case (.int, .double(let number)): ["write a whole number, or `Int(\(number))`"]
    case (.named(let name), .string(let text)):
      registry.types[name]?.staticMember(text) != nil ? ["write `.\(Spelling.camelCase(text))`"] : []
    case (_, .null): ["test it with `if let`, or give another value with `??`"]
    default: []
    }
  }

  /// The value as the type, converted where the language does so; nil when it does not fit.
  public func convert(_ value: Value, to type: TypeReference) throws -> Value? {
    switch type {
    case .any: return value
    case .void: return value.isVoid ? value : nil
    case .bool:
      if case .bool = value { return value }
      if case .object(let object) = value, let truth = try object.truth(self) { return .bool(truth) }
      return nil
    case .int:
      if case .int = value { return value }
      if case .object(let object) = value, let number = try object.number(self), number == number.rounded(),
        let whole = Int(exactly: number)
      {
        return .int(whole)
      }
      return nil
    case .double:
      switch value {
      case .double: return value
      case .int(let number): return .double(Double(number))
      case .object(let object): return try object.number(self).map(Value.double)
      default: return nil
      }
    case .number:
      switch value {
      case .int, .double: return value
      case .object(let object): return try object.number(self).map(Value.double)
      default: return nil
      }
    case .string: if case .string = value { return value }
    case .range: if case .range = value { return value }
    case .function:
      switch value {
      case .function: return value
      case .type(.builtin(let type)) where type.initializer != nil:
        return type.initializer.map { .function(FunctionValue($0)) }
      case .type(.definition):
        return .function(FunctionValue(name: value.typeName) { try $1.call(value, $0) })
      case .object(let object):
        guard
          object.structInstance?.definition.hasMethod("callAsFunction") == true
            || registry.types[object.typeName]?.member("callAsFunction") != nil
        else { return nil }
        return .function(FunctionValue(name: object.typeName) { try $1.call(value, $0) })
      default: return nil
      }
    case .array(let element):
      if case .array(let values) = value {
        if case .any = element { return value }
        var converted: [Value] = []
        converted.reserveCapacity(values.count)
        for value in values {
          guard let result = try convert(value, to: element) else { return nil }
          converted.append(result)
        }
        return .array(converted)
      }
    case .dictionary(let element):
      if case .dictionary(let entries) = value {
        if case .any = element { return value }
        var converted = entries
        for (key, value) in entries {
          guard let result = try convert(value, to: element) else { return nil }
          converted[key] = result
        }
        return .dictionary(converted)
      }
    case .tuple(let types):
      if let values = value.elements, values.count == types.count {
        var converted: [Value] = []
        for (value, type) in zip(values, types) {
          guard let result = try convert(value, to: type) else { return nil }
          converted.append(result)
        }
        var labels: [String?] = []
        if case .tuple(let tuple) = value { labels = tuple.labels }
        return .tuple(TupleValue(converted, labels: labels))
      }
    case .optional(let wrapped):
      if case .null = value { return value }
      return try convert(value, to: wrapped)
    case .oneOf(let choices):
      for choice in choices {
        if let result = try convert(value, to: choice) { return result }
      }
    case .named(let name): return try convert(value, toNamed: name)
    }
    return nil
  }

  private func convert(_ value: Value, toNamed name: String) throws -> Value? {
    guard let type = registry.types[name] else {
      // A type the registry does not describe is documentation only.
      if case .enumCase = value { return nil }
      return value
    }
    switch value {
    case .enumCase(let choice):
      if case .case(let description)? = type.staticMember(choice) { return .enumCase(description.name) }
      if case .property(let property)? = type.staticMember(choice) { return try property.get(.void, self) }
      if type.caseNames.isEmpty { return nil }
      throw Diagnostic(
        id: "unknown-case", message: "\(name) has no case `.\(choice)`",
        hints: suggestion(for: choice, among: type.caseNames).map { ["did you mean `.\($0)`?"] }
          ?? ["its cases are \(type.caseNames.map { "`.\($0)`" }.joined(separator: ", "))"])
    case .object(let object):
      if registry.types[object.typeName]?.isKind(of: name) ?? (object.typeName == name) { return value }
    default: break
    }
    return try type.conversion?(value, self)
  }
}
