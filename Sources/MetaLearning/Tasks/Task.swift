import ArrayCore
import Autograd
import OrderedCollections

/// Inputs with their targets, one sample a row: a support set, a query set, or a domain's minibatch.
public struct Samples: Sendable {
  public let inputs: Tensor
  public let targets: Tensor

  /// - Throws: ``LearningError/sampleCountsDiffer(inputs:targets:)``.
  public init(_ inputs: Tensor, _ targets: Tensor) throws {
    guard inputs.shape.first == targets.shape.first, inputs.taskCount == targets.taskCount else {
      throw LearningError.sampleCountsDiffer(inputs: inputs.shape, targets: targets.shape)
    }
    self.inputs = inputs
    self.targets = targets
  }

  /// How many samples there are, for each task.
  public var count: Int { inputs.shape.first ?? 1 }

  /// Whether the targets are labels.
  var hasLabels: Bool { targets.dtype == .int64 }
}

/// A task of few-shot learning: a set to adapt on and a set to measure the adapted model on.
///
/// torchmeta's words are `train` and `test`; the papers' are `support` and `query`. Both are here.
public struct Task: Sendable {
  public let train: Samples
  public let test: Samples?
  /// What made the task, such as a sinusoid's "amplitude" and "phase".
  public let attributes: OrderedDictionary<String, Double>

  public init(train: Samples, test: Samples?, attributes: OrderedDictionary<String, Double> = [:]) {
    self.train = train
    self.test = test
    self.attributes = attributes
  }

  public init(
    train: (Tensor, Tensor), test: (Tensor, Tensor)? = nil,
    attributes: OrderedDictionary<String, Double> = [:]
  ) throws {
    self.init(
      train: try Samples(train.0, train.1), test: try test.map { try Samples($0.0, $0.1) },
      attributes: attributes)
  }

  /// The same as `train`.
  public var support: Samples { train }
  /// The same as `test`.
  public var query: Samples? { test }
}
