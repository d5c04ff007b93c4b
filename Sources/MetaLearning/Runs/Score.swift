/// How good a learner is on tasks that it does not train on.
public struct Score: Sendable, Equatable {
  public let loss: Double
  /// nil without labels.
  public let accuracy: Double?

  public init(loss: Double, accuracy: Double? = nil) {
    self.loss = loss
    self.accuracy = accuracy
  }

  /// By accuracy where both have one, and by loss where that does not decide. What is no number is never better.
  public func isBetter(than other: Score) -> Bool {
    if let accuracy, let theirs = other.accuracy, accuracy != theirs {
      return accuracy > theirs || theirs.isNaN && !accuracy.isNaN
    }
    return loss < other.loss || other.loss.isNaN && !loss.isNaN
  }
}

/// A score with the meta-update after which it was taken.
public struct Validation: Sendable, Equatable {
  public let iteration: Int
  public let score: Score

  public init(iteration: Int, score: Score) {
    self.iteration = iteration
    self.score = score
  }
}

extension Sequence<Validation> {
  /// The best, the earliest of equals.
  public var best: Validation? {
    reduce(nil) { best, next in
      guard let best else { return next }
      return next.score.isBetter(than: best.score) ? next : best
    }
  }
}
