import ArrayCore
import Autograd
import NN

/// Implicit MAML (Rajeswaran, Finn, Kakade and Levine 2019): the inner loop makes L_train(φ) + λ/2 ‖φ − θ‖² small, and at
/// its end the meta-gradient needs no way back through its steps,
///
/// (1 + H / λ)⁻¹ ∇L_test(φ), H the Hessian of L_train at φ,
///
/// which a few steps of conjugate gradients find from products with H. Memory does not grow with the inner steps; the
/// gradient is exact where the inner loop has converged.
public final class IMAML: MAML {
  /// λ, how strongly adapted parameters are held at the initial ones.
  public let strength: Double
  public let conjugateSteps: Int

  public init(
    _ model: Module, optimizer: Optimizer? = nil, stepSize: Double = 0.1, numAdaptationSteps: Int = 16,
    lambda: Double = 2, conjugateSteps: Int = 5, adapting: [String] = ["*"], lossFunction: LossFunction? = nil
  ) throws {
    guard lambda > 0, lambda.isFinite else {
      throw LearningError.argument(type: "IMAML", reason: "lambda is \(lambda), it must be above 0")
    }
    try requireCount(conjugateSteps, "conjugateSteps", of: "IMAML")
    strength = lambda
    self.conjugateSteps = conjugateSteps
    try super.init(
      model, optimizer, stepSize, numAdaptationSteps, firstOrder: true, layout: .fixed, adapting, lossFunction
    )
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try require(changes, [.stepSize, .numAdaptationSteps])
    return try IMAML(
      model, optimizer: changes.optimizer(of: self), stepSize: changes.stepSize ?? startStepSize,
      numAdaptationSteps: changes.numAdaptationSteps ?? numAdaptationSteps, lambda: strength,
      conjugateSteps: conjugateSteps, adapting: adapting, lossFunction: lossFunction)
  }

  override var differentiatesOuterLoss: Bool { false }

  override public var settings: String { super.settings + ", lambda: \(strength)" }

  /// The loop is held at the parameters where it begins.
  override func innerLoop(_ steps: Int?, _ stepSize: StepSize?, _ firstOrder: Bool?) throws -> InnerLoop {
    var loop = try super.innerLoop(steps, stepSize, true)
    loop.strength = strength
    return loop
  }

  override func objective(of loop: InnerLoop, _ group: TaskGroup, tasks: Int) throws -> GroupObjective {
    guard let test = group.test else { throw LearningError.noTestSet }
    let scope = loop.scope(of: group)
    let run = try loop.run(group, in: scope)
    let end = run.values[loop.steps].map { $0.detach().asRecorded() }
    let (prediction, loss) = try loop.forward(test, end, .test(step: loop.steps), in: scope)
    let slope = try gradient(of: loss, wrt: end).values
    let inner = try loop.forward(group.train, end, .train(step: loop.steps), in: scope).loss
    let innerSlope = try gradient(of: inner, wrt: end, createGraph: true).values
    let direction = try solve(slope) { vector in
      let product = try dot(innerSlope, vector)
      guard product.isRecorded else { return vector }  // a loss without curvature
      let curvature = try gradient(of: product, wrt: end).values
      return try zip(vector, curvature).map { try $0 + $1.detach() * (1 / strength) }
    }
    let surrogate = try dot(run.values[0], direction.map { $0.detach() })
    return GroupObjective(
      share: try share(of: valued(surrogate, as: loss.reshape([])), group, tasks: tasks),
      measures: GroupMeasures(
        innerLosses: run.losses, outerLoss: loss.detach(), accuracyBefore: run.accuracy,
        accuracyAfter: try Accuracy(prediction, test.targets)),
      notes: loop.notes(run.unreached))
  }

  /// x with A x = b, by conjugate gradients from 0, each task by itself. Where A bends down along a direction, as it may
  /// while the inner loop has not converged, a task keeps the x found so far, and at the first direction b.
  private func solve(_ b: [Tensor], _ multiply: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] {
    func moved(_ a: [Tensor], _ scale: Tensor, _ b: [Tensor]) throws -> [Tensor] {
      try zip(a, b).map { try $0 + $1 * scale }
    }
    // A residual of zero stays zero.
    let least = Double(Float.leastNormalMagnitude)
    var x = try b.map { try $0 * 0 }
    var residual = b.map { $0.detach() }
    var direction = residual
    var size = try dot(residual, residual)
    for index in 0..<conjugateSteps {
      let product = try multiply(direction).map { $0.detach() }
      let curvature = try dot(direction, product)
      let bendsUp = try curvature.greater(dot(direction, direction) * Self.leastCurvature)
      let step = try select(bendsUp, size / maximum(curvature, least), size * 0 + (index == 0 ? 1 : 0))
      x = try moved(x, step, direction)
      residual = try moved(residual, -step, product)
      let next = try dot(residual, residual)
      let turn = try select(bendsUp, next / maximum(size, least), size * 0)
      direction = try moved(residual, turn, direction).map { try select(bendsUp, $0, $0 * 0) }
      size = next
    }
    return x
  }

  /// A curvature of A is not told from 0 below this.
  private static let leastCurvature = 1e-3

  private func dot(_ a: [Tensor], _ b: [Tensor]) throws -> Tensor {
    guard let first = a.first, let other = b.first else { throw LearningError.emptyBatch }
    return try zip(a, b).dropFirst().reduce((first * other).sum()) { try $0 + ($1.0 * $1.1).sum() }
  }
}
