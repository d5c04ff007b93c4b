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
}
