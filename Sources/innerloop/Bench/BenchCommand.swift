import ArgumentParser
import ArrayCore
import Foundation
import MetaLearning
import Prelude

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

  @Option(help: "Tasks in a batch, in place of the workload's.")
  var tasks: Int?
  @Option(help: "Inner steps, in place of the workload's.")
  var steps: Int?
  @Option(help: "Training samples of a task or of a class, in place of the workload's.")
  var shots: Int?
  @Flag(help: "Compute inner steps again for the outer gradient instead of keeping them.")
  var recompute = false
  @Flag(help: "Print a table of where the time of a step goes, by operation, instead.")
  var profile = false

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be above 0.") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be between 1 and 256.") }
    for (name, value) in [("tasks", tasks), ("steps", steps), ("shots", shots)] {
      if let value, !(1...100_000).contains(value) {
        throw ValidationError("--\(name) must be between 1 and 100000.")
      }
    }
    if !size.isOwn, let fixed = workloads.first(where: { !$0.isScalable }) {
      throw ValidationError(
        "\(fixed.rawValue) has sizes of its own; leave --tasks, --steps, --shots and --recompute out.")
    }
  }

  private var size: WorkSize { WorkSize(tasks: tasks, steps: steps, shots: shots, recompute: recompute) }

  func run() throws {
    ThreadPool.threadCount = threads
    for workload in workloads {
      if profile {
        print(try operations(of: workload).dataTable.text())
      } else {
        print(try measure(workload))
      }
    }
  }

  /// Times steps for as long as was asked for.
  private func operations(of workload: Workload) throws -> OperationProfile {
    let work = try workload.prepared(size)
    let rough = try work.profile(2).stepSeconds
    return try work.profile(max(3, Int(min(seconds / max(rough, 1e-6), 1e6))))
  }

  /// The median over repeats of an eighth of the time each.
  private func measure(_ workload: Workload) throws -> String {
    let began = ProcessClock.secondsSinceStart()
    let first = workload == workloads.first ? 0 : began
    let step = try workload.prepared(size).step
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
