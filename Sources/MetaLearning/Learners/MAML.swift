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
  public let adapting: [String]
  /// nil: cross entropy for int64 targets, mean squared error for others.
  public let lossFunction: LossFunction?
  /// How to go through a batch's tasks.
  public var strategy: Strategy = .automatic
  private let rates: InnerRates
  /// Set when the model or the loss turned out to need one task's numbers.
  private var needsTaskLoop = false

  /// How the learned step sizes are laid out.
  enum RateLayout { case fixed, one, perParameter, perElement }

  public convenience init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    firstOrder: Bool = false, learnStepSize: Bool = false, perParamStepSize: Bool = false,
    adapting: [String] = ["*"], lossFunction: LossFunction? = nil
  ) throws {
    try self.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: firstOrder,
      layout: learnStepSize ? (perParamStepSize ? .perParameter : .one) : .fixed, adapting, lossFunction)
  }

  init(
    _ model: Module, _ optimizer: Optimizer?, _ stepSize: Double, _ steps: Int, firstOrder: Bool,
    layout: RateLayout, _ adapting: [String], _ lossFunction: LossFunction?
  ) throws {
    self.model = model
    self.optimizer = optimizer?.copy()
    numAdaptationSteps = steps
    self.firstOrder = firstOrder
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
    model.namedParameters().merging(rates.parameters) { own, _ in own }
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
      firstOrder: firstOrder ?? self.firstOrder, round: iteration)
  }

  /// Adapts the model to a task, without changing it.
  public final func adapt(
    _ task: Task, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil, firstOrder: Bool? = nil
  ) throws -> AdaptationResult {
    let loop = try innerLoop(numAdaptationSteps, stepSize, firstOrder)
    let group = TaskGroup(task, number: 0)
    let snapshot = model.parameterEntries().map { ($0.parameter, $0.parameter.value) }
    let run = try loop.run(group, in: loop.scope(of: group))
    return AdaptationResult(
      params: NamedTensors(uniqueKeysWithValues: zip(loop.names, run.values[loop.steps])),
      innerLosses: run.innerLosses.map(mean), accuracyBefore: run.accuraciesBefore.map(mean),
      notes: loop.notes(run.unreached),
      table: { try withReplacedParameters(snapshot) { try loop.table(of: run) } })
  }

  public final func adapt(
    _ inputs: Tensor, _ targets: Tensor, numAdaptationSteps: Int? = nil, stepSize: StepSize? = nil,
    firstOrder: Bool? = nil
  ) throws -> AdaptationResult {
    try adapt(
      Task(train: Samples(inputs, targets), test: nil), numAdaptationSteps: numAdaptationSteps,
      stepSize: stepSize, firstOrder: firstOrder)
  }

  /// Runs the groups of a batch by `body`, again in a loop over single tasks if that is asked for.
  func withGroups<R>(of batch: Batch, _ body: ([TaskGroup]) throws -> R) throws -> R {
    let strategy = needsTaskLoop ? .looped : self.strategy
    let groups = try TaskGroup.groups(of: batch, strategy, model: model)
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
      var losses: [Tensor] = []
      let (numbers, notes) = try loop.outer(groups, tasks: batch.count) { losses.append($0) }
      var loss = losses[0]
      for other in losses.dropFirst() { loss = try loss + other }
      let total = loss
      return OuterResult(
        loss: total, numbers: numbers, iteration: iteration, notes: notes, names: Array(learned.keys),
        gradients: { try MetaGradients(gradient(of: total, wrt: Array(learned.values))) })
    }
  }

  /// The outer loss and its gradient, group by group, so that only one group's graph is in memory.
  public final func step(at iteration: Int, from source: any BatchSource) throws -> OuterResult? {
    guard let batch = try source.batch(at: iteration) else { return nil }
    let loop = try innerLoop(nil, nil, nil)
    let learned = learnedParameters
    return try withGroups(of: batch) { groups in
      var sums: [Tensor]?
      var unreached: Set<Int> = Set(learned.values.indices)
      var total = 0.0
      let (numbers, notes) = try loop.outer(groups, tasks: batch.count) { loss in
        let part = try gradient(of: loss, wrt: Array(learned.values))
        unreached.formIntersection(part.unreached)
        sums = try sums.map { try zip($0, part.values).map { try $0 + $1 } } ?? part.values
        total += try loss.item()
      }
      let gradients = MetaGradients(values: sums ?? [], unreached: unreached)
      return OuterResult(
        loss: try Tensor(total, dtype: .float64), numbers: numbers, iteration: iteration, notes: notes,
        names: Array(learned.keys), gradients: { gradients })
    }
  }
}

extension InnerLoop {
  /// Adapts to each group and hands its part of the mean outer loss to `consume`.
  func outer(
    _ groups: [TaskGroup], tasks: Int, consume: (Tensor) throws -> Void
  ) throws -> (numbers: OuterNumbers, notes: [String]) {
    var numbers = OuterNumbers(steps: steps)
    var unreached: Set<Int> = []
    for group in groups {
      guard let test = group.test else { throw LearningError.noTestSet }
      let scope = scope(of: group)
      let run = try run(group, in: scope)
      let (prediction, loss) = try forward(test, run.values[steps], .test(step: steps), in: scope)
      numbers.append(
        run, outerLosses: try perTask(loss, group.tasks),
        accuraciesAfter: try accuracies(prediction, test.targets, group.tasks))
      unreached.formUnion(run.unreached)
      let sum = loss.shape.isEmpty ? loss : try loss.reshape([])
      let part =
        group.taskCount == nil ? sum : loss.hasTasks ? try sum.sumOverTasks() : try sum * Double(group.tasks)
      try consume(part / Double(tasks))
    }
    return (numbers, notes(unreached))
  }

  /// The losses and accuracies of a run, without a graph. Train losses before each step are known already.
  func table(of run: Run) throws -> AdaptationTable {
    try noGrad {
      let group = run.group
      let scope = scope(of: group)
      var table = AdaptationTable(steps: Array(0...steps))
      var trainAccuracies: [Double]? = []
      var tests: (losses: [Double], accuracies: [Double]?)? = group.test.map { _ in ([], []) }
      for step in 0...steps {
        let values = run.values[step]
        let (prediction, loss) = try forward(group.train, values, .train(step: step), in: scope)
        table.trainLosses.append(
          step < steps ? mean(run.innerLosses[step]) : mean(try perTask(loss, group.tasks)))
        trainAccuracies = try appended(trainAccuracies, prediction, group.train, group.tasks)
        if let test = group.test, let known = tests {
          let (prediction, loss) = try forward(test, values, .test(step: step), in: scope)
          tests = (
            known.losses + [mean(try perTask(loss, group.tasks))],
            try appended(known.accuracies, prediction, test, group.tasks)
          )
        }
      }
      table.trainAccuracies = trainAccuracies
      table.testLosses = tests?.losses
      table.testAccuracies = tests?.accuracies
      return table
    }
  }

  private func appended(
    _ list: [Double]?, _ prediction: Tensor, _ samples: Samples, _ tasks: Int
  ) throws -> [Double]? {
    guard let list, let own = try accuracies(prediction, samples.targets, tasks) else { return nil }
    return list + [mean(own)]
  }
}
