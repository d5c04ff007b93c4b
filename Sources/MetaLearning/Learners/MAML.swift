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
/// a name. All parameters of the model are learned by the outer loop, those that are frozen by neither.
public class MAML: EpisodicLearner {
  public let numAdaptationSteps: Int
  public let firstOrder: Bool
  /// Whether the outer gradient computes each inner step again instead of keeping its graph: equal gradients, memory
  /// that hardly grows with the number of steps, and up to a quarter more time.
  public let recompute: Bool
  public let adapting: [String]
  public let innerOptimizer: InnerOptimizer
  /// Where α starts.
  let startStepSize: Double
  let layout: RateLayout
  private let rates: InnerRates
  /// Parameters that only the outer loop learns, whatever `adapting` says.
  private let outerOnly: Set<ObjectIdentifier>
  let adaptations = Replays<AdaptationNotes>(memoryLimit: 4 << 20)

  /// How the learned step sizes are laid out.
  enum RateLayout { case fixed, one, perParameter, perElement, perStep }

  public convenience init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    firstOrder: Bool = false, learnStepSize: Bool = false, perParamStepSize: Bool = false,
    recompute: Bool = false, adapting: [String] = ["*"], lossFunction: LossFunction? = nil,
    innerOptimizer: InnerOptimizer = .sgd
  ) throws {
    try self.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: firstOrder, recompute: recompute,
      layout: learnStepSize ? (perParamStepSize ? .perParameter : .one) : .fixed, adapting, lossFunction,
      innerOptimizer)
  }

  init(
    _ model: Module, _ optimizer: Optimizer?, _ stepSize: Double, _ steps: Int, firstOrder: Bool,
    recompute: Bool = false, layout: RateLayout, _ adapting: [String], _ lossFunction: LossFunction?,
    _ innerOptimizer: InnerOptimizer = .sgd, outerOnly: [Parameter] = []
  ) throws {
    guard innerOptimizer == .sgd || !recompute else {
      throw LearningError.argument(
        type: "MAML",
        reason: "recompute: true does not keep the state of an inner optimizer; leave one of them")
    }
    self.innerOptimizer = innerOptimizer
    self.layout = layout
    startStepSize = stepSize
    numAdaptationSteps = steps
    self.firstOrder = firstOrder
    self.recompute = recompute
    self.adapting = adapting
    self.outerOnly = Set(outerOnly.map(ObjectIdentifier.init))
    try requireCount(steps, "numAdaptationSteps", atLeast: 0, of: "MAML")
    let adapted = try model.adaptedParameters(adapting, without: self.outerOnly)
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
    case .perStep:
      rates = .learnedPerStep(try adapted.mapValues { try rate([max(1, steps)], $0.dtype) })
    }
    super.init(model, optimizer, lossFunction)
  }

  /// The step size: a number, or the learned values.
  public var stepSize: StepSize { rates.stepSize }

  override public var learnedParameters: NamedParameters {
    let own = model.trainableParameters
    if case .fixed = rates { return own }
    return own.merging(rates.parameters) { own, _ in own }
  }

  // MARK: The inner loop

  func innerLoop(_ steps: Int?, _ stepSize: StepSize?, _ firstOrder: Bool?) throws -> InnerLoop {
    let (adapted, frozen) = try model.adaptedParameters(adapting, without: outerOnly)
      .withoutFrozen(in: model)
    let steps = steps ?? numAdaptationSteps
    try requireCount(steps, "numAdaptationSteps", atLeast: 0, of: "MAML")
    let sizes = stepSize ?? rates.stepSize
    return InnerLoop(
      model: model, lossFunction: lossFunction, names: Array(adapted.keys),
      parameters: Array(adapted.values), frozen: frozen,
      rates: try (0..<sizes.steps).map { step in
        try adapted.map { try sizes.rate(of: $0.key, shape: $0.value.shape, step: step) }
      }, steps: steps,
      firstOrder: firstOrder ?? self.firstOrder, recompute: recompute, round: iteration,
      optimizer: innerOptimizer)
  }

  // MARK: The outer loop

  /// The outer loss of a batch, differentiable with respect to everything that is learned.
  public final func outerLoss(
    _ batch: Batch, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil, firstOrder: Bool? = nil
  ) throws -> OuterResult {
    let loop = try innerLoop(numAdaptationSteps, stepSize, firstOrder)
    return try outerResult(batch, steps: loop.steps) { try objective(of: loop, $0, tasks: batch.count) }
  }

  override var innerSteps: Int { numAdaptationSteps }

  /// Whether the gradient is that of the outer loss, through the inner steps or to first order.
  var differentiatesOuterLoss: Bool { true }

  override public var settings: String { "numAdaptationSteps: \(numAdaptationSteps)" }

  override final func objective(_ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    try objective(of: innerLoop(nil, nil, nil), group, tasks: tasks)
  }

  /// What a subclass overrides that makes another use of its inner loop.
  func objective(of loop: InnerLoop, _ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    try loop.objective(group, tasks: tasks)
  }

  /// Without the graph that the derivative of a step needs.
  override public func score(on source: any BatchSource) throws -> Score { try evaluate(source).score }

  override public func endTraining() {
    super.endTraining()
    adaptations.removeAll()
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps, .firstOrder])
    return try MAML(
      model, changes.optimizer(of: self), changes.stepSize ?? startStepSize,
      changes.numAdaptationSteps ?? numAdaptationSteps, firstOrder: changes.firstOrder ?? firstOrder,
      recompute: recompute, layout: layout, adapting, lossFunction, innerOptimizer)
  }

  /// Refuses changes of what the learner does not have, and of a step size that it has learned.
  final func require(_ changes: LearnerChanges, _ known: Set<LearnerChanges.Setting>) throws {
    let type = String(describing: type(of: self))
    try changes.require(known, of: type)
    guard changes.stepSize == nil || layout == .fixed else {
      throw LearningError.argument(
        type: type, reason: "its step sizes are learned; only a fixed one can be changed")
    }
  }
}

extension InnerLoop {
  /// Adapts to a group, and its share of the mean outer loss over `tasks` tasks: differentiable.
  func objective(_ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    guard let test = group.test else { throw LearningError.noTestSet }
    let scope = scope(of: group)
    let run = try run(group, in: scope)
    let (prediction, loss) = try forward(test, run.values[steps], .test(step: steps), in: scope)
    return GroupObjective(
      share: try share(of: loss, group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: run.losses, outerLoss: loss.detach(), accuracyBefore: run.accuracy,
        accuracyAfter: try Accuracy(prediction, test.targets)),
      notes: notes(run.unreached))
  }
}
