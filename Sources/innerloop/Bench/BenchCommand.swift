import ArgumentParser
import ArrayCore
import Foundation
import MetaLearning

/// `innerloop bench`: meta-training steps per second, as a line of JSON for each workload.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time whole meta-training steps on fixed work; one line of JSON a workload.",
    discussion: "Workloads:\n"
      + Workload.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

  @Argument(help: "Which work to time.")
  var workloads: [Workload]
  @Option(help: "How long to measure each, in seconds.")
  var seconds: Double = 6
  @Option(help: "How many threads compute.")
  var threads: Int = 2

  @Flag(help: "Print a table of where the time of a step goes, by operation, instead.")
  var profile = false

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be above 0.") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be between 1 and 256.") }
  }

  func run() throws {
    ThreadPool.threadCount = threads
    for workload in workloads {
      if profile {
        print(try table(workload.prepared().profile()))
      } else {
        print(try measure(workload))
      }
    }
  }

  /// Operations with their calls and times, the costliest first.
  private func table(_ profile: OperationProfile) -> String {
    func line(_ name: String, _ calls: String, _ seconds: Double) -> String {
      let share = 100 * seconds / profile.stepSeconds
      return name.padding(toLength: 28, withPad: " ", startingAt: 0)
        + String(format: "%@ %10.3f ms %6.1f %%", calls.leftPadded(6), 1000 * seconds, share)
    }
    var lines = profile.rows.map { line($0.operation, String($0.calls), $0.seconds) }
    lines.append(line("between kernels", "", profile.otherSeconds))
    lines.append(line("step", "", profile.stepSeconds))
    return lines.joined(separator: "\n")
  }

  /// The median over repeats of an eighth of the time each.
  private func measure(_ workload: Workload) throws -> String {
    let began = ProcessClock.secondsSinceStart()
    let first = workload == workloads.first ? 0 : began
    let step = try workload.prepared().step
    var loss = try step()
    let firstStep = ProcessClock.secondsSinceStart() - first
    for _ in 0..<3 { loss = try step() }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var rates: [Double] = []
    while clock.now < end || rates.count < 3 {
      let start = clock.now
      var count = 0
      while count < 1 || clock.now - start < .seconds(seconds / 8) {
        loss = try step()
        count += 1
      }
      rates.append(Double(count) / ((clock.now - start) / .seconds(1)))
    }
    let rate = rates.sorted()[rates.count / 2]
    return String(
      format:
        #"{"workload": "%@", "peer": "innerloop", "threads": %d, "steps_per_s": %.2f, "first_step_s": %.3f, "#
        + #""peak_rss_mb": %d, "loss": %@}"#,
      workload.rawValue, threads, rate, firstStep, ProcessClock.peakResidentMegabytes(),
      loss.isFinite ? String(format: "%.4f", loss) : "null")
  }
}

extension Workload: ExpressibleByArgument {}

extension String {
  fileprivate func leftPadded(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
