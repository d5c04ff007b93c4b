import OrderedCollections

extension Comparison {
  /// How well one learner did, over the seeds that are done.
  public struct Row: Sendable {
    public let name: String
    public let loss: MeanInterval
    /// nil without labels.
    public let accuracy: MeanInterval?
  }

  /// How two learners differ: the first minus the second, seed by seed.
  public struct Difference: Sendable {
    public let first: String
    public let second: String
    public let loss: MeanInterval
    /// nil without labels.
    public let accuracy: MeanInterval?
  }

  /// One row a learner; empty until a seed is done.
  public var rows: [Row] {
    guard seedsDone > 0 else { return [] }
    return runs.map { name, runs in
      Row(
        name: name, loss: MeanInterval(of: runs.map(\.score.loss)),
        accuracy: Self.interval(runs.map(\.score.accuracy)))
    }
  }

  /// One entry a pair of learners, in their order.
  public var differences: [Difference] {
    guard seedsDone > 0 else { return [] }
    let all = runs.elements
    return all.indices.flatMap { first in
      all.indices.dropFirst(first + 1).map { second in
        let pairs = zip(all[first].value.map(\.score), all[second].value.map(\.score))
        return Difference(
          first: all[first].key, second: all[second].key,
          loss: MeanInterval(of: pairs.map { $0.loss - $1.loss }),
          accuracy: Self.interval(
            pairs.map { one, other in one.accuracy.flatMap { a in other.accuracy.map { a - $0 } } }))
      }
    }
  }

  /// nil unless all have a value.
  private static func interval(_ values: [Double?]) -> MeanInterval? {
    let known = values.compactMap { $0 }
    return known.count == values.count ? MeanInterval(of: known) : nil
  }

  /// A learner's training loss at each meta-update: over the seeds that are done.
  public struct Curve: Sendable {
    public let mean: [Double]
    /// The least and the largest.
    public let lowest: [Double]
    public let highest: [Double]
    /// Half the width of the 95% confidence interval by Student's t; NaN for one seed.
    public let halfWidths: [Double]
  }

  public func curve(of name: String) -> Curve {
    let all = runs[name]?.map(\.history.losses) ?? []
    let count = all.map(\.count).min() ?? 0
    let columns = (0..<count).map { step in all.map { $0[step] } }
    let intervals = columns.map(MeanInterval.init(of:))
    return Curve(
      mean: intervals.map(\.mean), lowest: columns.map { $0.min() ?? .nan },
      highest: columns.map { $0.max() ?? .nan }, halfWidths: intervals.map(\.halfWidth))
  }
}
