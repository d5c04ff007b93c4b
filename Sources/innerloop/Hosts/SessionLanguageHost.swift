import Diagnostics
import Display
import Interpreter
import JupyterKernel
import JupyterWire
import MetaLearning
import Session
import Synchronization

/// The notebook kernel's view of a session.
final class SessionLanguageHost: LanguageHost {
  private let session: LanguageSession
  let debugger: (any LanguageDebugger)?
  /// The job whose ranks all run the cells; nil for a kernel of one process.
  private let job: RankJob?
  /// How many cells run, one in the middle of another.
  private let depth = Atomic(0)

  init(job: RankJob? = nil) {
    self.job = job
    session = .innerloop(history: HistoryStore(path: HistoryStore.defaultPath()))
    debugger = SessionDebugger(session)
  }

  let info = LanguageInfo(
    implementation: "innerloop", implementationVersion: Innerloop.version, name: "innerloop",
    version: Innerloop.version, fileExtension: ".loop", mimeType: "text/x-swift", pygmentsLexer: "swift",
    codemirrorMode: "swift",
    banner: "Innerloop \(Innerloop.version): gradient-based meta-learning. `help()` lists what there is.")

  // MARK: The evaluator's thread

  func start(safePoint: SafePoint) {
    session.atSafePoints { safePoint.pass() }
  }

  func execute(_ request: ExecutionRequest, output: any OutputSink) -> ExecutionOutcome {
    if let warning = session.history.takeWarning() { output.write(warning + "\n", to: .standardError) }
    let line = request.executionCount
    if request.storesHistory { session.history.append(line: line, source: request.code) }
    let result = run(request.code, name: "cell \(line)", output: output)
    switch result.ending {
    case .succeeded:
      if request.storesHistory, let value = result.value {
        session.history.setOutput(value.plainText, line: line)
      }
      return .ok(result: result.value, pages: result.pages)
    case .interrupted: return .error(ExecutionError(result.diagnostics, name: "Interrupted"))
    case .failed: return .error(ExecutionError(result.diagnostics))
    }
  }

  /// Runs a cell on all ranks; in the middle of another one, and for what is no cell, on this one alone.
  private func run(_ code: String, name: String, output: any OutputSink) -> RunResult {
    let isOutermost = depth.add(1, ordering: .relaxed).oldValue == 0
    defer { depth.subtract(1, ordering: .relaxed) }
    guard let job, isOutermost else {
      return Ranks.alone { session.run(code, name: name, output: output) }
    }
    _ = try? Ranks.next(code)
    return job.run(session, code, name: name, output: output)
  }

  func evaluate(expression: String, output: any OutputSink) -> ExpressionOutcome {
    let result = Ranks.alone { session.run(expression, name: "expression", output: output) }
    guard result.ending == .succeeded else { return .failure(ExecutionError(result.diagnostics)) }
    return .success(result.value ?? MIMEBundle(plain: ""))
  }

  func receive(_ event: CommEvent, output: any OutputSink) -> Bool {
    Ranks.alone { session.receive(event, output: output) }
  }

  // MARK: Any thread

  func complete(_ code: String, at cursor: Int) -> Completions {
    let found = session.complete(code, at: cursor)
    return Completions(
      items: found.matches.map { .init(text: $0.text, type: $0.kind.rawValue, signature: $0.detail) },
      start: found.cursorStart, end: found.cursorEnd)
  }

  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle? {
    session.inspect(code, at: cursor, detail: detail == 0 ? .brief : .full)
  }

  func isComplete(_ code: String) -> JupyterWire.Completeness {
    switch session.completeness(of: code) {
    case .complete: .complete
    case .incomplete(let indent): .incomplete(indent: indent)
    case .invalid: .invalid
    }
  }

  func history(_ query: HistoryQuery) -> [HistoryEntry] {
    let (entries, withOutput) =
      switch query {
      case .tail(let count, let withOutput): (session.history.tail(count), withOutput)
      case .range(let number, let start, let stop, let withOutput):
        (session.history.range(session: number, start: start, stop: stop), withOutput)
      case .search(let pattern, let count, let unique, let withOutput):
        (session.history.search(pattern: pattern, count: count, unique: unique), withOutput)
      }
    return entries.map {
      HistoryEntry(session: $0.session, line: $0.line, input: $0.source, output: withOutput ? $0.output : nil)
    }
  }

  func shutdown(restart: Bool) {
    session.history.flush()
    guard let job else { return }
    // A cell that does not end is left behind, and the other ranks with it.
    guard depth.load(ordering: .relaxed) == 0, (try? Ranks.next(nil)) == nil else { return job.mpi.abandon() }
    job.mpi.finish()
  }

  func interrupt() {
    session.interrupt()
    job?.mpi.interruptOthers()
  }
  func clearInterrupt() { session.clearInterrupt() }
}

extension ExecutionError {
  /// The name is the first problem's id in words run together: `shape-mismatch` is `ShapeMismatch`.
  init(_ diagnostics: [Diagnostic], name: String? = nil) {
    let id = diagnostics.first?.id ?? "error"
    let words = id.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    self.init(
      name: name ?? words, value: diagnostics.first?.message ?? "",
      traceback: DiagnosticRenderer(colour: true).render(diagnostics).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init))
  }
}
