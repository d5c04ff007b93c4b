import Diagnostics
import Display
import Synchronization

/// What running code has at hand; builtins and host objects get it with every call.
///
/// One for the whole session. Lives on the evaluator's thread; only ``snapshots`` may be read elsewhere.
public final class Evaluation {
  public let registry: Registry
  /// Where the running cell writes.
  public internal(set) var output: any OutputSink
  /// What other threads may read of the session.
  public let snapshots: SnapshotStore
  let globals: GlobalTable
  /// True when the run should stop; asked at loop back-edges and calls.
  let isInterrupted: @Sendable () -> Bool
  /// Notes and warnings of the running cell.
  var notes: [Diagnostic] = []
  /// Ids of notes that are said once a session.
  var saidOnce: Set<String> = []
  var depth = 0
  /// The innermost call under way; without a count of references, as it changes with every call.
  var currentFrame: Unmanaged<Frame>?
  /// How many `do`/`catch` and `try?` are under way.
  var handlers = 0
  let debugger: Debugger
  /// Whether statements are run by the debugger; any thread.
  let isWatched = Atomic(false)
  /// How many calls are under way that come from Swift or have taken `self` away: until they end, something is half done.
  var openCalls = 0
  private var lastSnapshot = ContinuousClock.now
  /// How often steps of a loop show where they are.
  private static let snapshotInterval = Duration.milliseconds(100)
  /// What ``safePoint()`` passes; set by the front end.
  var passSafePoint: () -> Void = {}
  var stack = StackLimit()
  private var states: [ObjectIdentifier: AnyObject] = [:]

  init(
    registry: Registry, output: any OutputSink, debugger: Debugger,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.debugger = debugger
    self.registry = registry
    self.output = output
    self.isInterrupted = isInterrupted
    snapshots = SnapshotStore()
    globals = GlobalTable()
    debugger.evaluation = self
  }

  /// Throws the diagnostic `interrupted`, which `catch` does not see, when the user has asked to stop.
  public func checkInterruption() throws {
    if isInterrupted() { throw Diagnostic.interrupted }
  }

  /// What a long host loop does after each whole step: shows other threads where it is, lets others use the session, and
  /// ends when the user has asked to stop.
  public func endStep() throws {
    try checkInterruption()
    let now = ContinuousClock.now
    if now - lastSnapshot > Self.snapshotInterval { publishSnapshot() }
    try debugger.reachStep(self)
    safePoint()
  }

  /// Runs what is written under a `catch` or `try?`.
  @inline(__always)
  func handlingErrors<Result>(_ frame: Frame, _ body: () throws -> Result) throws -> Result {
    handlers += 1
    defer { handlers -= 1 }
    do { return try body() } catch {
      if isWatched.load(ordering: .relaxed) { try debugger.raised(error, frame) }
      throw error
    }
  }

  /// Lets others use the session in the middle of a running cell, between statements and at loop back-edges; does nothing
  /// where something is half done.
  @inline(__always)
  func safePoint() {
    if openCalls == 0 { passSafePoint() }
  }

  /// Runs `body` with another place for what it writes and shows.
  public func withOutput<Result>(_ sink: any OutputSink, _ body: () throws -> Result) rethrows -> Result {
    let outer = output
    defer { output = outer }
    output = sink
    return try body()
  }

  /// Which variables cannot change.
  var outer = OuterVariables()

  struct OuterVariables {
    /// How often ``keepingOuterVariables(_:_:)`` has begun.
    var era = 0
    /// Variables of earlier eras stay as they are.
    var kept = 0
    /// What to do instead of changing one.
    var hint = ""
  }

  /// Whether ``keepingOuterVariables(_:_:)`` is under way.
  public var keepsOuterVariables: Bool { outer.kept > 0 }

  /// Runs `body`, in which the program cannot change variables that were there before.
  ///
  /// - Parameter hint: what to do instead, for who tries.
  public func keepingOuterVariables<Result>(_ hint: String, _ body: () throws -> Result) rethrows -> Result {
    let before = outer
    outer.era += 1
    outer.kept = outer.era
    outer.hint = hint
    defer { (outer.kept, outer.hint) = (before.kept, before.hint) }
    return try body()
  }

  /// A note or warning shown after the cell's output; with `once`, the first time in a session only.
  public func note(_ diagnostic: Diagnostic, once: Bool = false) {
    if once, !saidOnce.insert(diagnostic.id).inserted { return }
    notes.append(diagnostic)
  }

  /// Runs `body`, and hands its notes and warnings to `take` in the cell's place, also when it throws.
  public func handingNotes<Result>(
    to take: ([Diagnostic]) -> Void, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = notes
    notes = []
    defer {
      take(notes)
      notes = outer
    }
    return try body()
  }

  /// One object a session that host code keeps its state in (the seed, for one).
  public func state<State: AnyObject>(_ type: State.Type, make: () -> State) -> State {
    if let known = states[ObjectIdentifier(type)] as? State { return known }
    let made = make()
    states[ObjectIdentifier(type)] = made
    return made
  }

  /// The session's variables that have a value, in the order of declaration.
  public var variables: [(name: String, value: Value)] {
    globals.names.compactMap { name in globals[name]?.currentValue.map { (name, $0) } }
  }

  /// Publishes a snapshot now.
  public func publishSnapshot() {
    lastSnapshot = .now
    snapshots.publish(globals.snapshot(registry: registry))
  }
}

extension Diagnostic {
  /// The run was stopped by the user.
  public static let interrupted = Diagnostic(id: "interrupted", message: "interrupted")
  public var isInterrupt: Bool { id == "interrupted" }
}
