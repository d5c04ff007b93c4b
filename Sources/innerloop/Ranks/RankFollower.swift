import Display
import Interpreter
import MetaLearning
import Session

/// A rank that runs the cells that the first rank's front end gets.
enum RankFollower {
  /// Runs cells until the first rank has no more.
  static func follow(_ job: RankJob) -> Int32 {
    LargeStackThread.run {
      let session = LanguageSession.innerloop(history: HistoryStore(path: nil))
      job.mpi.whenInterrupted { session.interrupt() }
      while let cell = try? Ranks.next(nil) {
        session.clearInterrupt()
        if job.mpi.isInterrupted { session.interrupt() }
        _ = job.run(session, cell, name: "cell", output: ConsoleSink())
      }
      job.mpi.finish()
      return 0
    }
  }
}
