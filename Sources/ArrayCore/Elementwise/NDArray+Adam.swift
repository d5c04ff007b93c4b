import CKernels

/// The numbers of one step of Adam (Kingma and Ba 2015).
public struct AdamScales: Sendable {
  public let beta1: Double
  public let beta2: Double
  public let eps: Double
  /// lr / (1 − β₁ᵗ).
  public let stepSize: Double
  /// √(1 − β₂ᵗ).
  public let correction: Double

  public init(beta1: Double, beta2: Double, eps: Double, stepSize: Double, correction: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    self.stepSize = stepSize
    self.correction = correction
  }

  fileprivate var numbers: il_adam {
    il_adam(
      rest1: 1 - beta1, keep2: beta2, rest2: 1 - beta2, eps: eps, step_size: stepSize, correction: correction)
  }
}

extension NDArray {
  /// One step of Adam in one pass over parameters θ and gradients g, of equal shapes:
  ///
  /// m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − stepSize · m / (√v / correction + eps)
  ///
  /// - Throws: `shapesDiffer`, `unsupportedDType`, `cancelled`.
  public static func adam(
    _ value: NDArray, gradient: NDArray, mean: NDArray, square: NDArray, _ scales: AdamScales
  ) throws(TensorError) -> (value: NDArray, mean: NDArray, square: NDArray) {
    let dtype = value.dtype
    if !dtype.isFloating { throw TensorError("Adam", .unsupportedDType(dtype)) }
    for other in [gradient, mean, square] where other.shape != value.shape {
      throw TensorError("Adam", .shapesDiffer(other.shape, value.shape))
    }
    func dense(_ array: NDArray) throws(TensorError) -> NDArray {
      try array.cast(to: dtype).contiguous()
    }
    let old = (try dense(value), try dense(gradient), try dense(mean), try dense(square))
    func made() throws(TensorError) -> NDArray { try NDArray(uninitialized: value.shape, dtype, "Adam") }
    let new = (value: try made(), mean: try made(), square: try made())
    let numbers = scales.numbers
    let (p, g, m, v) = (old.0.address, old.1.address, old.2.address, old.3.address)
    let (p1, m1, v1) = (new.value.address, new.mean.address, new.square.address)
    let loop = Loop(flat: value.elementCount)
    if dtype == .float32 {
      try loop.run(cost: 4) {
        il_adam_f32(
          p1.floats + $0.out, m1.floats + $0.out, v1.floats + $0.out, p.floats + $0.out, g.floats + $0.out,
          m.floats + $0.out, v.floats + $0.out, numbers, $0.loop.size2)
      }
    } else {
      try loop.run(cost: 4) {
        il_adam_f64(
          p1.doubles + $0.out, m1.doubles + $0.out, v1.doubles + $0.out, p.doubles + $0.out,
          g.doubles + $0.out, m.doubles + $0.out, v.doubles + $0.out, numbers, $0.loop.size2)
      }
    }
    withExtendedLifetime((old, new)) {}
    return new
  }
}
