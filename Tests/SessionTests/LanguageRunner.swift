import ArrayCore
import Display
import Interpreter
import Prelude
import Session

/// Runs programs of the whole language in one session, as a front end does.
struct LanguageRunner {
  let session = LanguageSession(
    registry: InnerloopLanguage.registry, history: HistoryStore(path: nil),
    computation: .init(cancel: { Cancellation.request() }, resume: { Cancellation.clear() }))

  /// What a cell printed and gave.
  struct Answer: Sendable {
    let result: RunResult
    let printed: String
    let warned: String

    var value: String? { result.value?.plainText }
    var errors: [String] { result.diagnostics.map(\.message) }
    var identifiers: [String] { result.diagnostics.map(\.id) }
  }

  @discardableResult
  func callAsFunction(_ program: String) -> Answer {
    LargeStackThread.run {
      let sink = MemorySink()
      let result = session.run(program, name: "cell", output: sink)
      return Answer(result: result, printed: sink.standardOutput, warned: sink.standardError)
    }
  }
}
