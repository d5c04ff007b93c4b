import Display
import Glibc
import JupyterKernel
import JupyterWire
import Synchronization

/// A language of one-line commands, which shows that the kernel knows none: any other line is its own value.
///
/// `print TEXT`, `warn TEXT`, `lines N`, `fail WORDS`, `loop` (until interrupted), `gate` (until ``open()``), `ask PROMPT`, `password PROMPT`,
/// `display ID TEXT`, `update ID TEXT`, `clear`, `page TEXT`, `nothing`.
final class ToyHost: LanguageHost {
  private let isInterrupted = Atomic<Bool>(false)
  private let isOpen = Atomic<Bool>(false)
  private let entries = Mutex<[HistoryEntry]>([])
  /// What the kernel told the host to do, in order.
  let events = Mutex<[String]>([])

  let info = LanguageInfo(
    implementation: "toy", implementationVersion: "1.0", name: "toy", version: "1.0", fileExtension: ".toy",
    mimeType: "text/plain", pygmentsLexer: "text", banner: "A toy.",
    helpLinks: [.init(text: "Toy", url: "https://example.org")])

  func start(safePoint: SafePoint) { note("start") }
  func interrupt() { isInterrupted.store(true, ordering: .releasing) }
  func clearInterrupt() { isInterrupted.store(false, ordering: .releasing) }
  func shutdown(restart: Bool) { note("shutdown \(restart)") }

  /// Lets `gate` go on.
  func open() { isOpen.store(true, ordering: .releasing) }

  /// Waits until the kernel has told the host of something.
  func wait(for event: String) { while !events.withLock({ $0.contains(event) }) { sched_yield() } }

  private func note(_ event: String) { events.withLock { $0.append(event) } }

  func execute(_ request: ExecutionRequest, output: any OutputSink) -> ExecutionOutcome {
    if request.storesHistory {
      let entry = HistoryEntry(session: 1, line: request.executionCount, input: request.code)
      entries.withLock { $0.append(entry) }
    }
    note("execute \(request.code)")
    var outcome = ExecutionOutcome.ok()
    for line in request.code.split(separator: "\n") {
      outcome = run(String(line), output)
      guard case .ok = outcome else { return outcome }
    }
    return outcome
  }

  private func run(_ line: String, _ output: any OutputSink) -> ExecutionOutcome {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words.first {
    case "print": output.write(rest + "\n", to: .standardOutput)
    case "warn": output.write(rest + "\n", to: .standardError)
    case "lines":
      for number in 0..<(Int(rest) ?? 0) {
        if isInterrupted.load(ordering: .acquiring) { return .interrupted }
        output.write("line \(number)\n", to: .standardOutput)
      }
    case "fail": return .error(ExecutionError(name: "Failure", value: rest, traceback: ["Failure: \(rest)"]))
    case "loop": return waitUntil(isInterrupted) ? .interrupted : .ok()
    case "gate":
      while !isOpen.load(ordering: .acquiring) {
        if isInterrupted.load(ordering: .acquiring) { return .interrupted }
        sched_yield()
      }
    case "ask", "password":
      do {
        let answer = try output.readLine(prompt: rest, isPassword: words[0] == "password") ?? ""
        return .ok(result: MIMEBundle(plain: answer))
      } catch InputError.interrupted {
        return .interrupted
      } catch {
        return .error(ExecutionError(name: "InputError", value: "\(error)", traceback: ["\(error)"]))
      }
    case "display", "update":
      let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
      output.display(
        MIMEBundle(plain: parts.last ?? "", html: "<b>toy</b>"), id: parts.first, update: words[0] == "update"
      )
    case "clear": output.clearOutput(wait: true)
    case "page": return .ok(pages: [MIMEBundle(plain: rest)])
    case "nothing": break
    default: return .ok(result: MIMEBundle(plain: line))
    }
    return .ok()
  }

  private func waitUntil(_ flag: borrowing Atomic<Bool>) -> Bool {
    while !flag.load(ordering: .acquiring) { sched_yield() }
    return true
  }

  func evaluate(expression: String, output: any OutputSink) -> ExpressionOutcome {
    expression.hasPrefix("fail")
      ? .failure(ExecutionError(name: "Failure", value: expression, traceback: []))
      : .success(MIMEBundle(plain: expression))
  }

  /// Completes the word before the cursor with its doubling.
  func complete(_ code: String, at cursor: Int) -> Completions {
    let word =
      String(String.UnicodeScalarView(code.unicodeScalars.prefix(cursor)))
      .split(separator: " ").last.map(String.init) ?? ""
    return Completions(
      items: [.init(text: word + word, type: "word"), .init(text: word + "!", type: "shout")],
      start: cursor - word.unicodeScalars.count, end: cursor)
  }

  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle? {
    code.hasPrefix("unknown") ? nil : MIMEBundle(plain: "\(code) at \(cursor), detail \(detail)")
  }

  func isComplete(_ code: String) -> Completeness {
    code.hasSuffix("{") ? .incomplete(indent: "  ") : code.hasPrefix("}") ? .invalid : .complete
  }

  func history(_ query: HistoryQuery) -> [HistoryEntry] {
    let all = entries.withLock { $0 }
    switch query {
    case .tail(let count, _): return all.suffix(count)
    case .range(_, let start, let stop, _):
      return all.filter { $0.line >= start && $0.line < stop ?? Int.max }
    case .search(let pattern, let count, _, _):
      return all.filter { $0.input.contains(pattern) }.suffix(count ?? all.count)
    }
  }
}
