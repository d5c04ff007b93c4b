import ArrayCore
import Autograd
import NN
import OrderedCollections

/// A learner of tasks that have a train (support) and a test (query) set: the mean over a batch's tasks of an objective.
///
/// A new learner is one file: a subclass that computes the objective of a group of tasks. Batches, replays, profiles,
/// training and the loop over single tasks, where a model asks for it, come from here.
public class EpisodicLearner: Learner {
  public let model: Module
  public let optimizer: Optimizer?
  public let state = TrainingState()
  /// nil: cross entropy for int64 targets, mean squared error for others.
  public let lossFunction: LossFunction?
  /// How to go through a batch's tasks.
  public var strategy: Strategy = .automatic
  let replays = Replays<GroupNotes>()
  /// Set when the model or the loss turned out to need one task's numbers.
  final var needsTaskLoop = false
  /// Whether the tasks of the last batch that ranks shared had no common shape.
  final var wereUneven = false

  init(_ model: Module, _ optimizer: Optimizer?, _ lossFunction: LossFunction?) {
    self.model = model
    self.optimizer = optimizer?.copy()
    self.lossFunction = lossFunction
  }

  // MARK: What a subclass overrides

  public var learnedParameters: NamedParameters { model.trainableParameters }

  /// The constructor's arguments, as summaries show them behind the model.
  public var settings: String { "" }

  /// How many losses on the train sets an objective measures.
  var innerSteps: Int { 0 }

  /// The group's share of the mean objective over `tasks` tasks.
  func objective(_ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "objective")
  }

  /// Whether a step depends on nothing but numbers in tensors.
  var isReplayable: Bool { model.isReplayable && lossFunction?.isReplayable ?? true }

  /// Constants of an objective that change from iteration to iteration, with their values of now.
  func scheduledNumbers() throws -> [(Parameter, Tensor)] { [] }

  /// Which kind of step the iteration asks for: another number, another computation.
  var phase: Int { 0 }

  /// Statistics with their values after a step, from the sums over `tasks` tasks of what the objectives gave.
  func updates(from sums: [Tensor], tasks: Int) throws -> [(Buffer, Tensor)] { [] }

  /// Whether evaluation normalises by statistics that the learner keeps, not by those of the query set.
  var keepsStatistics: Bool { false }

  public var ownBuffers: [(name: String, buffer: Buffer)] { [] }

  public func endTraining() { replays.removeAll() }

  public func prefetched(_ source: any BatchSource, until end: Int) -> any BatchSource {
    source.ofOwnTasks.prefetched(until: end)
  }

  public func score(on source: any BatchSource) throws -> Score { try measuredScore(on: source) }

  public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "makeCopy")
  }

  public var sharesSteps: Bool { true }

  // MARK: Batches

  /// Runs the groups of some of a batch's tasks by `body`, again in a loop over single tasks if that is asked for.
  final func withGroups<R>(
    of batch: Batch, _ part: Range<Int>? = nil, parts: Int = 1, _ body: ([TaskGroup]) throws -> R
  ) throws -> R {
    let strategy = needsTaskLoop ? .looped : self.strategy
    let groups = try TaskGroup.groups(of: batch, part, strategy, model: model, parts: parts)
    do { return try body(groups) } catch let error
      where asksForTaskLoop(error) && groups.contains(where: { $0.taskCount != nil })
    {
      let result = try body(TaskGroup.groups(of: batch, part, .looped, model: model))
      needsTaskLoop = true
      return result
    }
  }

  /// The mean objective of a batch, differentiable with respect to everything that is learned.
  final func outerResult(
    _ batch: Batch, steps: Int, _ objective: (TaskGroup) throws -> GroupObjective
  ) throws -> OuterResult {
    let learned = learnedParameters
    return try withGroups(of: batch) { groups in
      var numbers = OuterNumbers(steps: steps)
      var notes: OrderedSet<String> = []
      var sum: Tensor?
      let scheduled = try scheduledNumbers()
      for group in groups {
        let own = try withReplacedParameters(scheduled) { try objective(group) }
        try numbers.append(own.measures, tasks: group.tasks)
        notes.formUnion(own.notes)
        sum = try sum.map { try $0 + own.share } ?? own.share
      }
      guard let total = sum else { throw LearningError.emptyBatch }
      return OuterResult(
        loss: total, numbers: numbers, iteration: iteration, notes: Array(notes), names: Array(learned.keys),
        gradients: { try MetaGradients(gradient(of: total, wrt: Array(learned.values))) })
    }
  }

  /// Where the time of a step on a batch goes, by operation. Nothing is updated.
  ///
  /// - Parameters:
  ///   - batch: the tasks of the step.
  ///   - repeats: so many steps are timed, after one that is not.
  public final func profile(_ batch: Batch, repeats: Int = 10) throws -> OperationProfile {
    try requireCount(repeats, "repeats", of: "profile")
    let inputs = StepInputs(of: self, scheduled: try scheduledNumbers())
    return try withGroups(of: batch, parts: replayParts) { groups in
      let computations = try groups.map { group in
        try TimedComputation(inputs.values + group.tensors, isReplayable: isReplayable) {
          try self.groupStep(inputs, $0, firstTask: group.firstTask, tasks: batch.count).tensors
        }
      }
      return try OperationProfile(computations, repeats: repeats)
    }
  }

  /// Into how many groups tasks are cut at least, so that threads can replay them side by side.
  final var replayParts: Int { isReplayable ? 2 : 1 }
}

/// What a learner makes small, for a group of tasks.
struct GroupObjective {
  /// Differentiable.
  let share: Tensor
  let measures: GroupMeasures
  /// Constants that are summed over the tasks.
  var statistics: [Tensor] = []
  /// Remarks for the user.
  var notes: [String] = []
}

/// A tensor with the value of `loss` and the derivative of `surrogate`.
func valued(_ surrogate: Tensor, as loss: Tensor) throws -> Tensor {
  try surrogate + (loss - surrogate).detach()
}

/// The share of a loss with a value for each task, or one for all, of the mean over `tasks` tasks.
func share(of loss: Tensor, _ group: TaskGroup, tasks: Int) throws -> Tensor {
  let one = loss.shape.isEmpty ? loss : try loss.reshape([])
  let sum =
    group.taskCount == nil ? one : loss.hasTasks ? try one.sumOverTasks() : try one * Double(group.tasks)
  return try sum / Double(tasks)
}
