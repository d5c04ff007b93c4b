import ArrayCore
import Autograd
import NN
import OrderedCollections

/// What a learner computed at one meta-iteration, before its update.
public protocol StepOutcome {
  /// What is recorded in the history.
  var meanLoss: Double { get }
  var meanAccuracy: Double? { get }
  /// The gradients of the learned parameters that the loss reaches, by name.
  var reachedGradients: NamedTensors { get throws }
  /// Changes what the update changes besides the learned parameters, such as running statistics. It cannot fail.
  func commit()
}

extension StepOutcome {
  public func commit() {}
}

/// A meta-learner: a model, an optimizer, and an objective at each iteration.
///
/// A new learner is one file: it stores the four properties and implements ``step(at:from:)`` and ``score(on:)``.
/// Training, its iterator, the history and checkpoints come from here. A learner belongs to the thread that runs the
/// program.
public protocol Learner: AnyObject {
  /// Where its batches come from.
  associatedtype Source
  associatedtype Outcome: StepOutcome

  var model: Module { get }
  /// The learner's own copy of the optimizer that it was given.
  var optimizer: Optimizer? { get }
  /// How far training has come.
  var state: TrainingState { get }
  /// Everything that the outer loop learns, by name: the model's parameters and those of the learner itself.
  var learnedParameters: NamedParameters { get }
  /// What it keeps besides its parameters and those of the model, by name: running statistics of its own.
  var ownBuffers: [(name: String, buffer: Buffer)] { get }

  /// Whether the ranks of a job share a step's work; otherwise each does all of it.
  var sharesSteps: Bool { get }
  /// The objective at an iteration, with its gradients, changing nothing; nil if there are no more batches.
  func step(at iteration: Int, from source: Source) throws -> Outcome?
  /// How good the learner is on other batches; nothing is learned from them.
  func score(on source: Source) throws -> Score
  /// Gives back what the learner keeps from step to step to be fast.
  func endTraining()
  /// The same source with its batches made ahead in the background, where another thread may make them.
  ///
  /// - Parameters:
  ///   - source: where the batches come from.
  ///   - end: no step asks for the batch of this iteration or a later one.
  func prefetched(_ source: Source, until end: Int) -> Source
  /// A learner of the same kind that has not trained, over another model of the same structure, with the settings of this
  /// one except for what changes. The optimizer is `changes.optimizer(of: self)`.
  func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner
}

/// The iteration of a learner and its history: changed together with the parameters, or not at all.
public final class TrainingState {
  public internal(set) var iteration = 0
  public internal(set) var history = History(firstIteration: 0)
  /// What was measured between the meta-updates of a ``TrainingRun``.
  public internal(set) var validations: [Validation] = []
  /// How long training has waited for its batches, in seconds: about 0 when they lie ready, made in the background.
  public private(set) var secondsWaited = 0.0
  /// Where branches may begin.
  var trail = Trail()

  public init() {}

  /// Runs what gives a batch, counting the time.
  func waiting<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer { secondsWaited += (ContinuousClock.now - start) / .seconds(1) }
    return try body()
  }

  func record(_ outcome: some StepOutcome) {
    history.append(loss: outcome.meanLoss, accuracy: outcome.meanAccuracy)
    iteration += 1
  }
}

/// The losses of meta-training.
public struct History: Sendable, Equatable {
  /// The iteration of the first entry.
  public let firstIteration: Int
  /// The mean loss over the batch's test sets, before the update.
  public private(set) var losses: [Double] = []
  /// The mean accuracy on the batch's test sets after adaptation; empty without labels.
  public private(set) var accuracies: [Double] = []

  public var count: Int { losses.count }

  public init(firstIteration: Int, losses: [Double] = [], accuracies: [Double] = []) {
    self.firstIteration = firstIteration
    self.losses = losses
    self.accuracies = accuracies
  }

  mutating func append(loss: Double, accuracy: Double?) {
    losses.append(loss)
    if let accuracy { accuracies.append(accuracy) }
  }

  /// The loss of an iteration; nil where none is known.
  func loss(at iteration: Int) -> Double? {
    let place = iteration - firstIteration
    return losses.indices.contains(place) ? losses[place] : nil
  }

  /// The entries before an iteration.
  func until(_ iteration: Int) -> History {
    let kept = min(max(0, iteration - firstIteration), losses.count)
    return History(
      firstIteration: min(firstIteration, iteration), losses: Array(losses.prefix(kept)),
      // Accuracies are of the last iterations if labels came later.
      accuracies: Array(accuracies.dropLast(losses.count - kept)))
  }

  /// The entries from an iteration on.
  func from(_ iteration: Int) -> History {
    let dropped = max(0, iteration - firstIteration)
    // Accuracies are of the last iterations if labels came later.
    let kept = max(0, losses.count - dropped)
    return History(
      firstIteration: iteration, losses: Array(losses.suffix(kept)),
      accuracies: Array(accuracies.suffix(kept)))
  }
}

extension Learner {
  public var ownBuffers: [(name: String, buffer: Buffer)] { [] }
  public var sharesSteps: Bool { false }
  public func endTraining() {}
  public func prefetched(_ source: Source, until end: Int) -> Source { source }

  /// Everything that a forward pass computes with, as it is now.
  var snapshot: [(Parameter, Tensor)] {
    (Array(learnedParameters.values) + model.frozenParameters.values).map { ($0, $0.value) }
  }

  /// The number of meta-updates done: the number of the next batch.
  public var iteration: Int { state.iteration }
  public var history: History { state.history }
  public var validations: [Validation] { state.validations }
  /// How long training has waited for its batches, in seconds: about 0 when they lie ready, made in the background.
  public var secondsWaited: Double { state.secondsWaited }

  /// Meta-updates one at a time: `next()` computes the objective, updates the parameters, and gives the numbers
  /// and gradients from before the update. Starts at batch ``iteration``. Batches are made ahead in the background where
  /// another thread may make them; the numbers are the same.
  public func trainIter(_ source: Source, maxBatches: Int = 500) -> TrainingIterator<Self> {
    TrainingIterator(learner: self, source: source, maxBatches: maxBatches)
  }

  /// Trains for so many batches, or until they end.
  ///
  /// - Parameters:
  ///   - source: where the batches come from.
  ///   - maxBatches: how many meta-updates at most.
  ///   - progress: called after each update.
  /// - Returns: the history of this call; ``history`` has all. An interrupt or an error leaves the last whole
  ///   step, with the history up to it.
  @discardableResult
  public func train(
    _ source: Source, maxBatches: Int = 500, progress: ((Outcome) throws -> Void)? = nil
  ) throws -> History {
    let first = iteration
    let steps = trainIter(source, maxBatches: maxBatches)
    try Ranks.alike { while let outcome = try steps.next() { try progress?(outcome) } }
    return history.from(first)
  }
}

/// The meta-updates of a learner, one for each call of ``next()``.
public final class TrainingIterator<L: Learner> {
  public let learner: L
  private let source: L.Source
  /// The source as it was given, until the first step.
  private var given: L.Source?
  private var remaining: Int

  init(learner: L, source: L.Source, maxBatches: Int) {
    self.learner = learner
    given = source
    let end = learner.iteration.addingReportingOverflow(max(0, maxBatches))
    self.source = learner.prefetched(source, until: end.overflow ? .max : end.partialValue)
    remaining = maxBatches
  }

  deinit { learner.endTraining() }

  /// Does the next update; nil after the last. When it throws, nothing has changed.
  public func next() throws -> L.Outcome? {
    guard remaining > 0 else { return nil }
    guard let optimizer = learner.optimizer else {
      throw LearningError.noOptimizer(learner: String(describing: type(of: learner)))
    }
    guard !learner.learnedParameters.isEmpty else {
      throw LearningError.nothingToLearn(
        model: learner.model.className, isFrozen: learner.model.parameterCount > 0)
    }
    try Cancellation.check("train")
    if given != nil { try Ranks.check(learner) }
    if !learner.model.isTraining { learner.model.train() }
    try learner.state.trail.note(learner, beginning: given)
    given = nil
    guard let (outcome, gradients) = try step() else {
      remaining = 0
      return nil
    }
    // The optimizer swaps all values at once or throws; the rest cannot throw. Other ranks do the same step.
    try Cancellation.held { try optimizer.step(learner.learnedParameters, gradients: gradients) }
    outcome.commit()
    learner.state.record(outcome)
    remaining -= 1
    return outcome
  }

  /// What the update is made of, on all ranks of a job or none.
  private func step() throws -> (L.Outcome, NamedTensors)? {
    func own() throws -> (L.Outcome, NamedTensors)? {
      guard let outcome = try learner.step(at: learner.iteration, from: source) else { return nil }
      return (outcome, try outcome.reachedGradients)
    }
    guard let ranks = Ranks.current, !learner.sharesSteps else { return try own() }
    return try Meeting(.step, ranks).agree(own).result
  }
}
