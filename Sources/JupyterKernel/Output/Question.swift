internal import Display

/// A line that running code waits for. The evaluator waits, the message thread asks and answers, control may end it.
final class Question: Sendable {
  let origin: Origin
  let prompt: String
  let isPassword: Bool
  private let answer = Monitor<Result<String, InputError>?>(nil)

  init(origin: Origin, prompt: String, isPassword: Bool) {
    self.origin = origin
    self.prompt = prompt
    self.isPassword = isPassword
  }

  /// Whether nobody waits for an answer any more.
  var isSettled: Bool { answer.withLock { $0 != nil } }

  /// Gives the answer; only the first counts.
  func settle(_ result: Result<String, InputError>) {
    answer.update { if $0 == nil { $0 = result } }
  }

  /// Waits for the answer.
  func wait() throws(InputError) -> String {
    try answer.wait { $0 }.get()
  }
}
