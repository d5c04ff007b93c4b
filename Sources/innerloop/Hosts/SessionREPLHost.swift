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
