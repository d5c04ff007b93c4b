import ArrayCore
import Autograd
import NN

/// Matching networks (Vinyals, Blundell, Lillicrap, Kavukcuoglu and Wierstra 2016): a query attends to all support
/// samples by the cosine of their embeddings, and each class gets the attention to its samples. Without the paper's
/// embeddings in context.
public final class MatchingNetworks: MetricLearner {
  override func head(_ support: Tensor, _ targets: Tensor, classes: Int?) throws -> Head {
    guard let classes else { throw LearningError.labelsNeeded }
    return Head(params: ["embeddings": support, "labels": targets]) {
      try matchingLogProbas(support, targets, $0, numClasses: classes)
    }
  }
}

/// aᵢ·bⱼ / (‖aᵢ‖ ‖bⱼ‖): [M, D] and [N, D] give [M, N]. Norms below `eps` count as it. torchmeta's
/// `pairwise_cosine_similarity`.
public func pairwiseCosineSimilarity(_ a: Tensor, _ b: Tensor, eps: Double = 1e-8) throws -> Tensor {
  guard a.rank == 2, b.rank == 2, a.shape[1] == b.shape[1] else {
    throw TensorError("pairwiseCosineSimilarity", .shapesDiffer(a.shape, b.shape))
  }
  func unit(_ x: Tensor) throws -> Tensor {
    // Under the root, so that every derivative is finite at zero.
    try x * rsqrt(maximum(square(x).sum([1], keepDims: true), eps * eps))
  }
  return try matmul(unit(a), unit(b).transposed())
}

/// log of the attention to each class: support embeddings [N, D] with labels int64 [N], query embeddings [M, D], give
/// [M, classes]. What is below `eps` counts as it. torchmeta's `matching_log_probas`, with a query a row.
public func matchingLogProbas(
  _ embeddings: Tensor, _ labels: Tensor, _ queries: Tensor, numClasses: Int, eps: Double = 1e-8
) throws -> Tensor {
  try log(maximum(matchingProbas(embeddings, labels, queries, numClasses: numClasses, eps: eps), eps))
}

/// The attention to each class, [M, classes]; see ``matchingLogProbas(_:_:_:numClasses:eps:)``. torchmeta's
/// `matching_probas`.
public func matchingProbas(
  _ embeddings: Tensor, _ labels: Tensor, _ queries: Tensor, numClasses: Int, eps: Double = 1e-8
) throws -> Tensor {
  guard labels.shape == [embeddings.shape.first ?? 0] else {
    throw LearningError.sampleCountsDiffer(inputs: embeddings.shape, targets: labels.shape)
  }
  guard labels.dtype == .int64 else { throw LearningError.labelsNeeded }
  try requireCount(numClasses, "numClasses", of: "matchingProbas")
  let attention = try softmax(pairwiseCosineSimilarity(queries, embeddings, eps: eps))
  return try addRows(attention.transposed(), labels, rowCount: numClasses).transposed()
}

/// The mean over queries of −log of the attention to the right class. torchmeta's `matching_loss`.
public func matchingLoss(
  _ embeddings: Tensor, _ labels: Tensor, _ queries: Tensor, _ queryLabels: Tensor, numClasses: Int,
  eps: Double = 1e-8
) throws -> Tensor {
  let logs = try matchingLogProbas(embeddings, labels, queries, numClasses: numClasses, eps: eps)
  guard queryLabels.shape == [logs.shape[0]], queryLabels.dtype == .int64 else {
    throw LearningError.sampleCountsDiffer(inputs: logs.shape, targets: queryLabels.shape)
  }
  return try -gather(logs, axis: 1, index: queryLabels.unsqueeze(1)).mean()
}
