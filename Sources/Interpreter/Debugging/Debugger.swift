import Diagnostics
import Synchronization

/// Stops running code where somebody wants to look: at breakpoints, after a step, on an error, or when asked to.
///
/// What is wanted may be set from any thread, also while code runs. Everything else belongs to the evaluator's thread. It
/// costs one load a statement while nothing is wanted.
public final class Debugger: @unchecked Sendable {
  /// How a paused program goes on.
  public enum Resumption: Hashable, Sendable {
    /// To the next breakpoint.
    case proceed
    /// To the next statement of this function, or of its caller.
    case stepOver
    /// To the next statement anywhere, also in a function that is called.
    case stepIn
    /// To the next statement of the caller.
    case stepOut
  }

  /// Which errors pause the program where they arise.
  public enum ErrorPause: Hashable, Sendable {
    case none
    /// Those that no `do`/`catch` or `try?` around them handles.
    case uncaught
    case all
  }

  struct Wishes {
    var isAttached = false
    /// By the text of the source.
    var lines: [String: [LineBreakpoint]] = [:]
    var functions: [FunctionBreakpoint] = []
    var errors = ErrorPause.none
    var pauses = false
    /// Changes with the breakpoints.
    var version = 0

    var hasBreakpoints: Bool { !lines.isEmpty || !functions.isEmpty }
  }

  private let wishes = Mutex(Wishes())
  private let stops = Atomic(false)
  private let notice: @Sendable (Bool) -> Void

  /// Other threads set its flag only.
  weak var evaluation: Evaluation?

  // The evaluator's thread.

  /// Shows a paused program to somebody, and tells how it goes on.
  var hold: ((Pause) -> Resumption)?
  /// Makes a pause of what runs.
  var makePause: ((Pause.Reason) -> Pause?)?
  private var step: Step?
  /// An error is on its way up and has been shown.
  var isUnwinding = false
  /// While a pause looks at the program, nothing in it stops.
  var isPaused = false

  fileprivate enum Step {
    case anywhere
    /// Where at most so many calls are under way.
    case upTo(depth: Int)
  }

  /// - Parameter notice: told whenever it changes whether every statement is to be seen, from any thread.
  init(notice: @escaping @Sendable (Bool) -> Void) { self.notice = notice }

  // MARK: any thread

  /// From now on, what is wanted is done.
  public func attach() { change { $0.isAttached = true } }

  /// Forgets all that was wanted. A paused program stays so until it is told to go on.
  public func detach() {
    change {
      let version = $0.version
      $0 = Wishes()
      $0.version = version + 1
    }
  }

  public var isAttached: Bool { wishes.withLock { $0.isAttached } }

  /// Sets the breakpoints of one source, in place of those it had.
  ///
  /// - Returns: As many as given: each at the first line from its own on that has a statement; nil where there is none.
  public func setBreakpoints(_ breakpoints: [LineBreakpoint], in text: String) -> [LineBreakpoint?] {
    let placed = Self.place(breakpoints, in: text)
    let all = placed.compactMap { $0 }
    change {
      $0.lines[text] = all.isEmpty ? nil : all
      $0.version += 1
    }
    return placed
  }

  /// Where breakpoints would be in a text, without setting them.
  public static func place(_ breakpoints: [LineBreakpoint], in text: String) -> [LineBreakpoint?] {
    let lines = breakpoints.isEmpty ? [] : StatementLines.of(text)
    return breakpoints.map { breakpoint in
      lines.first { $0 >= breakpoint.line }.map { LineBreakpoint(line: $0, condition: breakpoint.condition) }
    }
  }

  /// Sets the breakpoints at functions, in place of those there were.
  public func setBreakpoints(at functions: [FunctionBreakpoint]) {
    change {
      $0.functions = functions
      $0.version += 1
    }
  }

  public func pauseOnErrors(_ errors: ErrorPause) { change { $0.errors = errors } }

  /// Pauses what runs at its next statement or step.
  public func requestPause() { change { $0.pauses = $0.isAttached } }

  private func change(_ body: (inout Wishes) -> Void) {
    wishes.withLock { wishes in
      body(&wishes)
      update(wishes)
    }
  }

  /// Called with the lock held, so that no two changes cross.
  private func update(_ wishes: borrowing Wishes) {
    let seesAll = wishes.isAttached && (wishes.hasBreakpoints || wishes.pauses || isStepping)
    evaluation?.isWatched.store(
      seesAll || (wishes.isAttached && wishes.errors != .none), ordering: .relaxed)
    if stops.exchange(seesAll, ordering: .relaxed) != seesAll { notice(seesAll) }
  }

  private var isStepping: Bool { stepping.load(ordering: .relaxed) }
  private let stepping = Atomic(false)

  // MARK: the evaluator's thread

  /// Runs a statement, or stops before it.
  func run(_ statement: Statement, _ frame: Frame) throws -> Flow {
    guard statement.isStop else { return try statement.execute(frame) }
    return try watched(statement, frame) { try statement.execute(frame) }
  }

  /// The same for a body that is one expression.
  func evaluate(_ expression: Expression, _ frame: Frame) throws -> Value {
    try watched(expression, frame) { try expression.evaluate(frame) }
  }

  private func watched<Result>(_ node: Node, _ frame: Frame, _ body: () throws -> Result) throws -> Result {
    if isPaused { return try body() }
    frame.position = node
    isUnwinding = false
    if let reason = reason(toStopAt: node, frame) {
      try frame.located(node.span) { try stop(reason, frame) }
    }
    do { return try body() } catch {
      try raised(error, frame)
      throw error
    }
  }

  /// Between two steps of something long.
  func reachStep(_ evaluation: Evaluation) throws {
    guard evaluation.isWatched.load(ordering: .relaxed), !isPaused, wishes.withLock({ $0.pauses }),
      let frame = evaluation.currentFrame?.takeUnretainedValue()
    else {
      return
    }
    try stop(.pause, frame)
  }

  /// What goes on in a cell, while another is run at one of its safe points.
  struct Interlude {
    fileprivate let step: Step?
    fileprivate let isUnwinding: Bool
  }

  /// A cell begins: a step of the one that it visits does not go on in it. nil where a pause looks at the program.
  func begin() -> Interlude? {
    if isPaused { return nil }
    defer { end(Interlude(step: nil, isUnwinding: false)) }
    return Interlude(step: step, isUnwinding: isUnwinding)
  }

  /// A cell has ended; a step in it does not go on in the next.
  func end(_ outer: Interlude?) {
    guard let outer else { return }
    isUnwinding = outer.isUnwinding
    setStep(outer.step)
  }

  private func reason(toStopAt node: Node, _ frame: Frame) -> Pause.Reason? {
    let (pauses, version) = wishes.withLock { ($0.pauses, $0.version) }
    if pauses { return .pause }
    if let breakpoint = frame.code.breakpoint(at: node, version: version, placing: place) {
      if holds(breakpoint, frame) { return .breakpoint }
    }
    switch step {
    case nil: return nil
    case .anywhere?: return .step
    case .upTo(let depth)?: return frame.evaluation.depth <= depth ? .step : nil
    }
  }

  private func place(_ code: FunctionCode) -> [Int: Breakpoint] {
    let (lines, functions) = wishes.withLock { ($0.lines[code.source.text] ?? [], $0.functions) }
    return code.placed(lines, functions)
  }

  /// A condition that cannot be told pauses, so that its mistake is seen.
  private func holds(_ breakpoint: Breakpoint, _ frame: Frame) -> Bool {
    guard let condition = breakpoint.condition, let pause = makePause?(.breakpoint),
      let top = pause.frames.first
    else { return true }
    isPaused = true
    defer { isPaused = false }
    return pause.truth(of: condition, in: top) ?? true
  }

  /// An error is on its way up; it is shown once.
  func raised(_ error: any Error, _ frame: Frame) throws {
    guard !isPaused, !isUnwinding, !(error is NilInChain), !frame.evaluation.isUncatchable(error) else {
      return
    }
    isUnwinding = true
    switch wishes.withLock({ $0.errors }) {
    case .none: return
    case .uncaught: if frame.evaluation.handlers > 0 { return }
    case .all: break
    }
    try stop(.error(frame.evaluation.diagnostic(for: error)), frame)
    isUnwinding = true
  }

  private func stop(_ reason: Pause.Reason, _ frame: Frame) throws {
    guard let hold, let pause = makePause?(reason) else { return }
    change { $0.pauses = false }
    setStep(nil)
    frame.evaluation.publishSnapshot()
    isPaused = true
    let resumption = hold(pause)
    isPaused = false
    pause.end()
    let depth = frame.evaluation.depth
    switch resumption {
    case .proceed: break
    case .stepOver: setStep(.upTo(depth: depth))
    case .stepIn: setStep(.anywhere)
    case .stepOut: setStep(.upTo(depth: depth - 1))
    }
    try frame.evaluation.checkInterruption()
  }

  private func setStep(_ step: Step?) {
    self.step = step
    let isStepping = step != nil
    if stepping.exchange(isStepping, ordering: .relaxed) != isStepping { change { _ in } }
  }
}
