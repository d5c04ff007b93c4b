import ArrayCore

/// ``Adam`` whose weight decay is a step of its own and does not pass through the running means:
///
/// θ ← (1 − lr · weightDecay) · θ, then Adam's step by g.
///
/// Loshchilov and Hutter 2019; PyTorch's `AdamW`.
public final class AdamW: Adam {
  public required init(
    lr: LearningRate = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0.01
  ) throws {
    try super.init(lr: lr, betas: betas, eps: eps, weightDecay: weightDecay)
  }

  override private init(_ other: Adam) { super.init(other) }

  override public func copy() -> Optimizer { AdamW(self) }

  override public func update(
    value: NDArray, gradient: NDArray, state: [NDArray], step: Int, rate: Double
  ) throws -> (value: NDArray, state: [NDArray]) {
    let decayed = weightDecay == 0 ? value : try NDArray.axpy(value, value, scale: -rate * weightDecay)
    return try descend(value: decayed, gradient: gradient, state: state, step: step, rate: rate)
  }
}
