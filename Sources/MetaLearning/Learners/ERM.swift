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

  public func step(at iteration: Int, from source: Domains) throws -> ERMResult? {
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    let loss = try pass.meanLoss(state.waiting { try source.minibatch(at: iteration) }, [], number: 0)
    let learned = learnedParameters
    let gradients = try gradient(of: loss, wrt: Array(learned.values))
    var reached: NamedTensors = [:]
    for (index, name) in learned.keys.enumerated() where !gradients.unreached.contains(index) {
      reached[name] = gradients[index]
    }
    return ERMResult(meanLoss: try loss.item(), iteration: iteration, reachedGradients: reached)
  }

  public func prefetched(_ source: Domains, until end: Int) -> Domains { source.prefetched(until: end) }

  public func evaluate(_ domains: Domains) throws -> DomainEvaluation {
    try evaluateDomains(domains, model: model, lossFunction: lossFunction)
  }

  public func score(on source: Domains) throws -> Score {
    let found = try evaluate(source)
    return Score(loss: found.meanLoss, accuracy: found.meanAccuracy)
  }
}

/// One step of ``ERM``.
public struct ERMResult: StepOutcome {
  public let meanLoss: Double
  public let iteration: Int
  public let reachedGradients: NamedTensors
  public var meanAccuracy: Double? { nil }
}
