import Diagnostics

/// `base.name`
package final class MemberExpression: Expression {
  package let base: Expression
  package let name: String
  package let nameSpan: Span
  /// Written without `self.` inside a struct.
  package let isImplicitSelf: Bool
  /// In `init`, `self.x = …` may set a `let`.
  let initializes: Bool
  private let cache = MemberCache()

  init(
    _ base: Expression, _ name: String, nameSpan: Span, isImplicitSelf: Bool = false,
    initializes: Bool = false,
    _ span: Span
  ) {
    self.base = base
    self.name = name
    self.nameSpan = nameSpan
    self.isImplicitSelf = isImplicitSelf
    self.initializes = initializes
    super.init(span)
  }

  package override var children: [Node] { [base] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try base.evaluate(frame)
    if case .instance(let instance) = value, let index = instance.definition.storedIndex[name] {
      let field = instance.fields[index]
      if case .void = field { try frame.checkInitialized(instance, index, at: span) }
      return field
    }
    return try frame.located(nameSpan) { try frame.evaluation.member(name, of: value, cache) }
  }

  override var place: Place? {
    MemberPlace(base.place ?? ValuePlace(base), name, initializes: initializes, nameSpan)
  }
}

extension Frame {
  func checkInitialized(_ instance: StructInstance, _ index: Int, at span: Span) throws {
    guard instance.definition.stored[index].isPending(in: instance) else { return }
    throw problem(
      "used-before-declaration",
      "`\(instance.definition.storedNames[index])` is used before `init` has set it",
      at: span)
  }
}

/// `base[arguments]`
package final class SubscriptExpression: Expression {
  package let base: Expression
  package let arguments: [Expression]
  package let site: CallSite

  init(_ base: Expression, _ arguments: [Expression], _ site: CallSite) {
    self.base = base
    self.arguments = arguments
    self.site = site
    super.init(site.span)
  }

  package override var children: [Node] { [base] + arguments }

  override func evaluate(_ frame: Frame) throws -> Value {
    let container = try base.evaluate(frame)
    if arguments.count == 1 {
      let index = try arguments[0].evaluate(frame)
      if case .array(let values) = container, case .int(let position) = index,
        values.indices.contains(position)
      {
        return values[position]
      }
      return try frame.located(span) {
        try frame.evaluation.element(CallArguments([index], site: site), of: container)
      }
    }
    let values = try arguments.map { try $0.evaluate(frame) }
    return try frame.located(span) {
      try frame.evaluation.element(CallArguments(values, site: site), of: container)
    }
  }

  override var place: Place? { SubscriptPlace(base.place ?? ValuePlace(base), arguments, site) }
}

/// `callee(arguments)`
package final class CallExpression: Expression {
  package let callee: Expression
  package let arguments: [Expression]
  package let site: CallSite

  init(_ callee: Expression, _ arguments: [Expression], _ site: CallSite) {
    self.callee = callee
    self.arguments = arguments
    self.site = site
    super.init(site.span)
  }

  package override var children: [Node] { [callee] + arguments }

  override func evaluate(_ frame: Frame) throws -> Value {
    let function = try callee.evaluate(frame)
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.evaluate(frame)) }
    return try frame.located(span) {
      try frame.evaluation.call(function, CallArguments(values, site: site))
    }
  }
}

/// `base.name(arguments)`
package final class MethodCall: Expression {
  package let base: Expression
  package let name: String
  package let nameSpan: Span
  package let arguments: [Expression]
  package let site: CallSite
  package let isImplicitSelf: Bool
  /// Set when a method of this name may change its receiver.
  let receiver: Place?
  private let cache = MemberCache()

  init(
    _ base: Expression, _ name: String, nameSpan: Span, _ arguments: [Expression], _ site: CallSite,
    isImplicitSelf: Bool, receiver: Place?
  ) {
    self.base = base
    self.name = name
    self.nameSpan = nameSpan
    self.arguments = arguments
    self.site = site
    self.isImplicitSelf = isImplicitSelf
    self.receiver = receiver
    super.init(site.span)
  }

  package override var children: [Node] { [base] + arguments }

  override func evaluate(_ frame: Frame) throws -> Value {
    let evaluation = frame.evaluation
    if let receiver {
      var indices: [Value] = []
      try receiver.prepare(frame, &indices)
      if let method = try mutatingMethod(receiver, indices, frame) {
        let values = try arguments.map { try $0.evaluate(frame) }
        var result = Value.void
        _ = try receiver.change(frame, indices, indices.count) { value in
          try frame.located(span) {
            result = try evaluation.callMutating(method, on: &value, CallArguments(values, site: site))
          }
          return true
        }
        return result
      }
      let value = try receiver.read(frame, indices, indices.count)
      return try call(on: value, frame)
    }
    return try call(on: try base.evaluate(frame), frame)
  }

  private func call(on value: Value, _ frame: Frame) throws -> Value {
    let evaluation = frame.evaluation
    // The member is looked up before the arguments are evaluated, so that a wrong name is reported first.
    let callee = try frame.located(nameSpan) { try evaluation.method(name, of: value, cache) }
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.evaluate(frame)) }
    return try frame.located(span) {
      try evaluation.call(callee, on: value, CallArguments(values, site: site))
    }
  }

  /// The method when it changes its receiver. Looks at the receiver without keeping a copy of it.
  private func mutatingMethod(_ receiver: Place, _ indices: [Value], _ frame: Frame) throws -> MutatingMethod?
  {
    let value = try receiver.read(frame, indices, indices.count)
    return frame.evaluation.mutatingMethod(name, of: value)
  }
}
