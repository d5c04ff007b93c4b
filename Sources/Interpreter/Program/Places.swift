import Diagnostics

/// Something that can be written to: a variable, or a member or element of one, at any depth.
///
/// Writing goes in two steps, so that `a[f(a)] += 1` reads `a` before `a` is taken out of its variable: `prepare`
/// evaluates every subscript once, outermost base first; `change` then hands each level's value on by `inout`.
/// `indices` are what `prepare` collected; each level takes its own from `end` downwards.
class Place {
  let span: Span

  init(_ span: Span) { self.span = span }

  func prepare(_ frame: Frame, _ indices: inout [Value]) throws {}

  func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value { .void }

  /// Runs `body` on the value in its place. `body` says whether it changed the value itself (and not just an object it
  /// refers to); the result says the same of the place's base.
  func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool { false }

  /// Replaces the value.
  func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    try change(frame, indices, end) {
      $0 = value
      return true
    }
  }
}

final class VariablePlace: Place {
  let name: String
  let isMutable: Bool
  private let expression: Expression

  init(_ expression: Expression, isMutable: Bool, name: String) {
    self.expression = expression
    self.isMutable = isMutable
    self.name = name
    super.init(expression.span)
  }

  override func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value {
    try expression.evaluate(frame)
  }

  override func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    guard isMutable else {
      var value = try expression.evaluate(frame)
      if try body(&value) { throw constantProblem(frame) }
      return false
    }
    switch expression {
    case let local as LocalName:
      if local.box < 0 { return try body(&frame.slots[local.slot]) }
      guard let variable = frame.boxes[local.box] else { break }
      return try variable.change(body)
    case let captured as CapturedName: return try change(frame.captures[captured.index], frame, body)
    case let global as GlobalName: return try change(global.variable, frame, body)
    default: break
    }
    return false
  }

  /// Changes a variable of an enclosing function or of the top level.
  @inline(__always)
  private func change(
    _ variable: Variable, _ frame: Frame, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    guard variable.era < frame.evaluation.outer.kept else { return try variable.change(body) }
    var value = try variable.read()
    if try body(&value) { throw keptProblem(frame) }
    return false
  }

  @inline(__always)
  private func assign(_ variable: Variable, _ frame: Frame, _ value: Value) throws {
    guard variable.era < frame.evaluation.outer.kept else { return variable.assign(value) }
    throw keptProblem(frame)
  }

  private func keptProblem(_ frame: Frame) -> Diagnostic {
    frame.problem(
      "outer-variable-changed", "`\(name)` was there before, and cannot change here", at: span,
      hints: [frame.evaluation.outer.hint])
  }

  override func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    guard isMutable else { throw constantProblem(frame) }
    switch expression {
    case let local as LocalName:
      if local.box < 0 {
        frame.slots[local.slot] = value
      } else if let variable = frame.boxes[local.box] {
        variable.assign(value)
      }
    case let captured as CapturedName: try assign(frame.captures[captured.index], frame, value)
    case let global as GlobalName: try assign(global.variable, frame, value)
    default: break
    }
    return true
  }

  private func constantProblem(_ frame: Frame) -> Diagnostic {
    frame.problem(
      "constant-changed",
      name == "self"
        ? "`self` cannot be changed in a method that is not `mutating`" : "`\(name)` is a `let` constant",
      at: span,
      hints: [name == "self" ? "write `mutating func`" : "declare it with `var \(name)`"])
  }
}

/// The result of an expression that is no place itself; only objects it refers to can be changed.
final class ValuePlace: Place {
  private let expression: Expression

  init(_ expression: Expression) {
    self.expression = expression
    super.init(expression.span)
  }

  override func prepare(_ frame: Frame, _ indices: inout [Value]) throws {
    indices.append(try expression.evaluate(frame))
  }

  override func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value { indices[end - 1] }

  override func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    var value = indices[end - 1]
    if try body(&value) {
      throw frame.problem(
        "temporary-changed", "this value is a temporary: a change of it would be lost", at: span,
        hints: ["put it into a `var` first"])
    }
    return false
  }
}

final class MemberPlace: Place {
  let base: Place
  let name: String
  /// In `init`, `self.x = …` may set a `let`.
  let initializes: Bool

  init(_ base: Place, _ name: String, initializes: Bool, _ span: Span) {
    self.base = base
    self.name = name
    self.initializes = initializes
    super.init(span)
  }

  override func prepare(_ frame: Frame, _ indices: inout [Value]) throws { try base.prepare(frame, &indices) }

  override func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value {
    let container = try base.read(frame, indices, end)
    return try frame.located(span) { try frame.evaluation.member(name, of: container) }
  }

  override func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    try base.change(frame, indices, end) { container in
      try frame.located(span) {
        try frame.evaluation.changeMember(name, of: &container, initializes: initializes, body)
      }
    }
  }

  override func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    try base.change(frame, indices, end) { container in
      try frame.located(span) {
        try frame.evaluation.setMember(name, of: &container, to: value, initializes: initializes)
      }
    }
  }
}

final class SubscriptPlace: Place {
  let base: Place
  let arguments: [Expression]
  let site: CallSite

  init(_ base: Place, _ arguments: [Expression], _ site: CallSite) {
    self.base = base
    self.arguments = arguments
    self.site = site
    super.init(site.span)
  }

  override func prepare(_ frame: Frame, _ indices: inout [Value]) throws {
    try base.prepare(frame, &indices)
    for argument in arguments { indices.append(try argument.evaluate(frame)) }
  }

  private func own(_ indices: [Value], _ end: Int) -> CallArguments {
    CallArguments(Array(indices[(end - arguments.count)..<end]), site: site)
  }

  override func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value {
    let container = try base.read(frame, indices, end - arguments.count)
    return try frame.located(span) { try frame.evaluation.element(own(indices, end), of: container) }
  }

  override func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    try base.change(frame, indices, end - arguments.count) { container in
      try frame.located(span) {
        try frame.evaluation.changeElement(own(indices, end), of: &container, body)
      }
    }
  }

  override func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    try base.change(frame, indices, end - arguments.count) { container in
      try frame.located(span) {
        try frame.evaluation.setElement(own(indices, end), of: &container, to: value)
      }
    }
  }
}

/// `a?` or `a!` on the way to what is written.
final class UnwrapPlace: Place {
  let base: Place
  let isForced: Bool

  init(_ base: Place, isForced: Bool, _ span: Span) {
    self.base = base
    self.isForced = isForced
    super.init(span)
  }

  private func check(_ value: Value, _ frame: Frame) throws {
    guard case .null = value else { return }
    guard isForced else { throw NilInChain() }
    throw frame.problem("unexpected-nil", "this is nil, and `!` needs a value", at: span)
  }

  override func prepare(_ frame: Frame, _ indices: inout [Value]) throws { try base.prepare(frame, &indices) }

  override func read(_ frame: Frame, _ indices: [Value], _ end: Int) throws -> Value {
    let value = try base.read(frame, indices, end)
    try check(value, frame)
    return value
  }

  override func change(
    _ frame: Frame, _ indices: [Value], _ end: Int, _ body: (inout Value) throws -> Bool
  ) throws -> Bool {
    try base.change(frame, indices, end) { value in
      try check(value, frame)
      return try body(&value)
    }
  }
}

/// `(a, b) = …`
final class TuplePlace: Place {
  let places: [Place]

  init(_ places: [Place], _ span: Span) {
    self.places = places
    super.init(span)
  }

  override func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    guard case .tuple(let tuple) = value, tuple.values.count == places.count else {
      throw frame.problem(
        "type-mismatch", "\(places.count) variables cannot be set from \(value.typeDescription)", at: span)
    }
    for (place, value) in zip(places, tuple.values) {
      var own: [Value] = []
      try place.prepare(frame, &own)
      _ = try place.assign(frame, own, own.count, value)
    }
    return true
  }
}

/// `_`
final class DiscardPlace: Place {
  override func assign(_ frame: Frame, _ indices: [Value], _ end: Int, _ value: Value) throws -> Bool {
    false
  }
}
