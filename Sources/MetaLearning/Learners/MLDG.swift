import ArrayCore
import Autograd
import NN
import OrderedCollections

/// A domain by its place or its name.
public enum DomainReference: Sendable {
  case index(Int)
  case name(String)

  /// The place of it among domains.
  func place(in names: [String]) throws -> Int {
    switch self {
    case .name(let name):
      guard let index = names.firstIndex(of: name) else {
        throw LearningError.unknownDomain(name: name, known: names)
      }
      return index
    case .index(let index):
      guard names.indices.contains(index) else {
        throw LearningError.domainOutOfRange(index: index, known: names)
      }
      return index
    }
  }
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

  /// The paper's objectives, and DomainBed's.
  public enum Variant: String, CaseIterable, Sendable {
    /// F + β G(Θ − α F').
    case standard
    /// F + G − αβ · F'·G' / (‖F'‖ ‖G'‖), both gradients at Θ: MLDG-GC.
    case gradientCosine
    /// F + β ‖G'(Θ − α F')‖²: MLDG-GN.
    case gradientNorm
    /// DomainBed's (Gulrajani and Lopez-Paz 2021): each meta-train domain i takes a step of a fresh Adam on a copy of all
    /// parameters, after which one of the meta-test domains j is measured, one after the other in turn:
    /// Σ (Lᵢ(Θ) + β Lⱼ(Θ − α Lᵢ' / (|Lᵢ'| + 10⁻⁸))) over the meta-train domains, by the number of all domains. Always of
    /// first order; plain modules take part.
    case domainBed
  }

  public let model: Module
  public let optimizer: Optimizer?
  public let state = TrainingState()
  public let variant: Variant
  public let stepSize: Double
  public let beta: Double
  public let numMetaTestDomains: Int
  public let firstOrder: Bool
  /// nil: cross entropy for int64 targets, mean squared error for others.
  public let lossFunction: LossFunction?
  public let selection: Selection
  public let seed: UInt64
  private let replays = Replays<StepNotes>()

  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, beta: Double = 1,
    numMetaTestDomains: Int = 1, firstOrder: Bool = false, lossFunction: LossFunction? = nil,
    variant: Variant = .standard, selection: Selection = .random, seed: UInt64 = 0
  ) throws {
    try requireCount(numMetaTestDomains, "numMetaTestDomains", of: "MLDG")
    if variant != .domainBed { _ = try model.adaptedParameters() }
    self.model = model
    self.optimizer = optimizer?.copy()
    self.variant = variant
    self.stepSize = stepSize
    self.beta = beta
    self.numMetaTestDomains = numMetaTestDomains
    self.firstOrder = firstOrder
    self.lossFunction = lossFunction
    self.selection = selection
    self.seed = seed
  }

  public var learnedParameters: NamedParameters { model.trainableParameters }

  /// The objective on one minibatch of each domain, differentiable with respect to the model's parameters.
  ///
  /// - Parameters:
  ///   - domains: the domains, each with its own samples.
  ///   - metaTest: the domains of G; the others make F.
  ///   - iteration: whose minibatches; the learner's own by default.
  public func outerLoss(
    _ domains: Domains, metaTest: [DomainReference], iteration: Int? = nil
  ) throws -> MLDGResult {
    let split = try split(domains, metaTest: metaTest, iteration: iteration)
    let learned = learnedParameters
    let own = try objective(split)
    return try MLDGResult(
      loss: own.loss, metaTrainLoss: own.metaTrain.item(), metaTestLoss: own.metaTest.item(),
      metaTest: split.metaTest.sorted().map { domains.names[$0] }, iteration: self.iteration,
      notes: try texts(own),
      names: Array(learned.keys),
      gradients: { try MetaGradients(gradient(of: own.loss, wrt: Array(learned.values))) },
      innerProduct: innerProduct(split))
  }

  /// The minibatches of an iteration, the learner's own by default, parted as `metaTest` says.
  func split(_ domains: Domains, metaTest: [DomainReference], iteration: Int? = nil) throws -> Split {
    let chosen = try metaTest.map { try $0.place(in: domains.names) }
    return try Split(
      domains.minibatch(at: iteration ?? self.iteration),
      metaTest: variant == .domainBed ? chosen : chosen.sorted())
  }

  public func outerLoss(_ domains: [Samples], metaTest: [Int]) throws -> MLDGResult {
    try outerLoss(Domains(domains), metaTest: metaTest.map { .index($0) })
  }

  public func step(at iteration: Int, from source: Domains) throws -> MLDGResult? {
    let metaTest = metaTestDomains(of: source.count, at: iteration)
    let split = try Split(state.waiting { try source.minibatch(at: iteration) }, metaTest: metaTest)
    let learned = learnedParameters
    let inputs = StepInputs(of: self)
    var result: MLDGResult?
    try replays.run(
      [inputs.values + split.tensors], setting: inputs.setting(), capturing: isReplayable
    ) { _, tensors in
      try step(inputs, tensors, split)
    } consume: { _, results in
      // Kept numbers are copies: the next replay writes over the results.
      let gradients = try results.tensors.prefix(inputs.learned.count).map { Tensor(try $0.array.copied()) }
      let losses = try results.tensors.suffix(3).map { try $0.item() }
      let unreached = results.notes.unreached
      result = MLDGResult(
        loss: try Tensor(losses[0], dtype: .float64), metaTrainLoss: losses[1], metaTestLoss: losses[2],
        metaTest: split.metaTest.sorted().map { source.names[$0] }, iteration: iteration,
        notes: results.notes.texts, names: Array(learned.keys),
        gradients: { MetaGradients(values: gradients, unreached: unreached) },
        innerProduct: try innerProduct(split))
    }
    return result
  }

  /// Where the time of a step on a minibatch of each domain goes, by operation. Nothing is updated.
  ///
  /// - Parameters:
  ///   - domains: the domains, each with its own samples.
  ///   - repeats: so many steps are timed, after one that is not.
  public func profile(_ domains: Domains, repeats: Int = 10) throws -> OperationProfile {
    try requireCount(repeats, "repeats", of: "profile")
    let metaTest = metaTestDomains(of: domains.count, at: iteration)
    let split = try Split(domains.minibatch(at: iteration), metaTest: metaTest)
    let inputs = StepInputs(of: self)
    let computation = try TimedComputation(
      inputs.values + split.tensors, isReplayable: isReplayable
    ) { try self.step(inputs, $0, split).tensors }
    return try OperationProfile([computation], repeats: repeats)
  }

  public func endTraining() { replays.removeAll() }

  public func prefetched(_ source: Domains, until end: Int) -> Domains { source.prefetched(until: end) }

  /// Whether a step depends on nothing but numbers in tensors.
  private var isReplayable: Bool { model.isReplayable && lossFunction?.isReplayable ?? true }

  /// The gradients of the objective, and it with its two parts.
  ///
  /// - Parameter tensors: the values of the inputs, then the samples as `split` has them.
  private func step(
    _ inputs: StepInputs, _ tensors: [Tensor], _ split: Split
  ) throws -> Replays<StepNotes>.Results {
    try inputs.withRecorded(tensors) { leaves, samples in
      let own = try objective(split.with(samples))
      // A model or loss of the user's may have kept a part of the graph for itself.
      let gradients =
        try isReplayable ? lastGradient(of: own.loss, wrt: leaves) : gradient(of: own.loss, wrt: leaves)
      return Replays.Results(
        tensors: gradients.values + [own.loss.detach(), own.metaTrain.detach(), own.metaTest.detach()],
        notes: StepNotes(unreached: Set(gradients.unreached), texts: try texts(own)))
    }
  }

  /// What a step tells besides tensors.
  private struct StepNotes {
    /// Learned parameters that the objective does not depend on.
    let unreached: Set<Int>
    let texts: [String]
  }

  /// The meta-test domains of an iteration.
  private func metaTestDomains(of count: Int, at iteration: Int) -> [Int] {
    let size = min(numMetaTestDomains, count)
    switch selection {
    case .random:
      let key = RandomKey(seed: seed, stream: UInt64(iteration))
      let chosen = Array(key.permutation(count, at: 0).prefix(size))
      // The order matters where domains go in pairs.
      return variant == .domainBed ? chosen : chosen.sorted()
    case .cyclic:
      let first = iteration % count * size
      return (0..<size).map { (first + $0) % count }
    }
  }

  /// Losses and accuracies on all samples of each domain. Nothing is adapted.
  public func evaluate(_ domains: Domains) throws -> DomainEvaluation {
    try evaluateDomains(domains, model: model, lossFunction: lossFunction)
  }

  public func score(on source: Domains) throws -> Score {
    let found = try evaluate(source)
    return Score(loss: found.meanLoss, accuracy: found.meanAccuracy)
  }

  public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try changes.require([.stepSize, .beta, .firstOrder], of: "MLDG")
    return try MLDG(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? stepSize,
      beta: changes.beta ?? beta, numMetaTestDomains: numMetaTestDomains,
      firstOrder: changes.firstOrder ?? firstOrder, lossFunction: lossFunction, variant: variant,
      selection: selection, seed: changes.seed ?? seed)
  }
}
