import ArrayCore
import Autograd

/// Adam, in PyTorch's form. At step t:
///
/// g ← g + weightDecay · θ;  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;
/// θ ← θ − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)
///
/// Kingma and Ba 2015.
public final class Adam: Optimizer {
  public let betas: (Double, Double)
  public let eps: Double
  public let weightDecay: Double

  public init(
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

  private init(_ other: Adam) {
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
    let first = try state.first ?? NDArray(zeros: value.shape, value.dtype)
    let second = try state.last ?? NDArray(zeros: value.shape, value.dtype)
    let scales = Scales(
      beta1: betas.0, beta2: betas.1, eps: eps,
      stepSize: rate / (1 - power(betas.0, step)), correction: (1 - power(betas.1, step)).squareRoot())
    switch value.dtype {
    case .float32: return try update(Float.self, value, g, first, second, scales)
    case .float64: return try update(Double.self, value, g, first, second, scales)
    case .int64: throw TensorError("Adam", .unsupportedDType(.int64))
    }
  }

  private func update<T: StoredFloat>(
    _ type: T.Type, _ value: NDArray, _ g: NDArray, _ first: NDArray, _ second: NDArray, _ scales: Scales
  ) throws -> (value: NDArray, state: [NDArray]) {
    let m: NDArray = try fused(first, g) {
      movingMean($0, $1 as UnsafeBufferPointer<T>, scales.beta1, into: $2)
    }
    let v: NDArray = try fused(second, g) {
      movingSquare($0, $1 as UnsafeBufferPointer<T>, scales.beta2, into: $2)
    }
    let new: NDArray = try fused(value, m, v) {
      descend($0, $1 as UnsafeBufferPointer<T>, $2, scales, into: $3)
    }
    return (new, [m, v])
  }
}

/// The numbers of one Adam step.
private struct Scales {
  let beta1: Double
  let beta2: Double
  let eps: Double
  let stepSize: Double
  let correction: Double
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

private func movingMean<T: StoredFloat>(
  _ old: UnsafeBufferPointer<T>, _ g: UnsafeBufferPointer<T>, _ beta: Double,
  into out: UnsafeMutableBufferPointer<T>
) {
  let rest = T(1 - beta)
  for i in 0..<out.count { out[i] = old[i] + rest * (g[i] - old[i]) }
}

private func movingSquare<T: StoredFloat>(
  _ old: UnsafeBufferPointer<T>, _ g: UnsafeBufferPointer<T>, _ beta: Double,
  into out: UnsafeMutableBufferPointer<T>
) {
  let keep = T(beta)
  let rest = T(1 - beta)
  for i in 0..<out.count { out[i] = keep * old[i] + rest * g[i] * g[i] }
}

private func descend<T: StoredFloat>(
  _ value: UnsafeBufferPointer<T>, _ m: UnsafeBufferPointer<T>, _ v: UnsafeBufferPointer<T>, _ scales: Scales,
  into out: UnsafeMutableBufferPointer<T>
) {
  let stepSize = T(scales.stepSize)
  let correction = T(scales.correction)
  let eps = T(scales.eps)
  for i in 0..<out.count { out[i] = value[i] - stepSize * m[i] / (v[i].squareRoot() / correction + eps) }
}
