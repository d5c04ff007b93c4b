import ArrayCore
import Autograd
import NN

/// Reptile (Nichol, Achiam and Schulman 2018): moves the initial parameters towards those that the inner loop finds,
///
/// θ ← θ + ε · mean over tasks of (φ − θ), φ the parameters after k steps of gradient descent on a task's train set.
///
/// θ − φ is given to the outer optimizer as the gradient, so that `SGD(lr: ε)` is the update above; no derivative goes
/// through the inner loop. Losses are measured on the test sets, as ``MAML``'s.
public final class Reptile: MAML {
  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 5,
    adapting: [String] = ["*"], lossFunction: LossFunction? = nil
  ) throws {
    try super.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: true, layout: .fixed, adapting, lossFunction
    )
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps])
    return try Reptile(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? startStepSize,
      numAdaptationSteps: changes.numAdaptationSteps ?? numAdaptationSteps, adapting: adapting,
      lossFunction: lossFunction)
  }

  override var differentiatesOuterLoss: Bool { false }

  override func objective(of loop: InnerLoop, _ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    guard let test = group.test else { throw LearningError.noTestSet }
    let scope = loop.scope(of: group)
    let run = try loop.run(group, in: scope)
    // ½ ‖θ − φ‖², of which θ − φ is the gradient.
    var distance: Tensor?
    for (start, end) in zip(run.values[0], run.values[loop.steps]) {
      let own = try square(start - end.detach()).sum()
      distance = try distance.map { try $0 + own } ?? own
    }
    guard let distance else { throw LearningError.emptyBatch }
    let (prediction, loss) = try noGrad {
      try loop.forward(test, run.values[loop.steps], .test(step: loop.steps), in: scope)
    }
    return GroupObjective(
      share: try share(of: valued(distance * 0.5, as: loss.reshape([])), group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: run.losses, outerLoss: loss.detach(), accuracyBefore: run.accuracy,
        accuracyAfter: try Accuracy(prediction, test.targets)),
      notes: loop.notes(run.unreached))
  }
}
