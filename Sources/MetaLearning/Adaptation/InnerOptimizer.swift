import ArrayCore
import Autograd
import NN

/// What the inner loop makes of its gradients: differentiable at every order, without a NaN where a gradient is zero.
public enum InnerOptimizer: Sendable, Equatable {
  /// θ ← θ − α g.
  case sgd
  /// b ← μ b + g (b = g at first); θ ← θ − α b, as PyTorch's SGD with momentum μ.
  case momentum(Double)
  /// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; θ ← θ − α m̂ / √(v̂ + ε²): Adam with ε under the root, where its slope
  /// is finite (m̂, v̂: divided by 1 − βᵗ).
  case adam(beta1: Double, beta2: Double, eps: Double)

  /// The running means of each value, from step to step.
  struct State {
    fileprivate var first: [Int: Tensor] = [:]
    fileprivate var second: [Int: Tensor] = [:]
    fileprivate var steps = 0
  }

  /// The values after a step. Those that the loss does not reach stay.
  func descend(
    _ values: [Tensor], _ gradients: [Tensor], _ rates: [StepSize.Rate], unreached: Set<Int>,
    _ state: inout State
  ) throws -> [Tensor] {
    state.steps += 1
    var updated = values
    for index in values.indices where !unreached.contains(index) {
      let direction = try direction(gradients[index], index, &state)
      updated[index] = try rates[index].descend(values[index], direction)
    }
    return updated
  }

  private func direction(_ g: Tensor, _ index: Int, _ state: inout State) throws -> Tensor {
    switch self {
    case .sgd: return g
    case .momentum(let momentum):
      let running = try state.first[index].map { try $0 * momentum + g } ?? g
      state.first[index] = running
      return running
    case .adam(let beta1, let beta2, let eps):
      let mean = try state.first[index].map { try $0 * beta1 + g * (1 - beta1) } ?? g * (1 - beta1)
      let squares = try square(g) * (1 - beta2)
      let spread = try state.second[index].map { try $0 * beta2 + squares } ?? squares
      state.first[index] = mean
      state.second[index] = spread
      func debiased(_ beta: Double) -> Double {
        1 / (1 - (0..<state.steps).reduce(1.0) { product, _ in product * beta })
      }
      return try mean * debiased(beta1) * rsqrt(spread * debiased(beta2) + eps * eps)
    }
  }
}
