import ArrayCore
import Autograd
import NN

/// Learners that embed a task's samples and read off its train (support) embeddings how to predict: no inner loop, any
/// module as a model.
///
/// `ways` is the number of classes; nil finds it as the largest label, anew for each group of tasks.
public class EmbeddingLearner: EpisodicLearner {
  public let ways: Int?

  init(_ model: Module, _ optimizer: Optimizer?, ways: Int?, _ lossFunction: LossFunction?) throws {
    if let ways { try requireCount(ways, "ways", of: "an embedding learner") }
    self.ways = ways
    super.init(model, optimizer, lossFunction)
  }

  /// What a train set tells.
  struct Head {
    /// By name, as ``adapt(_:)`` gives them.
    let params: NamedTensors
    /// The prediction for query embeddings [N, D].
    let predict: (_ queries: Tensor) throws -> Tensor
  }

  /// The head of a task, differentiable.
  ///
  /// - Parameters:
  ///   - support: the embeddings of the train set, [N, D].
  ///   - classes: nil for targets that are no labels.
  func head(_ support: Tensor, _ targets: Tensor, classes: Int?) throws -> Head {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "head")
  }

  /// Whether targets must be labels.
  var needsLabels: Bool { true }

  // The number of classes is read, unless it is given.
  override var isReplayable: Bool { ways != nil && super.isReplayable }

  override public var settings: String { ways.map { "ways: \($0)" } ?? "" }

  override func objective(_ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    guard let test = group.test else { throw LearningError.noTestSet }
    let (loss, accuracy) = try measured(test, of: group)
    return GroupObjective(
      share: try share(of: loss, group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: [], outerLoss: loss.detach(), accuracyBefore: nil, accuracyAfter: accuracy))
  }

  /// The head of a group's train sets.
  private func head(of group: TaskGroup, in scope: ForwardScope) throws -> Head {
    let labels = group.train.hasLabels
    guard labels || !needsLabels else { throw LearningError.labelsNeeded }
    try Cancellation.check("embed")
    return try ForwardScope.$current.withValue(scope) {
      let support = try model(group.train.inputs).flatten(from: 1)
      let classes = labels ? try ways ?? Int(group.train.targets.array.max().item()) + 1 : nil
      return try head(support, group.train.targets, classes: classes)
    }
  }

  /// The loss of each task on a set of samples, and how much of it is right.
  private func measured(
    _ samples: Samples, of group: TaskGroup, by known: Head? = nil
  ) throws -> (loss: Tensor, accuracy: Accuracy?) {
    let scope = scope(of: group)
    let head = try known ?? head(of: group, in: scope)
    guard samples.hasLabels || !needsLabels else { throw LearningError.labelsNeeded }
    scope.begin(pass: 1)
    return try ForwardScope.$current.withValue(scope) {
      let prediction = try head.predict(model(samples.inputs).flatten(from: 1))
      let loss = try (lossFunction ?? .standard(for: samples.targets))(prediction, samples.targets)
      guard loss.shape.elementCount == 1 else { throw LearningError.lossNotScalar(loss.shape) }
      return (try loss.reshape([]), try Accuracy(prediction, samples.targets))
    }
  }

  private func scope(of group: TaskGroup) -> ForwardScope {
    ForwardScope(
      .init(round: iteration, pass: 0, firstTask: group.firstTask, taskCount: group.taskCount))
  }

  /// What the learner takes from a task's train set, without changing itself: class prototypes or a layer's weights,
  /// attached to the model's parameters. There are no steps, so the table has one row.
  public final func adapt(_ task: Task) throws -> AdaptationResult {
    let group = TaskGroup(task, number: 0)
    let head = try head(of: group, in: scope(of: group))
    let snapshot = snapshot
    return AdaptationResult(
      params: head.params, innerLosses: [], accuracyBefore: nil, notes: [],
      table: {
        try withReplacedParameters(snapshot) {
          try noGrad {
            func row(_ samples: Samples) throws -> (loss: Double, accuracy: Double?) {
              let (loss, accuracy) = try self.measured(samples, of: group, by: head)
              return (
                mean(try perTask(loss, group.tasks)), try accuracy.map { mean(try $0.numbers(group.tasks)) }
              )
            }
            let (train, test) = (try row(group.train), try group.test.map(row))
            return AdaptationTable(
              steps: [0], trainLosses: [train.loss], testLosses: test.map { [$0.loss] },
              trainAccuracies: train.accuracy.map { [$0] }, testAccuracies: test?.accuracy.map { [$0] })
          }
        }
      })
  }

  /// The outer loss of a batch, differentiable with respect to everything that is learned.
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
          guard let test = group.test else { throw LearningError.noTestSet }
          let (loss, accuracy) = try self.measured(test, of: group)
          losses += try perTask(loss, group.tasks)
          if let accuracy { accuracies? += try accuracy.numbers(group.tasks) } else { accuracies = nil }
        }
        return ([losses], accuracies.map { [$0] })
      }
    }
  }
}
