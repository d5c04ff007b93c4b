import ArrayCore
import Autograd
import NN

extension EpisodicLearner {
  /// The means of what `measure` finds in each batch's groups: losses and accuracies on the test sets, (steps + 1) ×
  /// tasks. The model runs in evaluation mode and has its own mode again after each batch.
  final func evaluation(
    _ batches: any BatchSource, maxBatches: Int, steps: Int, progress: ((_ batches: Int) throws -> Void)?,
    _ measure: ([TaskGroup]) throws -> (losses: [[Double]], accuracies: [[Double]]?)
  ) throws -> EvaluationResult {
    var losses: [[Double]] = Array(repeating: [], count: steps + 1)
    var accuracies: [[Double]]? = losses
    // None is measured twice: that would make the confidence intervals too narrow.
    let end = min(max(0, maxBatches), batches.batchCount ?? .max)
    let own = OwnBatches(batches, until: end)
    var isAtEnd = false
    // Whole batches go to ranks: how many tasks run together is seen in the last bits of their numbers.
    try Ranks.alike {
      try Ranks.spread(0..<end) { index, words in
        guard let batch = try own.batch(at: index) else { return }
        let part = try model.evaluating { try withGroups(of: batch, nil, measure) }
        words = [Int64(batch.count)] + Measured(losses: part.losses, accuracies: part.accuracies).words
      } taking: { index, words, isDone in
        try own.pass(index)
        guard isDone else { return }
        guard let count = words.first, !isAtEnd else {
          isAtEnd = true
          return
        }
        let part = Measured(words: Array(words.dropFirst()), rows: steps + 1, tasks: Int(count))
        for step in 0...steps { losses[step] += part.losses[step] }
        if let own = part.accuracies {
          for step in 0...steps { accuracies?[step] += own[step] }
        } else {
          accuracies = nil
        }
        try progress?(index + 1)
      } until: {
        isAtEnd
      }
    }
    guard let count = losses.first?.count, count > 0 else { throw LearningError.noBatches }
    let isTransductive = model.evaluating {
      !keepsStatistics
        && model.namedModules().contains { ($0.module as? BatchNorm)?.usesBatchStatistics ?? false }
    }
    return EvaluationResult(
      losses: losses.map(mean), lossCI: losses.map(confidence), accuracies: accuracies?.map(mean),
      accuracyCI: accuracies?.map(confidence), count: count, isTransductive: isTransductive)
  }

  /// The mean over the first hundred batches, or as many as there are, of what a step would measure.
  final func measuredScore(on batches: any BatchSource) throws -> Score {
    let result = try evaluation(batches, maxBatches: 100, steps: 0, progress: nil) { groups in
      var numbers = OuterNumbers(steps: innerSteps)
      for group in groups {
        try numbers.append(objective(group, tasks: group.tasks).measures, tasks: group.tasks)
      }
      return ([numbers.outerLosses], numbers.accuraciesAfter.map { [$0] })
    }
    return result.score
  }
}

/// What evaluation finds in a batch: losses, and accuracies if there are any, (steps + 1) × tasks.
private struct Measured {
  let losses: [[Double]]
  let accuracies: [[Double]]?

  init(losses: [[Double]], accuracies: [[Double]]?) {
    self.losses = losses
    self.accuracies = accuracies
  }

  /// The numbers bit by bit, as ranks hand them on.
  var words: [Int64] { MetaLearning.words(of: (losses + (accuracies ?? [])).joined()) }

  /// - Parameters:
  ///   - words: not empty.
  ///   - rows: how many rows of losses there are.
  ///   - tasks: how many there are in a row.
  init(words: [Int64], rows: Int, tasks: Int) {
    let numbers = MetaLearning.numbers(of: words)
    let all = stride(from: 0, to: numbers.count, by: tasks).map { Array(numbers[$0..<$0 + tasks]) }
    losses = Array(all.prefix(rows))
    accuracies = all.count > rows ? Array(all.dropFirst(rows)) : nil
  }
}

extension EvaluationResult {
  /// After the last step.
  var score: Score { Score(loss: losses.last ?? .nan, accuracy: accuracies?.last) }
}
