import ArrayCore
import Glibc

/// How much of the processors' time this process has used since a moment.
package struct ProcessorUse {
  /// What is taken for measured, where others in the process would disturb the measurement.
  @TaskLocal package static var assumedLow: Bool?

  private let start = ContinuousClock.now
  private let used = Self.processTime()

  /// Whether a quarter of the time, and more than a thread costs, was not used.
  var isLow: Bool {
    if let assumed = Self.assumedLow { return assumed }
    let whole = (ContinuousClock.now - start) * ThreadPool.processorCount
    let idle = whole - (Self.processTime() - used)
    return idle > .microseconds(500) && idle * 4 > whole
  }

  /// What all threads have used.
  private static func processTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
