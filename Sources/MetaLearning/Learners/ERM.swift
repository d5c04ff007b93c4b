import ArrayCore
import Autograd
import NN
import OrderedCollections

/// Empirical risk minimisation: the mean loss over all domains, without any meta-learning. The baseline that domain
/// generalisation is measured against.
public final class ERM: Learner {
  public let model: Module
  public let optimizer: Optimizer?
  public let state = TrainingState()
  public let lossFunction: LossFunction?

  public init(_ model: Module, optimizer: Optimizer? = nil, lossFunction: LossFunction? = nil) {
    self.model = model
    self.optimizer = optimizer?.copy()
    self.lossFunction = lossFunction
  }

  public var learnedParameters: NamedParameters { model.trainableParameters }

  /// The mean loss on one minibatch of each domain, differentiable with respect to the model's parameters.
  ///
  /// - Parameters:
  ///   - domains: the domains, each with its own samples.
  ///   - iteration: whose minibatches; the learner's own by default.
  public func outerLoss(_ domains: Domains, iteration: Int? = nil) throws -> ERMResult {
    let iteration = iteration ?? self.iteration
    return try objective(domains.minibatch(at: iteration), iteration)
  }

  public func step(at iteration: Int, from source: Domains) throws -> ERMResult? {
    try objective(state.waiting { try source.minibatch(at: iteration) }, iteration)
  }

  private func objective(_ sets: [Samples], _ iteration: Int) throws -> ERMResult {
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    let loss = try pass.meanLoss(sets, [], number: 0)
    let learned = learnedParameters
    return ERMResult(loss: loss, iteration: iteration, names: Array(learned.keys)) {
      try MetaGradients(gradient(of: loss, wrt: Array(learned.values)))
    }
  }

  public func prefetched(_ source: Domains, until end: Int) -> Domains { source.prefetched(until: end) }

  public func evaluate(_ domains: Domains) throws -> DomainEvaluation {
    try evaluateDomains(domains, model: model, lossFunction: lossFunction)
  }

  public func score(on source: Domains) throws -> Score {
    let found = try evaluate(source)
    return Score(loss: found.meanLoss, accuracy: found.meanAccuracy)
  }

  public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try changes.require([], of: "ERM")
    return ERM(model, optimizer: changes.optimizer(of: self), lossFunction: lossFunction)
  }
}

/// The objective of ``ERM`` on one minibatch of each domain.
public final class ERMResult: StepOutcome {
  /// The mean over domains; differentiable.
  public let loss: Tensor
  public let iteration: Int
  private let names: [String]
  private let makeGradients: () throws -> MetaGradients
  private lazy var cachedGradients = Result { try makeGradients() }

  init(loss: Tensor, iteration: Int, names: [String], gradients: @escaping () throws -> MetaGradients) {
    self.loss = loss
    self.iteration = iteration
    self.names = names
    makeGradients = gradients
  }

  public var meanLoss: Double { (try? loss.item()) ?? .nan }
  public var meanAccuracy: Double? { nil }

  /// The gradient of ``loss`` by parameter name.
  public var gradients: NamedTensors { get throws { try cachedGradients.get().named(names) } }

  public var reachedGradients: NamedTensors {
    get throws { try cachedGradients.get().named(names, reachedOnly: true) }
  }
}
