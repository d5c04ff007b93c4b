import ArrayCore

/// Which tasks: those to meta-train on, to choose settings with, or to report.
public enum MetaSplit: String, Sendable, CaseIterable {
  case train, val, test

  /// The number of the split in random streams.
  var stream: Int {
    switch self {
    case .train: 0
    case .val: 1
    case .test: 2
    }
  }

  /// The elements of this split: a part of one random order of all, so that with one seed no element is in two splits.
  ///
  /// - Parameters:
  ///   - all: what is split.
  ///   - split: the parts of train, val and test; their sum is at most 1.
  ///   - seed: what all draws depend on.
  public func part<Element>(
    of all: [Element], split: [Double] = [0.6, 0.2, 0.2], seed: UInt64
  ) throws -> [Element] {
    guard split.count == 3, split.allSatisfy({ $0 >= 0 && $0 <= 1 }), split.reduce(0, +) <= 1 + 1e-9 else {
      throw LearningError.argument(
        type: "ClassTasks", reason: "split needs three parts with a sum of at most 1, not \(split)")
    }
    let order = RandomKey(seed: seed, stream: 1 << 40).permutation(all.count)
    let total = Double(all.count)
    let ends = [
      0, (total * split[0]).rounded(), (total * (split[0] + split[1])).rounded(),
      (total * min(1, split.reduce(0, +))).rounded(),
    ].map { Int($0) }
    return order[ends[stream]..<ends[stream + 1]].map { all[$0] }
  }
}
