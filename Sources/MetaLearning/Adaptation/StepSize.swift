import ArrayCore
import Autograd
import NN
import OrderedCollections

/// The step size α of the inner update θ' = θ − α ∇L: one number, one tensor (learned, for instance), or one for
/// each parameter by name, each a single number or of the parameter's own shape (Meta-SGD).
public enum StepSize {
  case scalar(Double)
  case tensor(Tensor)
  case perParameter(NamedTensors)
  /// One number for each inner step and each parameter by name, [steps]; further steps use the last (MAML++).
  case perStep(NamedTensors)

  /// For how many steps there are different ones.
  var steps: Int {
    guard case .perStep(let all) = self else { return 1 }
    return all.values.map { $0.shape.first ?? 1 }.max() ?? 1
  }

  /// α for one parameter at a step.
  func rate(of name: String, shape: Shape, step: Int = 0) throws -> Rate {
    switch self {
    case .scalar(let value): return .number(value)
    case .tensor(let tensor): return .tensor(try checked(tensor, name, shape))
    case .perParameter(let all):
      guard let tensor = all[name] else {
        throw LearningError.unknownStepSize(name: name, known: Array(all.keys))
      }
      return .tensor(try checked(tensor, name, shape))
    case .perStep(let all):
      guard let tensor = all[name] else {
        throw LearningError.unknownStepSize(name: name, known: Array(all.keys))
      }
      guard tensor.rank == 1, let count = tensor.shape.first, count > 0 else {
        throw LearningError.stepSizeShape(name: name, expected: [steps], found: tensor.shape)
      }
      return .tensor(try tensor.at(min(step, count - 1)))
    }
  }

  private func checked(_ tensor: Tensor, _ name: String, _ shape: Shape) throws -> Tensor {
    if tensor.shape.isEmpty || tensor.shape == shape { return tensor }
    guard tensor.shape.elementCount == 1 else {
      throw LearningError.stepSizeShape(name: name, expected: shape, found: tensor.shape)
    }
    return try tensor.reshape([])
  }

  enum Rate {
    case number(Double)
    case tensor(Tensor)

    /// A step size that may be learned.
    var tensor: Tensor? {
      if case .tensor(let tensor) = self { tensor } else { nil }
    }

    /// value − α · gradient
    func descend(_ value: Tensor, _ gradient: Tensor) throws -> Tensor {
      switch self {
      case .number(let rate): try value.addScaled(gradient, -rate)
      case .tensor(let rate): try value - gradient * rate
      }
    }
  }
}
