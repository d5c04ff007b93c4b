import Foundation

/// A thread that hears what other ranks tell, and ends the job when the rank before this one shows no sign of life: each
/// watches one, so that the cost does not grow with their number. Of a rank whose process ended `mpirun` itself tells.
final class RankWatch: Sendable {
  /// How often a sign of life is sent, in seconds; words are looked for ten times as often.
  private static let interval = 0.5

  private let job: MPIJob
  private let silence: Double

  init(_ job: MPIJob, silence: Double) {
    self.job = job
    self.silence = silence
  }

  func start() {
    let thread = Thread { self.run() }
    thread.name = "ranks"
    thread.start()
  }

  private func run() {
    let (before, after) = ((job.rank + job.size - 1) % job.size, (job.rank + 1) % job.size)
    // This clock stands still while the machine sleeps.
    let clock = SuspendingClock()
    var heard = clock.now
    var told: SuspendingClock.Instant?
    while !job.isEnded {
      let now = clock.now
      if told.map({ now - $0 >= .seconds(Self.interval) }) ?? true {
        // Signs that lie there were sent while this process itself was not running.
        while let message = job.hear() { take(message, from: before, &heard, at: now) }
        if now - heard > .seconds(silence) {
          job.end("rank \(before) has not answered for \(Int(silence)) s")
          return
        }
        job.tell(.sign, to: after)
        told = now
      }
      while let message = job.hear() { take(message, from: before, &heard, at: clock.now) }
      usleep(UInt32(Self.interval * 1e5))
    }
  }

  private func take(
    _ message: (word: MPIJob.Word?, program: Int, rank: Int), from watched: Int,
    _ heard: inout SuspendingClock.Instant,
    at now: SuspendingClock.Instant
  ) {
    if message.rank == watched { heard = now }
    if message.word == .interrupt { job.takeInterrupt(of: message.program) }
  }
}
