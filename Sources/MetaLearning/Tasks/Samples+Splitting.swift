import ArrayCore
import Autograd

extension Samples {
  /// The samples at some places.
  func rows(_ places: [Int]) throws -> Samples {
    let index = try NDArray(places)
    return try Samples(
      Tensor(NDArray.takeRows(inputs.array, index)), Tensor(NDArray.takeRows(targets.array, index)))
  }

  /// All samples in their order, cut into parts of nearly equal size, so that none is too small for batch statistics.
  func parts(ofAtMost size: Int) throws -> [Samples] {
    let parts = (count + size - 1) / size
    return try (0..<parts).map { part in
      let (from, to) = (count * part / parts, count * (part + 1) / parts)
      return try Samples(
        inputs.slice(axis: 0, from: from, to: to), targets.slice(axis: 0, from: from, to: to))
    }
  }

  /// A task of labelled samples: of each class `shots` to adapt on and `testShots` others to be measured on, chosen at
  /// random, in the order of the labels. torchmeta's `ClassSplitter`.
  ///
  /// - Throws: ``LearningError`` for a class with fewer samples, or targets that are no labels.
  public func splitByClass(shots: Int, testShots: Int, seed: UInt64 = 0) throws -> Task {
    try requireCount(shots, "shots", of: "ClassSplitter")
    try requireCount(testShots, "testShots", atLeast: 0, of: "ClassSplitter")
    return try splitByClass(seed: seed) { label, count in
      guard count >= shots, count - shots >= testShots else {
        throw LearningError.argument(
          type: "ClassSplitter",
          reason: "class \(label) has \(count) samples, fewer than \(shots) shots and \(testShots) test shots"
        )
      }
      return (shots, testShots)
    }
  }

  /// A task of labelled samples: of each class the fraction `train` to adapt on and the fraction `test` of the others to
  /// be measured on, rounded to the nearest, at least one each. torchmeta's `WeightedClassSplitter`, whose two sets may
  /// overlap; these never do.
  ///
  /// - Parameters:
  ///   - train: the fraction to adapt on.
  ///   - test: nil for all that is left.
  ///   - seed: what all draws depend on.
  public func splitByClass(train: Double, test: Double? = nil, seed: UInt64 = 0) throws -> Task {
    let rest = test ?? 1 - train
    guard train > 0, rest > 0, train + rest <= 1 + 1e-9 else {
      throw LearningError.argument(
        type: "WeightedClassSplitter",
        reason: "train \(train) and test \(rest) must be above 0 and at most 1 together")
    }
    return try splitByClass(seed: seed) { label, count in
      guard count >= 2 else {
        throw LearningError.argument(
          type: "WeightedClassSplitter", reason: "class \(label) has \(count) samples; it needs 2 at least")
      }
      let shots = min(max(1, Int((Double(count) * train).rounded())), count - 1)
      let left = count - shots
      return (shots, test.map { min(max(1, Int((Double(count) * $0).rounded())), left) } ?? left)
    }
  }

  private func splitByClass(
    seed: UInt64, _ sizes: (_ label: Int, _ count: Int) throws -> (shots: Int, testShots: Int)
  ) throws -> Task {
    guard targets.rank == 1, hasLabels, inputs.taskCount == nil else { throw LearningError.labelsNeeded }
    var rowsOf: [Int: [Int]] = [:]
    for (row, label) in try targets.toInts().enumerated() { rowsOf[label, default: []].append(row) }
    guard !rowsOf.isEmpty else {
      throw LearningError.argument(type: "ClassSplitter", reason: "there are no samples")
    }
    var parts: (train: [Int], test: [Int]) = ([], [])
    for (place, (label, own)) in rowsOf.sorted(by: { $0.key < $1.key }).enumerated() {
      let (shots, testShots) = try sizes(label, own.count)
      let drawn = RandomKey(seed: seed, stream: UInt64(place)).choice(shots + testShots, of: own.count)
      parts.train += drawn.prefix(shots).map { own[$0] }
      parts.test += drawn.dropFirst(shots).map { own[$0] }
    }
    return Task(train: try rows(parts.train), test: parts.test.isEmpty ? nil : try rows(parts.test))
  }
}
