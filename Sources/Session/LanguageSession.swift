import Diagnostics
import Display
import Interpreter
import Synchronization

/// One session of the language behind every front end: the notebook kernel, the REPL and the script runner.
///
/// Programs run on the evaluator's thread, which needs a large stack and is the one that made the session. Completion,
/// inspection and ``interrupt()`` are for any thread: they read the immutable registry and the latest snapshot.
public final class LanguageSession: @unchecked Sendable {
  public let registry: Registry
  public let history: HistoryStore
  private let evaluator: Evaluator
  private let interruption: Interruption
  private let computation: Computation

  /// How long computations of the libraries below are told to stop.
  public struct Computation: Sendable {
    let cancel: @Sendable () -> Void
    let resume: @Sendable () -> Void
    let runStepwise: @Sendable (Bool) -> Void

    /// - Parameter runStepwise: told true while everything must be run as it is written, for who debugs.
    public init(
      cancel: @escaping @Sendable () -> Void, resume: @escaping @Sendable () -> Void,
      runStepwise: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
      self.cancel = cancel
      self.resume = resume
      self.runStepwise = runStepwise
    }
  }

  public init(registry: Registry, history: HistoryStore, computation: Computation) {
    let interruption = Interruption()
    self.registry = registry
    self.history = history
    self.interruption = interruption
    self.computation = computation
    evaluator = Evaluator(
      registry: registry, isInterrupted: { interruption.isRequested }, debugging: computation.runStepwise)
  }

  // MARK: The evaluator's thread

  /// Runs a cell, a line or a script.
  ///
  /// What it prints and displays goes to `output` as it comes, and so do notes, at the end, on standard error. Whatever
  /// happens, the session and its variables live on.
  ///
  /// - Parameter name: how diagnostics call the text: `cell 3`, `train.loop`.
  public func run(_ text: String, name: String, output: any OutputSink) -> RunResult {
    if let name = Inspector.question(in: text),
      let page = inspect(name, at: name.unicodeScalars.count, detail: .full)
    {
      return RunResult(pages: [page])
    }
    let outcome = evaluator.run(SourceText(name: name, text: text), output: output)
    let renderer = DiagnosticRenderer(colour: false)
    for note in outcome.notes { output.write(renderer.render(note) + "\n", to: .standardError) }
    return RunResult(outcome)
  }

  /// Hands on news of a comm, as a cell of its own. Problems are written to `output`.
  ///
  /// - Returns: False for an opening to a target that the language does not have.
  public func receive(_ event: CommEvent, output: any OutputSink) -> Bool {
    let (isWanted, outcome) = evaluator.receive(event, output: output)
    let renderer = DiagnosticRenderer(colour: false)
    for problem in outcome.notes + outcome.diagnostics {
      output.write(renderer.render(problem) + "\n", to: .standardError)
    }
    return isWanted
  }

  /// Calls `pass` between the steps of running programs: there, others may be run and news of comms be heard.
  public func atSafePoints(_ pass: @escaping () -> Void) { evaluator.atSafePoints(pass) }

  /// Calls `hold` whenever a running program pauses, in the middle of it; it returns how the program goes on.
  public func whenPaused(_ hold: @escaping (Pause) -> Debugger.Resumption) { evaluator.whenPaused(hold) }

  /// The variables as they are, between two programs or in a paused one.
  public var values: [(name: String, value: Value)] { evaluator.evaluation.variables }

  /// The problems of a text, without running it.
  public func check(_ text: String, name: String) -> [Diagnostic] {
    evaluator.check(SourceText(name: name, text: text))
  }

  /// Forgets every variable, function and struct.
  public func reset() { evaluator.removeVariables() }

  /// Gives a name a value before a program runs.
  public func define(_ name: String, _ value: Value) { evaluator.define(name, value) }

  // MARK: Any thread

  /// Where running programs are stopped.
  public var debugger: Debugger { evaluator.debugger }

  /// What could stand at a position of unfinished code, counted in code points.
  public func complete(_ text: String, at cursor: Int) -> CompletionResult {
    Completer(registry: registry, snapshot: evaluator.snapshots.current).complete(text, at: cursor)
  }

  /// What is known of the name at a position, counted in code points; nil when nothing is.
  public func inspect(_ text: String, at cursor: Int, detail: HelpPages.Detail) -> MIMEBundle? {
    Inspector(registry: registry, snapshot: evaluator.snapshots.current).inspect(
      text, at: cursor, detail: detail)
  }

  /// The variables as of the last step, in the order of their declaration.
  public var variables: [Snapshot.Variable] {
    let snapshot = evaluator.snapshots.current
    return snapshot.names.compactMap { snapshot.variables[$0] }
  }

  /// Whether a text can run as it stands.
  public func completeness(of text: String) -> Completeness { Completeness(of: text) }

  /// Whether ``interrupt()`` has been called and not yet forgotten.
  public var isInterrupted: Bool { interruption.isRequested }

  /// Asks the running program to end soon: between two operations, with its variables kept.
  public func interrupt() {
    interruption.request()
    computation.cancel()
  }

  /// Forgets an earlier ``interrupt()``; before the next program runs.
  public func clearInterrupt() {
    interruption.clear()
    computation.resume()
  }
}

/// The flag that ends a program.
private final class Interruption: Sendable {
  private let flag = Atomic(false)

  var isRequested: Bool { flag.load(ordering: .relaxed) }
  func request() { flag.store(true, ordering: .relaxed) }
  func clear() { flag.store(false, ordering: .relaxed) }
}
