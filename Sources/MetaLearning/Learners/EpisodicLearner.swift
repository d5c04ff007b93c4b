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
  private var needsTaskLoop = false
  /// Whether the tasks of the last batch that ranks shared had no common shape.
  private var wereUneven = false

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

  /// Runs the groups of this rank's share of a batch by `body`, and hears of the other ranks, which go through their tasks
  /// in the same way.
  ///
  /// - Parameters:
  ///   - fetch: gives the batch, nil behind the last one; called once.
  ///   - count: how many numbers `compared` gives.
  ///   - compared: numbers of the result, of which the largest over all ranks is found.
  final func withOwnGroups<R>(
    of fetch: () throws -> Batch?, parts: Int = 1, comparing count: Int,
    compared: (R) throws -> [Int64], _ body: (Batch, [TaskGroup]) throws -> R
  ) throws -> Meeting.Outcome<R>? {
    guard let ranks = Ranks.current else {
      guard let batch = try fetch() else { return nil }
      guard batch.count == batch.total else { throw LearningError.partOfBatch }
      let result = try withGroups(of: batch, nil, parts: parts) { try body(batch, $0) }
      return Meeting.Outcome(result: result, largest: try compared(result))
    }
    // Tasks made here alone may fail here alone: that, too, all hear of.
    var made: Batch??
    func batch() throws -> Batch? {
      if let made { return made }
      let batch = try fetch()
      made = batch
      return batch
    }
    // After an uneven batch forms are compared before anything is computed, so that it is not computed twice.
    var isUneven = false
    if wereUneven {
      func form() throws -> [Int64] { try Self.form(of: batch()) }
      let forms = try Meeting(.step, ranks).agree(comparing: 2, compared: { $0 }, form)
      isUneven = !Self.areEqual(forms.largest[...])
    }
    func own(_ result: (batch: Batch, value: R)?) throws -> [Int64] {
      guard let result else { return [0, ~0, .min, .min, .min, .min] + Array(repeating: .min, count: count) }
      let isLooped: Int64 = needsTaskLoop ? 1 : 0
      return try [1, ~1, isLooped, ~isLooped] + Self.form(of: result.batch) + compared(result.value)
    }
    while true {
      let outcome = try Meeting(.step, ranks).agree(comparing: count + 6, compared: own) {
        try batch().map { batch in
          // The source has made this rank's tasks alone, or all of them.
          let share = batch.count < batch.total ? 0..<batch.count : Ranks.share(of: batch.total)
          let looped = isUneven ? try TaskGroup.groups(of: batch, share, .looped, model: model) : nil
          let value =
            try looped.map { try body(batch, $0) }
            ?? withGroups(of: batch, share, parts: parts) { try body(batch, $0) }
          return (batch: batch, value: value)
        }
      }
      let largest = outcome.largest
      guard Self.areEqual(largest[0..<2]) else { throw LearningError.ranksApart }
      guard let result = outcome.result else { return nil }
      let areAlike = Self.areEqual(largest[2..<4])
      if areAlike, isUneven || Self.areEqual(largest[4..<6]) {
        wereUneven = isUneven
        return Meeting.Outcome(result: result.value, largest: Array(largest.dropFirst(6)))
      }
      // Numbers of tasks in a group and of single ones may differ in their last bits.
      needsTaskLoop = needsTaskLoop || !areAlike
      isUneven = isUneven || !Self.areEqual(largest[4..<6])
    }
  }

  /// The form of a batch and its complement; what is less than both of any other where there are no tasks.
  private static func form(of batch: Batch?) throws -> [Int64] {
    try batch?.form.map { [$0, ~$0] } ?? [.min, .min]
  }

  /// Whether a number is the same on all ranks, from the largest of it and the largest of its complement, which belongs to
  /// the least.
  private static func areEqual(_ largest: ArraySlice<Int64>) -> Bool {
    largest.first == largest.last.map { ~$0 }
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
