import ArrayCore
import Autograd

/// What a learner minimises: a function of a prediction and its target with one value for each task.
public enum LossFunction {
  /// The mean of (prediction − target)². Refuses unequal shapes.
  case mse
  /// The mean over rows of −log softmax(logits)[label], for int64 labels.
  case crossEntropy
  case custom((_ prediction: Tensor, _ target: Tensor) throws -> Tensor)

  /// Whether it depends on its arguments alone.
  package var isReplayable: Bool {
    if case .custom = self { false } else { true }
  }

  /// Cross entropy for int64 targets, mean squared error for others.
  public static func standard(for targets: Tensor) -> LossFunction {
    targets.dtype == .int64 ? .crossEntropy : .mse
  }

  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws -> Tensor {
    switch self {
    case .mse: try Autograd.mse(prediction, target)
    case .crossEntropy: try Autograd.crossEntropy(prediction, target)
    case .custom(let function): try function(prediction, target)
    }
  }
}
