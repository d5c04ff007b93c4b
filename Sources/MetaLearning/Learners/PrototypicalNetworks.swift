import ArrayCore
import Autograd
import NN

/// Prototypical networks (Snell, Swersky and Zemel 2017): each class is the mean of its support embeddings, and a query
/// belongs to the class whose prototype is near, p(class) = softmax(−‖query − prototype‖²).
public final class PrototypicalNetworks: MetricLearner {
  override func head(_ support: Tensor, _ targets: Tensor, classes: Int?) throws -> Head {
    guard let classes else { throw LearningError.labelsNeeded }
    let means = try prototypes(support, targets, numClasses: classes)
    return Head(params: ["prototypes": means]) { try -squaredDistances($0, means) }
  }
}

/// The mean embedding of each class: embeddings [N, D] and labels int64 [N] give [classes, D], zeros for a class
/// without samples. torchmeta's `get_prototypes`.
public func prototypes(_ embeddings: Tensor, _ labels: Tensor, numClasses: Int) throws -> Tensor {
  guard embeddings.rank == 2, labels.shape == [embeddings.shape[0]] else {
    throw LearningError.sampleCountsDiffer(inputs: embeddings.shape, targets: labels.shape)
  }
  guard labels.dtype == .int64 else { throw LearningError.labelsNeeded }
  try requireCount(numClasses, "numClasses", of: "prototypes")
  let ones = try Tensor.ones([embeddings.shape[0], 1], dtype: embeddings.dtype)
  let counts = try maximum(addRows(ones, labels, rowCount: numClasses), 1)
  return try addRows(embeddings, labels, rowCount: numClasses) / counts
}

/// The cross entropy of softmax(−‖embedding − prototype‖²): prototypes [C, D], embeddings [M, D], labels int64 [M].
/// torchmeta's `prototypical_loss`.
public func prototypicalLoss(_ prototypes: Tensor, _ embeddings: Tensor, _ labels: Tensor) throws -> Tensor {
  try crossEntropy(-squaredDistances(embeddings, prototypes), labels)
}

/// ‖aᵢ − bⱼ‖²: [M, D] and [C, D] give [M, C].
func squaredDistances(_ a: Tensor, _ b: Tensor) throws -> Tensor {
  guard a.rank == 2, b.rank == 2, a.shape[1] == b.shape[1] else {
    throw TensorError("prototypicalLoss", .shapesDiffer(a.shape, b.shape))
  }
  return try square(a.unsqueeze(1) - b.unsqueeze(0)).sum([2])
}
