import ArrayCore
import Autograd

/// Adam, in PyTorch's form. At step t:
///
/// g ← g + weightDecay · θ;  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;
/// θ ← θ − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)
///
/// Kingma and Ba 2015.
public class Adam: Optimizer {
  public let betas: (Double, Double)
  public let eps: Double
  public let weightDecay: Double

  public required init(
    lr: LearningRate = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0
  ) throws {
    if case .constant(let rate) = lr { try requireSetting(rate, "lr", in: 0..<(.infinity), of: "Adam") }
    try requireSetting(betas.0, "betas.0", in: 0..<1, of: "Adam")
    try requireSetting(betas.1, "betas.1", in: 0..<1, of: "Adam")
    try requireSetting(eps, "eps", in: 0..<(.infinity), of: "Adam")
    try requireSetting(weightDecay, "weightDecay", in: 0..<(.infinity), of: "Adam")
    self.betas = betas
    self.eps = eps
    self.weightDecay = weightDecay
    super.init(learningRate: lr)
  }

  init(_ other: Adam) {
    betas = other.betas
    eps = other.eps
    weightDecay = other.weightDecay
    super.init(copying: other)
  }

  override public func copy() -> Optimizer { Adam(self) }

  override public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

  override public func update(
    value: NDArray, gradient: NDArray, state: [NDArray], step: Int, rate: Double
  ) throws -> (value: NDArray, state: [NDArray]) {
    let g = weightDecay == 0 ? gradient : try NDArray.axpy(gradient, value, scale: weightDecay)
    return try descend(value: value, gradient: g, state: state, step: step, rate: rate)
  }

  final func descend(
    value: NDArray, gradient g: NDArray, state: [NDArray], step: Int, rate: Double
  ) throws -> (value: NDArray, state: [NDArray]) {
    let mean = try state.first ?? NDArray(zeros: value.shape, value.dtype)
    let square = try state.last ?? NDArray(zeros: value.shape, value.dtype)
    let new = try NDArray.adam(
      value, gradient: g, mean: mean, square: square,
      AdamScales(
        beta1: betas.0, beta2: betas.1, eps: eps, stepSize: rate / (1 - power(betas.0, step)),
        correction: (1 - power(betas.1, step)).squareRoot()))
    return (new.value, [new.mean, new.square])
  }
}

/// baseᵉ for a count e, by squaring.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var result = 1.0
  var factor = base
  var left = exponent
  while left > 0 {
    if left & 1 == 1 { result *= factor }
    factor *= factor
    left >>= 1
  }
  return result
}
