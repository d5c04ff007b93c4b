import ArrayCore

/// What a running forward pass knows about the adaptation that it is part of.
///
/// While there is one, running statistics are not written: the inner loop must not leak from task to task. A
/// learner also gives the place of the pass, from which dropout derives its masks, so that a task sees the same
/// masks whether tasks run all at once or one after the other.
///
/// It belongs to the thread that runs the learner.
package final class ForwardScope: @unchecked Sendable {
  @TaskLocal package static var current: ForwardScope?

  /// The place of a pass in a training run.
  package struct Place {
    /// The meta-iteration.
    package var round: Int
    /// Which pass of the learner this is: each inner step and each evaluation has its own.
    package var pass: Int
    /// The number in the batch of the first task of the pass.
    package var firstTask: Int
    /// How many tasks run at once, nil if one runs without a task axis.
    package var taskCount: Int?

    package init(round: Int, pass: Int, firstTask: Int, taskCount: Int?) {
      self.round = round
      self.pass = pass
      self.firstTask = firstTask
      self.taskCount = taskCount
    }
  }

  package private(set) var place: Place?
  /// What stands in for running statistics; nil where a learner keeps none.
  package var statistics: StepStatistics?
  private var calls: [ObjectIdentifier: Int] = [:]

  package init(_ place: Place? = nil) { self.place = place }

  /// Starts another pass at the same tasks.
  package func begin(pass: Int) {
    place?.pass = pass
    calls.removeAll(keepingCapacity: true)
  }

  /// Which call of this module in this pass it is, from 0.
  func countCall(of module: Module) -> Int {
    let count = calls[ObjectIdentifier(module), default: 0]
    calls[ObjectIdentifier(module)] = count + 1
    return count
  }
}

/// One seed made of a seed and the numbers that tell its use (the finaliser of SplitMix64, repeated).
package func derivedSeed(_ seed: UInt64, _ words: Int...) -> UInt64 {
  var state = seed
  for word in words {
    state &+= 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(word))
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 31
  }
  return state
}
