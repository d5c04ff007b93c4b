import ArrayCore
import Autograd
import NN
import OrderedCollections

/// Model-agnostic meta-learning (Finn, Abbeel and Levine 2017): learns initial parameters θ from which a few steps
/// of gradient descent on a task's train set do well on its test set.
///
/// Inner loop, for each task: θ₀ = θ, θⱼ₊₁ = θⱼ − α ∇L_train(θⱼ). Outer loss: the mean over tasks of L_test(θₖ),
/// whose gradient with respect to θ goes through the inner steps (second order), or takes their gradients as
/// constants (first order).
///
/// With `learnStepSize` α is learned too (Antoniou, Edwards and Storkey 2018), one for each parameter with
/// `perParamStepSize`. `adapting` chooses which meta parameters the inner loop changes; `*` stands for any part of
/// a name. All parameters of the model are learned by the outer loop.
public class MAML: Learner {
  public let model: Module
  public let optimizer: Optimizer?
  public let state = TrainingState()
  public let numAdaptationSteps: Int
  public let firstOrder: Bool
  /// Whether the outer gradient computes each inner step again instead of keeping its graph: equal gradients, memory
  /// that hardly grows with the number of steps, and up to a quarter more time.
  public let recompute: Bool
  public let adapting: [String]
  /// nil: cross entropy for int64 targets, mean squared error for others.
  public let lossFunction: LossFunction?
  /// How to go through a batch's tasks.
  public var strategy: Strategy = .automatic
  private let rates: InnerRates
  private let replays = Replays<GroupNotes>()
  let adaptations = Replays<AdaptationNotes>(memoryLimit: 4 << 20)
  /// Set when the model or the loss turned out to need one task's numbers.
  private var needsTaskLoop = false

  /// How the learned step sizes are laid out.
  enum RateLayout { case fixed, one, perParameter, perElement }

  public convenience init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    firstOrder: Bool = false, learnStepSize: Bool = false, perParamStepSize: Bool = false,
    recompute: Bool = false, adapting: [String] = ["*"], lossFunction: LossFunction? = nil
  ) throws {
    try self.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: firstOrder, recompute: recompute,
      layout: learnStepSize ? (perParamStepSize ? .perParameter : .one) : .fixed, adapting, lossFunction)
  }

  init(
    _ model: Module, _ optimizer: Optimizer?, _ stepSize: Double, _ steps: Int, firstOrder: Bool,
    recompute: Bool = false, layout: RateLayout, _ adapting: [String], _ lossFunction: LossFunction?
  ) throws {
    self.model = model
    self.optimizer = optimizer?.copy()
    numAdaptationSteps = steps
    self.firstOrder = firstOrder
    self.recompute = recompute
    self.adapting = adapting
    self.lossFunction = lossFunction
    try requireCount(steps, "numAdaptationSteps", atLeast: 0, of: "MAML")
    let adapted = try Self.adapted(model, adapting)
    func rate(_ shape: Shape, _ dtype: DType) throws -> Parameter {
      try Parameter(Tensor.full(shape, stepSize, dtype: dtype))
    }
    switch layout {
    case .fixed: rates = .fixed(stepSize)
    case .one: rates = .learned(try rate([], adapted.values.first?.dtype ?? .float32))
    case .perParameter:
      rates = .learnedPerParameter(try adapted.mapValues { try rate([], $0.dtype) })
    case .perElement:
      rates = .learnedPerParameter(try adapted.mapValues { try rate($0.shape, $0.dtype) })
    }
  }

  /// The step size: a number, or the learned values.
  public var stepSize: StepSize { rates.stepSize }

  public var learnedParameters: NamedParameters {
    let own = model.namedParameters()
    if case .fixed = rates { return own }
    return own.merging(rates.parameters) { own, _ in own }
  }

  /// The meta parameters that fit a pattern.
  private static func adapted(_ model: Module, _ patterns: [String]) throws -> NamedParameters {
    let meta = model.metaNamedParameters()
    let chosen =
      patterns == ["*"]
      ? meta : meta.filter { entry in patterns.contains { matches(entry.key, pattern: $0) } }
    guard !chosen.isEmpty else {
      throw LearningError.nothingToAdapt(
        model: model.className, patterns: patterns, known: Array(meta.keys))
    }
    return chosen
  }

  // MARK: The inner loop

  func innerLoop(_ steps: Int?, _ stepSize: StepSize?, _ firstOrder: Bool?) throws -> InnerLoop {
    let adapted = try Self.adapted(model, adapting)
    let steps = steps ?? numAdaptationSteps
    try requireCount(steps, "numAdaptationSteps", atLeast: 0, of: "MAML")
    let sizes = stepSize ?? rates.stepSize
    return InnerLoop(
      model: model, lossFunction: lossFunction, names: Array(adapted.keys),
      parameters: Array(adapted.values),
      rates: try adapted.map { try sizes.rate(of: $0.key, shape: $0.value.shape) }, steps: steps,
      firstOrder: firstOrder ?? self.firstOrder, recompute: recompute, round: iteration)
  }

  /// Runs the groups of a batch by `body`, again in a loop over single tasks if that is asked for.
  func withGroups<R>(
    of batch: Batch, parts: Int = 1, _ body: ([TaskGroup]) throws -> R
  ) throws -> R {
    let strategy = needsTaskLoop ? .looped : self.strategy
    let groups = try TaskGroup.groups(of: batch, strategy, model: model, parts: parts)
    do { return try body(groups) } catch let error
      where asksForTaskLoop(error) && groups.contains(where: { $0.taskCount != nil })
    {
      let result = try body(TaskGroup.groups(of: batch, .looped, model: model))
      needsTaskLoop = true
      return result
    }
  }

  // MARK: The outer loop

  /// The outer loss of a batch, differentiable with respect to everything that is learned.
  public final func outerLoss(
    _ batch: Batch, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil, firstOrder: Bool? = nil
  ) throws -> OuterResult {
    let loop = try innerLoop(numAdaptationSteps, stepSize, firstOrder)
    let learned = learnedParameters
    return try withGroups(of: batch) { groups in
      var numbers = OuterNumbers(steps: loop.steps)
      var unreached: Set<Int> = []
      var sum: Tensor?
      for group in groups {
        let own = try loop.objective(group, tasks: batch.count)
        try numbers.append(own.measures, tasks: group.tasks)
        unreached.formUnion(own.unreached)
        sum = try sum.map { try $0 + own.share } ?? own.share
      }
      guard let total = sum else { throw LearningError.emptyBatch }
      return OuterResult(
        loss: total, numbers: numbers, iteration: iteration, notes: loop.notes(unreached),
        names: Array(learned.keys),
        gradients: { try MetaGradients(gradient(of: total, wrt: Array(learned.values))) })
    }
  }

  /// The outer loss and its gradient, group by group, so that only one group's graph is in memory.
  public final func step(at iteration: Int, from source: any BatchSource) throws -> OuterResult? {
    guard let batch = try source.batch(at: iteration) else { return nil }
    let learned = learnedParameters
    let (parameters, values) = (Array(learned.values), learned.values.map(\.tensor))
    return try withGroups(of: batch, parts: replayParts) { groups in
      var numbers = OuterNumbers(steps: numAdaptationSteps)
      var notes: [String] = []
      var sums: [Tensor] = []
      var unreached = Set(parameters.indices)
      try replays.run(groups.map { values + $0.tensors }, capturing: isReplayable) { place, tensors in
        try groupStep(parameters, tensors, firstTask: groups[place].firstTask, tasks: batch.count)
      } consume: { place, results in
        let measures = results.notes.measures.with(results.tensors[parameters.count...])
        try numbers.append(measures, tasks: groups[place].tasks)
        unreached.formIntersection(results.notes.unreached)
        notes = results.notes.texts
        // Kept numbers are copies: the next replay writes over the results.
        sums =
          try sums.isEmpty
          ? results.tensors.prefix(parameters.count).map { Tensor(try $0.array.copied()) }
          : zip(sums, results.tensors).map { try $0 + $1 }
      }
      let gradients = MetaGradients(values: sums, unreached: unreached)
      return OuterResult(
        loss: try Tensor(mean(numbers.outerLosses), dtype: .float64), numbers: numbers, iteration: iteration,
        notes: notes, names: Array(learned.keys), gradients: { gradients })
    }
  }

  /// The gradients of a group's share of the outer loss, and its measures.
  ///
  /// - Parameter tensors: values of the learned parameters, then the samples of the group.
  private func groupStep(
    _ parameters: [Parameter], _ tensors: [Tensor], firstTask: Int, tasks: Int
  ) throws -> Replays<GroupNotes>.Results {
    let leaves = tensors.prefix(parameters.count).map { $0.asRecorded() }
    let group = try TaskGroup(
      tensors: tensors.dropFirst(parameters.count), firstTask: firstTask)
    return try withReplacedParameters(Array(zip(parameters, leaves))) {
      let loop = try innerLoop(nil, nil, nil)
      let own = try loop.objective(group, tasks: tasks)
      // A model or loss of the user's may have kept a part of the graph for itself.
      let gradients =
        try isReplayable ? lastGradient(of: own.share, wrt: leaves) : gradient(of: own.share, wrt: leaves)
      return Replays.Results(
        tensors: gradients.values + own.measures.tensors,
        notes: GroupNotes(
          measures: own.measures, unreached: Set(gradients.unreached), texts: loop.notes(own.unreached)))
    }
  }

  /// What the step of a group tells besides tensors.
  struct GroupNotes {
    let measures: GroupMeasures
    /// Learned parameters that the outer loss does not depend on.
    let unreached: Set<Int>
    let texts: [String]
  }

  /// Where the time of a step on a batch goes, by operation. Nothing is updated.
  ///
  /// - Parameter repeats: so many steps are timed, after one that is not.
  public final func profile(_ batch: Batch, repeats: Int = 10) throws -> OperationProfile {
    try requireCount(repeats, "repeats", of: "profile")
    let learned = learnedParameters
    let (parameters, values) = (Array(learned.values), learned.values.map(\.tensor))
    return try withGroups(of: batch, parts: replayParts) { groups in
      let computations = try groups.map { group in
        try TimedComputation(values + group.tensors, isReplayable: isReplayable) {
          try self.groupStep(parameters, $0, firstTask: group.firstTask, tasks: batch.count).tensors
        }
      }
      return try OperationProfile(computations, repeats: repeats)
    }
  }

  public final func endTraining() {
    replays.removeAll()
    adaptations.removeAll()
  }

  /// Whether a step depends on nothing but numbers in tensors.
  var isReplayable: Bool { model.isReplayable && lossFunction?.isReplayable ?? true }

  /// Into how many groups tasks are cut at least, so that threads can replay them side by side.
  private var replayParts: Int { isReplayable ? 2 : 1 }
}

extension InnerLoop {
  /// Adapts to a group, and its share of the mean outer loss over `tasks` tasks: differentiable.
  func objective(
    _ group: TaskGroup, tasks: Int
  ) throws -> (share: Tensor, measures: GroupMeasures, unreached: Set<Int>) {
    guard let test = group.test else { throw LearningError.noTestSet }
    let scope = scope(of: group)
    let run = try run(group, in: scope)
    let (prediction, loss) = try forward(test, run.values[steps], .test(step: steps), in: scope)
    let one = loss.shape.isEmpty ? loss : try loss.reshape([])
    let sum =
      group.taskCount == nil ? one : loss.hasTasks ? try one.sumOverTasks() : try one * Double(group.tasks)
    let measures = GroupMeasures(
      innerLosses: run.losses, outerLoss: loss.detach(), accuracyBefore: run.accuracy,
      accuracyAfter: try Accuracy(prediction, test.targets))
    return (try sum / Double(tasks), measures, run.unreached)
  }
}
