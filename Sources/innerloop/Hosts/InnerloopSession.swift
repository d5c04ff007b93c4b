import ArrayCore
import MetaLearning
import Prelude
import Session

extension LanguageSession {
  /// A session of the whole language, whose interrupts also stop tensor operations.
  static func innerloop(history: HistoryStore) -> LanguageSession {
    LanguageSession(
      registry: InnerloopLanguage.registry, history: history,
      computation: Computation(
        cancel: { Cancellation.request() }, resume: { Cancellation.clear() },
        runStepwise: { Replay.isSuspended = $0 }))
  }
}
