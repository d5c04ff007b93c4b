import ArrayCore
import Autograd

/// Stochastic gradient descent with momentum, as PyTorch's:
///
/// g ← g + weightDecay · θ;  b ← momentum · b + (1 − dampening) · g  (b = g at first);
/// θ ← θ − lr · b, or with nesterov θ − lr · (g + momentum · b)
public final class SGD: Optimizer {
  public let momentum: Double
  public let dampening: Double
  public let weightDecay: Double
  public let nesterov: Bool

  public init(
    lr: LearningRate, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    nesterov: Bool = false
  ) throws {
    if case .constant(let rate) = lr { try requireSetting(rate, "lr", in: 0..<(.infinity), of: "SGD") }
    try requireSetting(momentum, "momentum", in: 0..<(.infinity), of: "SGD")
    try requireSetting(weightDecay, "weightDecay", in: 0..<(.infinity), of: "SGD")
    guard !nesterov || (momentum > 0 && dampening == 0) else {
      throw NNError.argument(type: "SGD", reason: "nesterov needs a momentum and no dampening")
    }
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    super.init(learningRate: lr)
  }

  private init(_ other: SGD) {
    momentum = other.momentum
    dampening = other.dampening
    weightDecay = other.weightDecay
    nesterov = other.nesterov
    super.init(copying: other)
  }

  override public func copy() -> Optimizer { SGD(self) }

  override public var stateNames: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  override public func update(
    value: NDArray, gradient: NDArray, state: [NDArray], step: Int, rate: Double
  ) throws -> (value: NDArray, state: [NDArray]) {
    var g = gradient
    if weightDecay != 0 { g = try NDArray.axpy(g, value, scale: weightDecay) }
    guard momentum != 0 else { return (try NDArray.axpy(value, g, scale: -rate), []) }
    var buffer = g
    if let old = state.first {
      let kept = try NDArray.binary(.multiply, old, scalar: momentum)
      buffer = try NDArray.axpy(kept, g, scale: 1 - dampening)
    }
    let direction = nesterov ? try NDArray.axpy(g, buffer, scale: momentum) : buffer
    return (try NDArray.axpy(value, direction, scale: -rate), [buffer])
  }
}
