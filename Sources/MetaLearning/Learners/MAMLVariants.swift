import ArrayCore
import Autograd
import NN

/// ``MAML`` of first order: the inner steps' gradients count as constants.
public final class FOMAML: MAML {
  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    learnStepSize: Bool = false, perParamStepSize: Bool = false, adapting: [String] = ["*"],
    lossFunction: LossFunction? = nil
  ) throws {
    try super.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: true,
      layout: learnStepSize ? (perParamStepSize ? .perParameter : .one) : .fixed, adapting, lossFunction)
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps])
    return try FOMAML(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? startStepSize,
      numAdaptationSteps: changes.numAdaptationSteps ?? numAdaptationSteps, learnStepSize: layout != .fixed,
      perParamStepSize: layout == .perParameter, adapting: adapting, lossFunction: lossFunction)
  }
}

/// ``MAML`` with a learned step size for every single number of the parameters (Li, Zhou, Chen and Li 2017).
public final class MetaSGD: MAML {
  public init(
    _ model: Module, optimizer: Optimizer? = nil, initStepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    firstOrder: Bool = false, recompute: Bool = false, adapting: [String] = ["*"],
    lossFunction: LossFunction? = nil
  ) throws {
    try super.init(
      model, optimizer, initStepSize, numAdaptationSteps, firstOrder: firstOrder, recompute: recompute,
      layout: .perElement,
      adapting, lossFunction)
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps, .firstOrder])
    return try MetaSGD(
      model, optimizer: changes.optimizer(of: self), initStepSize: startStepSize,
      numAdaptationSteps: changes.numAdaptationSteps ?? numAdaptationSteps,
      firstOrder: changes.firstOrder ?? firstOrder, recompute: recompute, adapting: adapting,
      lossFunction: lossFunction)
  }
}

/// ``MAML`` whose inner loop adapts the last layer only (Raghu, Raghu, Bengio and Vinyals 2020).
public final class ANIL: MAML {
  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 1,
    firstOrder: Bool = false, recompute: Bool = false, adapting: [String] = ["classifier.*"],
    lossFunction: LossFunction? = nil
  ) throws {
    try super.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: firstOrder, recompute: recompute,
      layout: .fixed, adapting, lossFunction)
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps, .firstOrder])
    return try ANIL(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? startStepSize,
      numAdaptationSteps: changes.numAdaptationSteps ?? numAdaptationSteps,
      firstOrder: changes.firstOrder ?? firstOrder, recompute: recompute, adapting: adapting,
      lossFunction: lossFunction)
  }
}
