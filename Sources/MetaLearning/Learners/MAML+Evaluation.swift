import ArrayCore
import Autograd
import NN

extension MAML {
  /// Adapts to each task of some batches and measures on its test (query) set before the first step and after each.
  ///
  /// The values of the inner steps do not depend on the order of the derivative, so no graph of them is kept. The
  /// model runs in evaluation mode and has its own mode again after each batch; nothing else of it or of the learner
  /// changes.
  public func evaluate(
    _ batches: any BatchSource, maxBatches: Int = 100, numAdaptationSteps: Int? = nil,
    stepSize: StepSize? = nil, progress: ((_ batches: Int) throws -> Void)? = nil
  ) throws -> EvaluationResult {
    let loop = try innerLoop(numAdaptationSteps, stepSize, true)
    return try evaluation(batches, maxBatches: maxBatches, steps: loop.steps, progress: progress) {
      try loop.measure($0)
    }
  }
}

extension InnerLoop {
  /// Losses and accuracies on the test sets, (steps + 1) × tasks.
  func measure(_ groups: [TaskGroup]) throws -> (losses: [[Double]], accuracies: [[Double]]?) {
    var losses: [[Double]] = Array(repeating: [], count: steps + 1)
    var found: [[Double]]? = losses
    for group in groups {
      guard let test = group.test else { throw LearningError.noTestSet }
      let scope = scope(of: group)
      _ = try run(group, in: scope) { step, values in
        try noGrad {
          let (prediction, loss) = try forward(test, values, .test(step: step), in: scope)
          losses[step] += try perTask(loss, group.tasks)
          if let own = try Accuracy(prediction, test.targets) {
            found?[step] += try own.numbers(group.tasks)
          } else {
            found = nil
          }
        }
      }
    }
    return (losses, found)
  }
}
