import ArrayCore
import Autograd
import NN
import OrderedCollections

/// A domain by its place or its name.
public enum DomainReference: Sendable {
  case index(Int)
  case name(String)
}

/// Meta-learning for domain generalisation (Li, Yang, Song and Hospedales 2018).
///
/// Each iteration splits the source domains into meta-train and meta-test. With F the mean loss over meta-train
/// and G that over meta-test, each mean over its domains, it descends
///
/// F(Θ) + β · G(Θ − α F'(Θ))
///
/// with respect to Θ, through the inner step (or taking F' in it as a constant: first order). To first order in α
/// this is F + βG − αβ F'·G': it favours directions that lower both, and the inner product is reported.
public final class MLDG: Learner {
  /// How the meta-test domains of an iteration are chosen.
  public enum Selection: Sendable {
    /// Any, from the learner's seed and the iteration.
    case random
    /// One after the other.
    case cyclic
  }

  public let model: Module
  public let optimizer: Optimizer?
  public let state = TrainingState()
  public let stepSize: Double
  public let beta: Double
  public let numMetaTestDomains: Int
  public let firstOrder: Bool
  /// nil: cross entropy for int64 targets, mean squared error for others.
  public let lossFunction: LossFunction?
  public let selection: Selection
  public let seed: UInt64

  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, beta: Double = 1,
    numMetaTestDomains: Int = 1, firstOrder: Bool = false, lossFunction: LossFunction? = nil,
    selection: Selection = .random, seed: UInt64 = 0
  ) throws {
    try requireCount(numMetaTestDomains, "numMetaTestDomains", of: "MLDG")
    guard !model.metaNamedParameters().isEmpty else {
      throw LearningError.nothingToAdapt(model: model.className, patterns: ["*"], known: [])
    }
    self.model = model
    self.optimizer = optimizer?.copy()
    self.stepSize = stepSize
    self.beta = beta
    self.numMetaTestDomains = numMetaTestDomains
    self.firstOrder = firstOrder
    self.lossFunction = lossFunction
    self.selection = selection
    self.seed = seed
  }

  public var learnedParameters: NamedParameters { model.namedParameters() }

  /// The objective on one minibatch of each domain, differentiable with respect to the model's parameters.
  ///
  /// - Parameters:
  ///   - metaTest: the domains of G; the others make F.
  ///   - iteration: whose minibatches; the learner's own by default.
  public func outerLoss(
    _ domains: Domains, metaTest: [DomainReference], iteration: Int? = nil
  ) throws -> MLDGResult {
    let chosen = try metaTest.map { reference in
      switch reference {
      case .index(let index):
        guard domains.names.indices.contains(index) else {
          throw LearningError.domainOutOfRange(index: index, known: domains.names)
        }
        return index
      case .name(let name): return try domains.index(of: name)
      }
    }
    return try objective(
      domains.minibatch(at: iteration ?? self.iteration), names: domains.names, metaTest: chosen)
  }

  public func outerLoss(_ domains: [Samples], metaTest: [Int]) throws -> MLDGResult {
    try outerLoss(Domains(domains), metaTest: metaTest.map { .index($0) })
  }

  public func step(at iteration: Int, from source: Domains) throws -> MLDGResult? {
    try objective(
      source.minibatch(at: iteration), names: source.names,
      metaTest: metaTestDomains(of: source.count, at: iteration)
    ).released()
  }

  /// The meta-test domains of an iteration.
  private func metaTestDomains(of count: Int, at iteration: Int) -> [Int] {
    let size = min(numMetaTestDomains, count)
    switch selection {
    case .random:
      let key = RandomKey(seed: seed, stream: UInt64(iteration))
      return key.permutation(count, at: 0).prefix(size).sorted()
    case .cyclic:
      let first = iteration % count * size
      return (0..<size).map { (first + $0) % count }
    }
  }

  private func objective(_ sets: [Samples], names: [String], metaTest: [Int]) throws -> MLDGResult {
    let held = Set(metaTest)
    guard !held.isEmpty, held.count < sets.count else {
      throw LearningError.argument(
        type: "MLDG",
        reason: "\(held.count) of \(sets.count) domains for meta-test; both sides need one at least")
    }
    let trainSets = sets.indices.filter { !held.contains($0) }.map { sets[$0] }
    let testSets = held.sorted().map { sets[$0] }
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    let adapted = model.metaNamedParameters()
    let parameters = Array(adapted.values)
    let start = parameters.map(\.value)
    let f = try pass.meanLoss(trainSets, [], number: 0)
    let rates = start.map { _ in StepSize.Rate.number(stepSize) }
    let (values, gradients, unreached) = try descend(f, start, rates, firstOrder: firstOrder)
    let g = try pass.meanLoss(testSets, Array(zip(parameters, values)), number: 1)
    let loss = try f + g * beta
    let learned = learnedParameters
    let snapshot = learned.values.map { ($0, $0.value) }
    let constants = gradients.map { $0.detach() }
    return MLDGResult(
      loss: loss, metaTrainLoss: try f.item(), metaTestLoss: try g.item(),
      metaTest: held.sorted().map { names[$0] }, iteration: iteration,
      notes: unreachedNote(unreached.map { Array(adapted.keys)[$0] }).map { [$0] } ?? [],
      names: Array(learned.keys),
      gradients: { try MetaGradients(gradient(of: $0, wrt: Array(learned.values))) },
      innerProduct: {
        let atStart = try withReplacedParameters(Array(snapshot)) {
          try pass.meanLoss(testSets, [], number: 1)
        }
        let other = try gradient(of: atStart, wrt: start)
        return try zip(constants, other.values).reduce(0) { try $0 + ($1.0 * $1.1).sum().item() }
      })
  }

  /// Losses and accuracies on all samples of each domain. Nothing is adapted.
  public func evaluate(_ domains: Domains) throws -> DomainEvaluation {
    try evaluateDomains(domains, model: model, lossFunction: lossFunction)
  }
}

/// The mean loss over domains: in one pass when their minibatches have equal shapes, one by one otherwise.
struct DomainPass {
  let model: Module
  let lossFunction: LossFunction?
  let round: Int

  func meanLoss(_ sets: [Samples], _ values: [(Parameter, Tensor)], number: Int) throws -> Tensor {
    if sets.count > 1, let stack = try stacked(sets) {
      do { return try loss(stack, values, number, first: 0).meanOverTasks() } catch let error
        where asksForTaskLoop(error)
      {}
    }
    var sum: Tensor?
    for (index, samples) in sets.enumerated() {
      let own = try loss(samples, values, number, first: index)
      sum = try sum.map { try $0 + own } ?? own
    }
    guard let sum else { throw LearningError.noBatches }
    return try sum / Double(sets.count)
  }

  private func loss(
    _ samples: Samples, _ values: [(Parameter, Tensor)], _ number: Int, first: Int
  ) throws -> Tensor {
    try Cancellation.check("MLDG")
    let scope = ForwardScope(
      .init(round: round, pass: number, firstTask: first, taskCount: samples.inputs.taskCount))
    return try ForwardScope.$current.withValue(scope) {
      let prediction = try withReplacedParameters(values) { try model(samples.inputs) }
      let loss = try (lossFunction ?? .standard(for: samples.targets))(prediction, samples.targets)
      guard loss.shape.elementCount == 1 else { throw LearningError.lossNotScalar(loss.shape) }
      let one = try loss.reshape([])
      guard let tasks = samples.inputs.taskCount, !one.hasTasks else { return one }
      return try one.withTasks(tasks)
    }
  }
}
