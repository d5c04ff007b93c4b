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

  /// The paper's objectives.
  public enum Variant: String, CaseIterable, Sendable {
    /// F + β G(Θ − α F').
    case standard
    /// F + G − αβ · F'·G' / (‖F'‖ ‖G'‖), both gradients at Θ: MLDG-GC.
    case gradientCosine
    /// F + β ‖G'(Θ − α F')‖²: MLDG-GN.
    case gradientNorm
    /// F + β G(Θ − α F' / (|F'| + 10⁻⁸)), the inner step as a constant: a fresh Adam's first step, of first order, as
    /// DomainBed has it (Gulrajani and Lopez-Paz 2021).
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
    guard !model.metaNamedParameters().isEmpty else {
      throw LearningError.nothingToAdapt(model: model.className, patterns: ["*"], known: [])
    }
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
    let split = try Split(domains.minibatch(at: iteration ?? self.iteration), metaTest: chosen)
    let learned = learnedParameters
    let own = try objective(split)
    return try MLDGResult(
      loss: own.loss, metaTrainLoss: own.metaTrain.item(), metaTestLoss: own.metaTest.item(),
      metaTest: split.metaTest.map { domains.names[$0] }, iteration: self.iteration, notes: own.texts,
      names: Array(learned.keys),
      gradients: { try MetaGradients(gradient(of: own.loss, wrt: Array(learned.values))) },
      innerProduct: innerProduct(split))
  }

  public func outerLoss(_ domains: [Samples], metaTest: [Int]) throws -> MLDGResult {
    try outerLoss(Domains(domains), metaTest: metaTest.map { .index($0) })
  }

  public func step(at iteration: Int, from source: Domains) throws -> MLDGResult? {
    let metaTest = metaTestDomains(of: source.count, at: iteration)
    let split = try Split(state.waiting { try source.minibatch(at: iteration) }, metaTest: metaTest)
    let learned = learnedParameters
    let (parameters, values) = (Array(learned.values), learned.values.map(\.tensor))
    var result: MLDGResult?
    try replays.run([values + split.tensors], capturing: isReplayable) { _, tensors in
      try step(parameters, tensors, split)
    } consume: { _, results in
      // Kept numbers are copies: the next replay writes over the results.
      let gradients = try results.tensors.prefix(parameters.count).map { Tensor(try $0.array.copied()) }
      let losses = try results.tensors.suffix(3).map { try $0.item() }
      let unreached = results.notes.unreached
      result = MLDGResult(
        loss: try Tensor(losses[0], dtype: .float64), metaTrainLoss: losses[1], metaTestLoss: losses[2],
        metaTest: split.metaTest.map { source.names[$0] }, iteration: iteration, notes: results.notes.texts,
        names: Array(learned.keys), gradients: { MetaGradients(values: gradients, unreached: unreached) },
        innerProduct: try innerProduct(split))
    }
    return result
  }

  /// Where the time of a step on a minibatch of each domain goes, by operation. Nothing is updated.
  ///
  /// - Parameter repeats: so many steps are timed, after one that is not.
  public func profile(_ domains: Domains, repeats: Int = 10) throws -> OperationProfile {
    try requireCount(repeats, "repeats", of: "profile")
    let metaTest = metaTestDomains(of: domains.count, at: iteration)
    let split = try Split(domains.minibatch(at: iteration), metaTest: metaTest)
    let parameters = Array(learnedParameters.values)
    let computation = try TimedComputation(
      parameters.map(\.tensor) + split.tensors, isReplayable: isReplayable
    ) { try self.step(parameters, $0, split).tensors }
    return try OperationProfile([computation], repeats: repeats)
  }

  public func endTraining() { replays.removeAll() }

  public func prefetched(_ source: Domains, until end: Int) -> Domains { source.prefetched(until: end) }

  /// Whether a step depends on nothing but numbers in tensors.
  private var isReplayable: Bool { model.isReplayable && lossFunction?.isReplayable ?? true }

  /// The gradients of the objective, and it with its two parts.
  ///
  /// - Parameter tensors: values of the learned parameters, then the samples as `split` has them.
  private func step(
    _ parameters: [Parameter], _ tensors: [Tensor], _ split: Split
  ) throws -> Replays<StepNotes>.Results {
    let leaves = tensors.prefix(parameters.count).map { $0.asRecorded() }
    return try withReplacedParameters(Array(zip(parameters, leaves))) {
      let own = try objective(split.with(tensors.dropFirst(parameters.count)))
      // A model or loss of the user's may have kept a part of the graph for itself.
      let gradients =
        try isReplayable ? lastGradient(of: own.loss, wrt: leaves) : gradient(of: own.loss, wrt: leaves)
      return Replays.Results(
        tensors: gradients.values + [own.loss.detach(), own.metaTrain.detach(), own.metaTest.detach()],
        notes: StepNotes(unreached: Set(gradients.unreached), texts: own.texts))
    }
  }

  /// What a step tells besides tensors.
  private struct StepNotes {
    /// Learned parameters that the objective does not depend on.
    let unreached: Set<Int>
    let texts: [String]
  }

  /// The samples of an iteration, by their part.
  private struct Split {
    var train: [Samples]
    var test: [Samples]
    /// The places of the meta-test domains.
    let metaTest: [Int]

    init(_ sets: [Samples], metaTest: [Int]) throws {
      let held = Set(metaTest)
      guard !held.isEmpty, held.count < sets.count else {
        throw LearningError.argument(
          type: "MLDG",
          reason: "\(held.count) of \(sets.count) domains for meta-test; both sides need one at least")
      }
      self.metaTest = held.sorted()
      train = sets.indices.filter { !held.contains($0) }.map { sets[$0] }
      test = self.metaTest.map { sets[$0] }
    }

    /// Inputs and targets of each set.
    var tensors: [Tensor] { (train + test).flatMap { [$0.inputs, $0.targets] } }

    /// The same split of other samples, given as by `tensors`.
    func with(_ tensors: ArraySlice<Tensor>) throws -> Split {
      let parts = Array(tensors)
      let sets = try stride(from: 0, to: parts.count, by: 2).map { try Samples(parts[$0], parts[$0 + 1]) }
      var copy = self
      copy.train = Array(sets.prefix(train.count))
      copy.test = Array(sets.suffix(test.count))
      return copy
    }
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

  /// The variant's objective, differentiable, with F and G.
  private func objective(
    _ split: Split
  ) throws -> (loss: Tensor, metaTrain: Tensor, metaTest: Tensor, texts: [String]) {
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    let adapted = model.metaNamedParameters()
    let parameters = Array(adapted.values)
    let start = parameters.map(\.value)
    let f = try pass.meanLoss(split.train, [], number: 0)
    func texts(_ unreached: [Int]) -> [String] {
      unreachedNote(unreached.map { Array(adapted.keys)[$0] }).map { [$0] } ?? []
    }
    if variant == .gradientCosine {
      let g = try pass.meanLoss(split.test, [], number: 1)
      let (forF, forG) = try (
        gradient(of: f, wrt: start, createGraph: !firstOrder),
        gradient(of: g, wrt: start, createGraph: !firstOrder)
      )
      func product(_ a: Gradients, _ b: Gradients) throws -> Tensor {
        try zip(a.values, b.values).dropFirst().reduce((a[0] * b[0]).sum()) { try $0 + ($1.0 * $1.1).sum() }
      }
      // Gradients of zero point nowhere; their cosine is 0, and so is its derivative.
      let size = try maximum(
        product(forF, forF) * product(forG, forG), Double.leastNormalMagnitude.squareRoot())
      let cosine = try product(forF, forG) * rsqrt(size)
      return (try f + g - cosine * (stepSize * beta), f, g, texts(forF.unreached))
    }
    if variant == .domainBed {
      let slope = try gradient(of: f, wrt: start)
      let values = try zip(start, slope.values).map { value, slope in
        try value - (slope / (abs(slope) + 1e-8)).detach() * stepSize
      }
      let g = try pass.meanLoss(split.test, Array(zip(parameters, values)), number: 1)
      return (try f + g * beta, f, g, texts(slope.unreached))
    }
    let rates = start.map { _ in StepSize.Rate.number(stepSize) }
    let (values, _, unreached) = try descend(f, start, rates, firstOrder: firstOrder)
    let g = try pass.meanLoss(split.test, Array(zip(parameters, values)), number: 1)
    guard variant == .gradientNorm else { return (try f + g * beta, f, g, texts(unreached)) }
    let slope = try gradient(of: g, wrt: values, createGraph: true)
    let norm = try slope.values.dropFirst().reduce(square(slope[0]).sum()) { try $0 + square($1).sum() }
    return (try f + norm * beta, f, g, texts(unreached))
  }

  /// F'(Θ) · G'(Θ) at the parameters of now, when it is asked for.
  private func innerProduct(_ split: Split) throws -> () throws -> Double {
    let snapshot = learnedParameters.values.map { ($0, $0.value) }
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    let start = model.metaNamedParameters().values.map(\.value)
    return {
      try withReplacedParameters(snapshot) {
        let f = try gradient(of: pass.meanLoss(split.train, [], number: 0), wrt: start)
        let g = try gradient(of: pass.meanLoss(split.test, [], number: 1), wrt: start)
        return try zip(f.values, g.values).reduce(0) { try $0 + ($1.0 * $1.1).sum().item() }
      }
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
}
