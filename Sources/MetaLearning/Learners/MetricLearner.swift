import ArrayCore
import Autograd
import NN

/// Learners that embed a task's samples and compare its test (query) samples with its train (support) samples: no inner
/// loop, any module as a model.
///
/// `ways` is the number of classes; nil finds it as the largest label, anew for each group of tasks.
public class MetricLearner: EpisodicLearner {
  public let ways: Int?

  public required init(_ model: Module, optimizer: Optimizer? = nil, ways: Int? = nil) throws {
    if let ways { try requireCount(ways, "ways", of: "a metric learner") }
    self.ways = ways
    super.init(model, optimizer, .crossEntropy)
  }

  /// log p(class) of each query sample, up to a constant: [query samples, classes].
  func scores(_ queries: Tensor, _ support: Tensor, _ labels: Tensor, classes: Int) throws -> Tensor {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "scores")
  }

  // The number of classes is read, unless it is given.
  override var isReplayable: Bool { ways != nil && super.isReplayable }

  override public var settings: String { ways.map { "ways: \($0)" } ?? "" }

  override func objective(_ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    let (loss, accuracy) = try measured(group)
    return GroupObjective(
      share: try share(of: loss, group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: [], outerLoss: loss.detach(), accuracyBefore: nil, accuracyAfter: accuracy))
  }

  /// The loss of each task's test set, and how much of it is right.
  private func measured(_ group: TaskGroup) throws -> (loss: Tensor, accuracy: Accuracy?) {
    guard let test = group.test else { throw LearningError.noTestSet }
    guard group.train.hasLabels, test.hasLabels else { throw LearningError.labelsNeeded }
    try Cancellation.check("embed")
    let scope = ForwardScope(
      .init(round: iteration, pass: 0, firstTask: group.firstTask, taskCount: group.taskCount))
    return try ForwardScope.$current.withValue(scope) {
      let support = try model(group.train.inputs).flatten(from: 1)
      scope.begin(pass: 1)
      let queries = try model(test.inputs).flatten(from: 1)
      let classes = try ways ?? Int(group.train.targets.array.max().item()) + 1
      let scores = try scores(queries, support, group.train.targets, classes: classes)
      return (try crossEntropy(scores, test.targets), try Accuracy(scores, test.targets))
    }
  }

  /// The outer loss of a batch, differentiable with respect to the model's parameters.
  public final func outerLoss(_ batch: Batch) throws -> OuterResult {
    try outerResult(batch, steps: 0) { try objective($0, tasks: batch.count) }
  }

  /// The loss and accuracy on the test sets of some batches, in one entry.
  public final func evaluate(
    _ batches: any BatchSource, maxBatches: Int = 100, progress: ((_ batches: Int) throws -> Void)? = nil
  ) throws -> EvaluationResult {
    try evaluation(batches, maxBatches: maxBatches, steps: 0, progress: progress) { groups in
      try noGrad {
        var losses: [Double] = []
        var accuracies: [Double]? = []
        for group in groups {
          let (loss, accuracy) = try self.measured(group)
          losses += try perTask(loss, group.tasks)
          if let accuracy { accuracies? += try accuracy.numbers(group.tasks) } else { accuracies = nil }
        }
        return ([losses], accuracies.map { [$0] })
      }
    }
  }
}
