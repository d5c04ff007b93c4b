import ArrayCore
import Autograd
import NN
import OrderedCollections

/// MAML++ (Antoniou, Edwards and Storkey 2019): ``MAML`` with the changes that make its training stable. Each is an
/// option; without all of them it is MAML.
///
/// - Learned rates for each inner step and parameter, `stepSize.<name>` of shape [steps] (`learnStepSizes`).
/// - Multi-step loss: for the first N meta-updates (`multiStepIterations`) the outer loss is Σᵢ vᵢ L_test(θᵢ) over the
///   steps i = 1 … k, where at meta-update n vᵢ = (1 − n / N) / k for i < k, and v_k is the rest of 1; afterwards it is
///   L_test(θ_k).
/// - First order for so many meta-updates, second order afterwards (`firstOrderIterations`).
/// - Batch normalisation with weights and biases for each inner step, `perStep.<name>` of shape [steps, features], which
///   the outer loop learns and the inner loop leaves alone (`perStepNorm`). They start at the model's own.
/// - Running statistics for each inner step, the mean over the tasks of a meta-update, by which evaluation normalises in
///   place of the query set's own (`perStepStatistics`): running ← (1 − momentum) running + momentum · batch.
///
/// A pass on a test set uses what belongs to the step before it; more steps than were trained use the last step's. The
/// paper's cosine for the outer rate is the optimizer's: `Adam(lr: LearningRate(CosineSchedule(from: 0.001, over: n)))`.
public final class MAMLPlusPlus: MAML {
  public let multiStepIterations: Int
  public let firstOrderIterations: Int
  /// How much of a meta-update's statistics joins the running ones.
  public let statisticsMomentum: Double
  private let perStepNorm: Bool
  /// The parameters of batch normalisation with their values for each step.
  private let stepTables: OrderedDictionary<String, StepTable>
  private let statistics: StepStatistics?
  /// v of this iteration: a constant of the objective.
  private let lossWeights: Parameter

  private struct StepTable {
    let parameter: Parameter
    let table: Parameter
  }

  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 5,
    learnStepSizes: Bool = true, multiStepIterations: Int = 7500, firstOrderIterations: Int = 0,
    perStepNorm: Bool = true, perStepStatistics: Bool = false, statisticsMomentum: Double = 0.1,
    recompute: Bool = false, adapting: [String] = ["*"], lossFunction: LossFunction? = nil
  ) throws {
    try requireCount(numAdaptationSteps, "numAdaptationSteps", of: "MAMLPlusPlus")
    try requireCount(multiStepIterations, "multiStepIterations", atLeast: 0, of: "MAMLPlusPlus")
    try requireCount(firstOrderIterations, "firstOrderIterations", atLeast: 0, of: "MAMLPlusPlus")
    guard (0...1).contains(statisticsMomentum) else {
      throw LearningError.argument(
        type: "MAMLPlusPlus", reason: "statisticsMomentum is \(statisticsMomentum), it must be 0 to 1")
    }
    self.multiStepIterations = multiStepIterations
    self.firstOrderIterations = firstOrderIterations
    self.statisticsMomentum = statisticsMomentum
    self.perStepNorm = perStepNorm
    stepTables = perStepNorm ? try Self.tables(of: model, steps: numAdaptationSteps) : [:]
    statistics = perStepStatistics ? try StepStatistics(of: model, steps: numAdaptationSteps) : nil
    lossWeights = try Parameter(Tensor.zeros([numAdaptationSteps], dtype: .float64))
    try super.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: false, recompute: recompute,
      layout: learnStepSizes ? .perStep : .fixed, adapting, lossFunction,
      outerOnly: stepTables.values.map(\.parameter))
  }

  /// A row of its values for each step, for every parameter of a batch normalisation.
  private static func tables(
    of model: Module, steps: Int
  ) throws -> OrderedDictionary<String, StepTable> {
    var norms: Set<ObjectIdentifier> = []
    for case let norm as BatchNorm in model.namedModules().map(\.module) {
      norms.formUnion(norm.ownParameters.map { ObjectIdentifier($0.parameter) })
    }
    var tables: OrderedDictionary<String, StepTable> = [:]
    for (name, parameter) in model.namedParameters() where norms.contains(ObjectIdentifier(parameter)) {
      let rows = try parameter.tensor.detach().unsqueeze(0).broadcast(
        to: parameter.shape.inserting(steps, at: 0))
      tables[name] = StepTable(parameter: parameter, table: try Parameter(rows))
    }
    return tables
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize])
    return try MAMLPlusPlus(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? startStepSize,
      numAdaptationSteps: numAdaptationSteps, learnStepSizes: layout == .perStep,
      multiStepIterations: multiStepIterations, firstOrderIterations: firstOrderIterations,
      perStepNorm: perStepNorm, perStepStatistics: statistics != nil, statisticsMomentum: statisticsMomentum,
      recompute: recompute, adapting: adapting, lossFunction: lossFunction)
  }

  override public var learnedParameters: NamedParameters {
    var all = super.learnedParameters
    for (name, entry) in stepTables { all["perStep.\(name)"] = entry.table }
    return all
  }

  override public var ownBuffers: [(name: String, buffer: Buffer)] {
    (statistics?.rows ?? [:]).flatMap { name, rows in
      [("perStep.\(name).mean", rows.mean), ("perStep.\(name).variance", rows.variance)]
    }
  }

  override var keepsStatistics: Bool { statistics != nil }

  // Evaluation reads the kept statistics, which change.
  override var isReplayable: Bool { super.isReplayable && (statistics == nil || model.isTraining) }

  // MARK: What depends on the iteration

  private var isFirstOrder: Bool { iteration < firstOrderIterations }
  private var isMultiStep: Bool { iteration < multiStepIterations }

  override var phase: Int { (isFirstOrder ? 1 : 0) + (isMultiStep ? 2 : 0) }

  /// v₁ … v_k at this iteration.
  func lossWeights(steps: Int) -> [Double] {
    let early =
      isMultiStep ? (1 - Double(iteration) / Double(multiStepIterations)) / Double(steps) : 0
    return (1...steps).map { $0 < steps ? early : 1 - early * Double(steps - 1) }
  }

  override func scheduledNumbers() throws -> [(Parameter, Tensor)] {
    guard isMultiStep else { return [] }
    let weights = lossWeights(steps: numAdaptationSteps)
    return [(lossWeights, try Tensor(weights, shape: [weights.count], dtype: .float64))]
  }

  override func innerLoop(_ steps: Int?, _ stepSize: StepSize?, _ firstOrder: Bool?) throws -> InnerLoop {
    var loop = try super.innerLoop(steps, stepSize, firstOrder ?? isFirstOrder)
    loop.stepTables = stepTables.values.map { ($0.parameter, $0.table) }
    loop.statistics = statistics
    return loop
  }

  // MARK: The objective

  override func objective(of loop: InnerLoop, _ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    statistics?.restart()
    var objective =
      isMultiStep && loop.steps > 1
      ? try multiStepObjective(of: loop, group, tasks: tasks) : try loop.objective(group, tasks: tasks)
    if let statistics, model.isTraining {
      objective.statistics = try noGrad { try statistics.collected(taskCount: group.taskCount) }
    }
    return objective
  }

  private func multiStepObjective(
    of loop: InnerLoop, _ group: TaskGroup, tasks: Int
  ) throws -> GroupObjective {
    guard let test = group.test else { throw LearningError.noTestSet }
    let weights =
      loop.steps == numAdaptationSteps
      ? lossWeights.value
      : try Tensor(lossWeights(steps: loop.steps), shape: [loop.steps], dtype: .float64)
    let scope = loop.scope(of: group)
    let run = try loop.run(group, in: scope)
    var total: Tensor?
    var accuracy: Accuracy?
    for step in 1...loop.steps {
      let (prediction, loss) = try loop.forward(test, run.values[step], .test(step: step), in: scope)
      let one = try loss.reshape([])
      let part = try one * weights.at(step - 1).cast(to: one.dtype)
      total = try total.map { try $0 + part } ?? part
      accuracy = try Accuracy(prediction, test.targets)
    }
    guard let total else { throw LearningError.noTestSet }
    return GroupObjective(
      share: try share(of: total, group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: run.losses, outerLoss: total.detach(), accuracyBefore: run.accuracy,
        accuracyAfter: accuracy),
      notes: loop.notes(run.unreached))
  }

  override func updates(from sums: [Tensor], tasks: Int) throws -> [(Buffer, Tensor)] {
    guard statistics != nil, !sums.isEmpty else { return [] }
    return try zip(ownBuffers, sums).map { own, sum in
      let new = try own.buffer.tensor * (1 - statisticsMomentum) + sum * (statisticsMomentum / Double(tasks))
      return (own.buffer, try new.cast(to: own.buffer.tensor.dtype))
    }
  }
}
