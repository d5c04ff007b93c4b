import ArrayCore
import Autograd

/// Where the time of a meta-training step goes: what the kernels of each operation took.
///
/// The optimizer's update is not in it.
public struct OperationProfile: Sendable {
  public struct Row: Sendable {
    public let operation: String
    /// Kernels a step.
    public let calls: Int
    /// A step, in seconds.
    public let seconds: Double
  }

  /// The operations, the costliest first.
  public let rows: [Row]
  /// The time of a whole step in seconds, of which the kernels are a part.
  public let stepSeconds: Double
  /// Whether training replays these steps, so that little happens between the kernels.
  public let isReplayed: Bool

  /// What is spent between the kernels: deciding, allocating, running a model written in the language.
  public var otherSeconds: Double { max(0, stepSeconds - rows.reduce(0) { $0 + $1.seconds }) }

  /// Times the computations of a step one after the other.
  init(_ computations: [TimedComputation], repeats: Int) throws {
    var sums: [String: (calls: Int, time: Duration)] = [:]
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<repeats {
      for computation in computations {
        for (operation, time) in try computation.run() {
          let name = operation.isEmpty ? "other" : operation
          sums[name, default: (0, .zero)].calls += 1
          sums[name, default: (0, .zero)].time += time
        }
      }
    }
    stepSeconds = (clock.now - start) / .seconds(repeats)
    rows = sums.map { name, sum in
      Row(operation: name, calls: sum.calls / repeats, seconds: sum.time / .seconds(repeats))
    }.sorted { ($0.seconds, $1.operation) > ($1.seconds, $0.operation) }
    isReplayed = computations.allSatisfy(\.isReplayed)
  }
}

/// A group's part of a step whose kernels are timed: replayed where training replays it, else computed anew.
struct TimedComputation {
  private let inputs: [Tensor]
  private let body: ([Tensor]) throws -> [Tensor]
  private let capture: Capture?

  var isReplayed: Bool { capture != nil }

  /// Computes it once.
  init(_ inputs: [Tensor], isReplayable: Bool, _ body: @escaping ([Tensor]) throws -> [Tensor]) throws {
    self.inputs = inputs
    self.body = body
    let first = try Self.record(inputs, body)
    capture = isReplayable && first.isReplayable ? first : nil
  }

  private static func record(
    _ inputs: [Tensor], _ body: ([Tensor]) throws -> [Tensor]
  ) throws -> Capture {
    try Capture(inputs.map(\.array)) { copies in
      try body(zip(copies, inputs).map { Tensor($0, hasTasks: $1.hasTasks) }).map(\.array)
    }
  }

  /// What each kernel took.
  func run() throws -> [(operation: String, time: Duration)] {
    if let capture { return try capture.timedReplay() }
    return try Self.record(inputs, body).times
  }
}
