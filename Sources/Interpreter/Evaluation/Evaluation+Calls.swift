import Diagnostics

extension Evaluation {
  /// Calls a function with positional arguments; `self.call` from host code at any depth. A closure with several parameters
  /// takes one tuple apart.
  public func call(_ function: FunctionValue, _ arguments: [Value]) throws -> Value {
    try call(function, CallArguments(arguments))
  }

  /// Calls anything callable: a function, a type, an object.
  public func call(_ callee: Value, _ arguments: CallArguments) throws -> Value {
    switch callee {
    case .function(let function): return try call(function, arguments)
    case .type(.builtin(let type)):
      guard let initializer = type.initializer else {
        throw Diagnostic(id: "not-callable", message: "a \(type.name) cannot be made by a call")
      }
      return try invoke(initializer, receiver: .void, arguments)
    case .type(.definition(let definition)): return try instantiate(definition, arguments)
    case .instance(let instance):
      if let method = instance.definition.methods["callAsFunction"] {
        return try invoke(method, captures: [], receiver: callee, arguments).result
      }
    case .object(let object):
      if let method = object.structInstance?.definition.methods["callAsFunction"] {
        return try invoke(method, captures: [], receiver: callee, arguments).result
      }
      if case .method(let method)? = registry.types[object.typeName]?.member("callAsFunction") {
        return try invoke(method, receiver: callee, arguments)
      }
      do {
        if let result = try object.call(arguments, self) { return result }
      } catch let error { throw placed(error, at: arguments.site) }
    default: break
    }
    let hint =
      callee.isNull
      ? "test it with `if let`, or call it with `?(…)`"
      : arguments.count == 0 ? "it is a value; leave the `()` out" : nil
    throw Diagnostic(
      id: "not-callable", message: "\(callee.typeDescription) cannot be called like a function",
      hints: hint.map { [$0] } ?? [])
  }

  public func call(_ function: FunctionValue, _ arguments: CallArguments) throws -> Value {
    switch function.kind {
    case .closure(let code, let captures):
      return try invoke(code, captures: captures, receiver: nil, arguments).result
    case .method(let code, let receiver):
      return try invoke(code, captures: [], receiver: receiver, arguments).result
    case .builtin(let builtin): return try invoke(builtin, receiver: .void, arguments)
    case .bound(let builtin, let receiver): return try invoke(builtin, receiver: receiver, arguments)
    case .native(_, let body):
      do { return try body(arguments, self) } catch let error { throw placed(error, at: arguments.site) }
    }
  }

  /// Calls a method by name on a struct instance, a host object or any other value.
  public func callMethod(_ name: String, on value: Value, _ arguments: [Value]) throws -> Value {
    try callMethod(name, on: value, CallArguments(arguments))
  }

  public func callMethod(_ name: String, on value: Value, _ arguments: CallArguments) throws -> Value {
    try call(method(name, of: value, MemberCache()), on: value, arguments)
  }

  func call(_ method: MethodReference, on value: Value, _ arguments: CallArguments) throws -> Value {
    switch method {
    case .code(let code): return try invoke(code, captures: [], receiver: value, arguments).result
    case .builtin(let builtin): return try invoke(builtin, receiver: value, arguments)
    case .value(let callee): return try call(callee, arguments)
    }
  }

  /// Runs a function the user wrote. `receiver` is `self` for methods; what it has become is part of the result.
  func invoke(
    _ code: FunctionCode, captures: [Variable], receiver: Value?, _ arguments: CallArguments
  ) throws -> (result: Value, receiver: Value) {
    var receiver = receiver ?? .void
    let result = try invoke(code, captures: captures, receiver: &receiver, arguments)
    return (result, receiver)
  }

  /// Runs a function the user wrote. A mutating one gets `self` moved in and leaves there what it has become, also when
  /// it throws, so that the method is the only owner and changes fields without a copy.
  func invoke(
    _ code: FunctionCode, captures: [Variable], receiver: inout Value, _ arguments: CallArguments
  ) throws -> Value {
    if isInterrupted() {
      throw Diagnostic.interrupted.located(at: arguments.site?.span, in: arguments.site?.source)
    }
    guard depth < StackLimit.maximumCalls, !stack.isExhausted() else {
      throw Diagnostic(
        id: "recursion-too-deep", message: "calls are nested more than \(depth) deep",
        span: arguments.site?.span, source: arguments.site?.source,
        hints: ["does `\(code.name)` ever stop calling itself?"],
        callStack: [
          Diagnostic.Frame(function: code.name, at: arguments.site?.span, in: arguments.site?.source)
        ])
    }
    depth += 1
    let isOpen = arguments.site == nil || code.isMutating
    if isOpen { openCalls += 1 }
    defer {
      depth -= 1
      if isOpen { openCalls -= 1 }
    }
    let frame = Frame(code, captures: captures, self)
    let caller = currentFrame
    frame.caller = caller
    currentFrame = Unmanaged.passUnretained(frame)
    defer { currentFrame = caller }
    if let target = code.selfTarget {
      target.initialize(frame, receiver)
      if code.isMutating { receiver = .void }
    }
    defer {
      if code.isMutating, let target = code.selfTarget { receiver = (try? target.read(frame)) ?? .void }
    }
    do {
      if code.isPlain, arguments.labels.isEmpty, arguments.count == code.parameters.count {
        for index in code.parameters.indices {
          code.parameters[index].target.initialize(frame, arguments.values[index])
        }
      } else if code.isClosure {
        try bindClosure(code, arguments, frame)
      } else {
        try bind(code, arguments, frame)
      }
      var result: Value
      if let single = code.single {
        result = try frame.run(single)
      } else {
        _ = try code.body.execute(frame)
        result = frame.result
      }
      if let annotation = code.resultAnnotation {
        do { result = try result.annotated(annotation, name: nil) } catch var error as Diagnostic {
          error.message =
            "`\(code.name)` is declared to give `\(annotation)`, and this is \(result.typeDescription)"
          throw error.located(at: code.single?.span ?? frame.returned, in: code.source)
        }
      }
      return result
    } catch let error {
      throw traced(error, through: code, arguments.site)
    }
  }

  /// Adds a call to the stack an error carries.
  private func traced(_ error: any Error, through code: FunctionCode, _ site: CallSite?) -> any Error {
    let entry = Diagnostic.Frame(function: code.name, at: site?.span, in: site?.source)
    switch error {
    case var diagnostic as Diagnostic:
      if diagnostic.span == nil { diagnostic = diagnostic.located(at: code.span, in: code.source) }
      diagnostic.callStack.append(entry)
      return diagnostic
    case let thrown as ThrownValue:
      thrown.callStack.append(entry)
      return thrown
    case is NilInChain: return error
    default:
      var diagnostic = diagnostic(for: error).located(at: code.span, in: code.source)
      diagnostic.callStack.append(entry)
      return diagnostic
    }
  }

  private func bindClosure(_ code: FunctionCode, _ arguments: CallArguments, _ frame: Frame) throws {
    var values = arguments.values
    let wanted = code.parameterCount
    let targets = code.parameters
    if values.count != wanted {
      if values.count == 1, wanted > 1, case .tuple(let tuple) = values[0], tuple.values.count == wanted {
        values = tuple.values
      } else if wanted == 1, values.count > 1, arguments.site == nil {
        values = [.tuple(TupleValue(values))]
      } else if values.count > wanted, arguments.site == nil, wanted == 0 || targets.isEmpty {
        values = Array(values.prefix(wanted))
      } else if targets.isEmpty, values.count > wanted, wanted > 0 {
        values = Array(values.prefix(wanted))
      } else {
        throw Diagnostic(
          id: values.count > wanted ? "too-many-arguments" : "missing-argument",
          message:
            "this closure takes \(wanted) argument\(wanted == 1 ? "" : "s") and is called with \(values.count)",
          span: arguments.site?.span ?? code.span, source: arguments.site?.source ?? code.source,
          notes: [Diagnostic.Note("the closure is here", at: code.span, in: code.source)])
      }
    }
    for (parameter, value) in zip(targets, values) {
      if let annotation = parameter.annotation {
        parameter.target.initialize(frame, try value.annotated(annotation, name: parameter.name))
      } else {
        parameter.target.initialize(frame, value)
      }
    }
  }

  private func bind(_ code: FunctionCode, _ arguments: CallArguments, _ frame: Frame) throws {
    let parameters = code.parameters
    let matcher = ArgumentMatcher(
      parameters, labels: arguments.labels, count: arguments.count,
      trailingClosures: arguments.trailingClosures)
    if let problem = matcher.firstProblem {
      // A host that calls with positions alone means them in order.
      if arguments.site == nil, arguments.labels.isEmpty, arguments.count <= parameters.count,
        arguments.count >= code.requiredCount
      {
        for (parameter, value) in zip(parameters, arguments.values) { try set(parameter, value, frame, nil) }
        for parameter in parameters.dropFirst(arguments.count) { try setDefault(parameter, frame) }
        return
      }
      throw ArgumentMatcher.diagnostic(
        problem, function: code.name, signature: code.signature, parameters: parameters,
        labels: arguments.labels,
        site: arguments.site)
    }
    for (index, parameter) in parameters.enumerated() {
      if parameter.isVariadic {
        parameter.target.initialize(frame, .array(matcher.rest.map { arguments.values[$0] }))
      } else if matcher.assignments[index] >= 0 {
        let argument = matcher.assignments[index]
        let span = arguments.site.flatMap {
          $0.argumentSpans.indices.contains(argument) ? $0.argumentSpans[argument] : nil
        }
        try set(parameter, arguments.values[argument], frame, span.map { ($0, arguments.site) })
      } else {
        try setDefault(parameter, frame)
      }
    }
  }

  private func set(
    _ parameter: ParameterCode, _ value: Value, _ frame: Frame, _ place: (Span, CallSite?)?
  ) throws {
    guard let annotation = parameter.annotation else {
      parameter.target.initialize(frame, value)
      return
    }
    do {
      parameter.target.initialize(frame, try value.annotated(annotation, name: parameter.name))
    } catch let error as Diagnostic { throw error.located(at: place?.0, in: place?.1?.source) }
  }

  private func setDefault(_ parameter: ParameterCode, _ frame: Frame) throws {
    guard let expression = parameter.defaultValue else { return }
    var value = try expression.evaluate(frame)
    if let annotation = parameter.annotation { value = try value.annotated(annotation, name: parameter.name) }
    parameter.target.initialize(frame, value)
  }
}
