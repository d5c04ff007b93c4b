import Diagnostics
import Display
import Interpreter
import REPL
import Session

/// The REPL's view of a session.
final class SessionREPLHost: REPLHost {
  private let sink: ConsoleSink
  private let session: LanguageSession
  private var lineNumber = 1

  init(sink: ConsoleSink) {
    self.sink = sink
    session = .innerloop(history: HistoryStore(path: HistoryStore.defaultPath()))
    // A Ctrl-C just before a question waits for its answer would otherwise go unseen until then.
    sink.stopReading { [session] in session.isInterrupted }
    if let warning = session.history.takeWarning() { sink.write(warning + "\n", to: .standardError) }
  }

  var banner: String {
    "Innerloop \(Innerloop.version). `help()` lists what there is, `name?` explains, Ctrl-D leaves."
  }
  var promptNumber: Int { lineNumber }

  func inputState(_ source: String) -> InputState {
    switch session.completeness(of: source) {
    case .complete: .complete
    case .incomplete(let indent): .incomplete(indent: indent)
    case .invalid: .invalid
    }
  }

  func complete(_ source: String, cursor: Int) -> CompletionList {
    let text = SourceText(name: "", text: source)
    let found = session.complete(source, at: text.codePointOffset(ofUTF8: cursor))
    return CompletionList(
      matches: found.matches.map(\.text), details: found.matches.map(\.detail),
      start: text.utf8Offset(ofCodePoint: found.cursorStart))
  }

  func painted(_ source: String) -> String { SyntaxColours.painted(source) }

  func inspect(_ source: String, cursor: Int, detail: Int) -> String? {
    let position = SourceText(name: "", text: source).codePointOffset(ofUTF8: cursor)
    return session.inspect(source, at: position, detail: detail == 0 ? .brief : .full)?.plainText
  }

  func run(_ source: String) -> Bool {
    session.clearInterrupt()
    let line = lineNumber
    lineNumber += 1
    session.history.append(line: line, source: source)
    let result = session.run(source, name: "line \(line)", output: sink)
    for page in result.pages { sink.display(page) }
    if let value = result.value {
      sink.display(value)
      session.history.setOutput(value.plainText, line: line)
    }
    if !result.diagnostics.isEmpty {
      let renderer = DiagnosticRenderer.standardError
      sink.write(renderer.render(result.diagnostics) + "\n", to: .standardError)
    }
    return result.ending == .succeeded
  }

  // MARK: The debugger

  func whenPaused(_ hold: @escaping (any REPLPause) -> REPLResumption) {
    session.whenPaused { [unowned self] pause in
      switch hold(SessionPause(pause, self)) {
      case .proceed: return .proceed
      case .stepOver: return .stepOver
      case .stepIn: return .stepIn
      case .stepOut: return .stepOut
      case .end:
        session.interrupt()
        return .proceed
      }
    }
  }

  func setBreakpoints(_ breakpoints: [REPLBreakpoint]) -> String? {
    var functions: [FunctionBreakpoint] = []
    var lines: [String: [LineBreakpoint]] = [:]
    var errors = Debugger.ErrorPause.none
    for breakpoint in breakpoints {
      switch breakpoint {
      case .function(let name, let condition): functions.append(.init(name: name, condition: condition))
      case .line(let line, let text, let file, let condition):
        if Debugger.place([.init(line: line)], in: text) == [nil] {
          return "\(file) has no statement on line \(line) or below"
        }
        lines[text, default: []].append(.init(line: line, condition: condition))
      case .errors: errors = .uncaught
      }
    }
    session.debugger.detach()
    if breakpoints.isEmpty { return nil }
    session.debugger.attach()
    session.debugger.setBreakpoints(at: functions)
    session.debugger.pauseOnErrors(errors)
    for (text, points) in lines { _ = session.debugger.setBreakpoints(points, in: text) }
    return nil
  }

  /// Shows what a text in a paused program came to. An interrupt ends the text, not the program.
  fileprivate func show(_ outcome: Outcome) -> Bool {
    session.clearInterrupt()
    if let value = outcome.value { sink.display(value.mimeBundle) }
    let problems = outcome.notes + outcome.diagnostics
    if !problems.isEmpty {
      sink.write(DiagnosticRenderer.standardError.render(problems) + "\n", to: .standardError)
    }
    return outcome.succeeded
  }

  func variables() -> [REPLVariable]? {
    session.variables.map { REPLVariable(name: $0.name, type: $0.typeName, summary: $0.summary) }
  }

  func reset() -> Bool {
    session.reset()
    return true
  }

  func interrupt() { session.interrupt() }

  func end() { session.history.flush() }

  func recentHistory(_ count: Int) -> [String] { session.history.tail(count).map(\.source) }
}

/// A paused program of the session.
private struct SessionPause: REPLPause {
  private let pause: Pause
  private let host: SessionREPLHost
  let frames: [REPLFrame]

  init(_ pause: Pause, _ host: SessionREPLHost) {
    self.pause = pause
    self.host = host
    frames = pause.frames.map {
      REPLFrame(
        name: $0.name, source: $0.source.name, text: $0.source.text,
        line: $0.source.position(at: $0.span.start).line)
    }
  }

  var reason: String {
    switch pause.reason {
    case .breakpoint: "at a breakpoint"
    case .step: "after a step"
    case .pause: "as asked"
    case .error(let diagnostic): "on an error: \(diagnostic.message)"
    }
  }

  func variables(of frame: Int) -> [REPLVariable] {
    guard pause.frames.indices.contains(frame) else { return [] }
    return pause.frames[frame].variables.map {
      REPLVariable(name: $0.name, type: $0.value.typeName, summary: $0.value.inspection.text)
    }
  }

  func run(_ source: String, in frame: Int) -> Bool {
    guard pause.frames.indices.contains(frame) else { return false }
    return host.show(pause.evaluate(source, in: pause.frames[frame]))
  }
}
