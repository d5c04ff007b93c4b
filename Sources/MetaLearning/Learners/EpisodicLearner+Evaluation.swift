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
    let batches = batches.once.prefetched(until: end)
    for index in 0..<end {
      guard let batch = try batches.batch(at: index) else { break }
      let part = try model.evaluating { try withGroups(of: batch, nil, measure) }
      for step in 0...steps {
        losses[step] += part.losses[step]
        if let own = part.accuracies { accuracies?[step] += own[step] } else { accuracies = nil }
      }
      try progress?(index + 1)
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

extension EvaluationResult {
  /// After the last step.
  var score: Score { Score(loss: losses.last ?? .nan, accuracy: accuracies?.last) }
}
