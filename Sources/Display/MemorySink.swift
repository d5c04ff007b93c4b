import Synchronization

/// Keeps everything that is written and shown; for tests of whatever produces output.
package final class MemorySink: OutputSink {
  package struct Shown: Sendable {
    package let bundle: MIMEBundle
    package let id: String?
    package let update: Bool
  }

  private struct State {
    var standardOutput = ""
    var standardError = ""
    var displays: [Shown] = []
    var clears: [Bool] = []
    var questions: [String] = []
    var input: [String]
  }

  package let isInteractive: Bool
  package let isRich: Bool
  private let state: Mutex<State>

  /// `input` are the lines given to `readLine`, in order.
  package init(isInteractive: Bool = true, isRich: Bool = true, input: [String] = []) {
    self.isInteractive = isInteractive
    self.isRich = isRich
    state = Mutex(State(input: input))
  }

  package var standardOutput: String { state.withLock { $0.standardOutput } }
  package var standardError: String { state.withLock { $0.standardError } }
  package var displays: [Shown] { state.withLock { $0.displays } }
  /// The `wait` of each call to `clearOutput`.
  package var clears: [Bool] { state.withLock { $0.clears } }
  /// The prompts of each call to `readLine`.
  package var questions: [String] { state.withLock { $0.questions } }

  package func write(_ text: String, to channel: OutputChannel) {
    state.withLock { state in
      switch channel {
      case .standardOutput: state.standardOutput += text
      case .standardError: state.standardError += text
      }
    }
  }

  package func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    state.withLock { $0.displays.append(Shown(bundle: bundle, id: id, update: update)) }
  }

  package func clearOutput(wait: Bool) {
    state.withLock { $0.clears.append(wait) }
  }

  package func readLine(prompt: String, isPassword: Bool) throws -> String? {
    try state.withLock { state in
      state.questions.append(prompt)
      if state.input.isEmpty { throw InputError.unavailable }
      return state.input.removeFirst()
    }
  }
}
