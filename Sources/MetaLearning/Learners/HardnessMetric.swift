import Autograd

/// How hard a task is for an embedding φ (Dhillon, Chaudhari, Ravichandran and Soatto 2020): the mean over queries of
/// log((1 − p) / p), with p the softmax over classes of ⟨w, φ(query)⟩ at the query's own class, and w of a class the mean
/// of its support embeddings' positive parts, scaled to length 1. Larger is harder; 0 is even odds.
///
/// Support embeddings [N, D] with labels int64 [N], query embeddings [M, D] with labels int64 [M], give []. torchmeta's
/// `hardness_metric`, which embeds by a network that it loads and averages log p where the odds were meant; here the
/// embeddings are the caller's.
///
/// - Throws: ``LearningError`` for labels that do not fit the embeddings, or fewer than two classes.
public func hardnessMetric(
  _ embeddings: Tensor, _ labels: Tensor, _ queries: Tensor, _ queryLabels: Tensor, numClasses: Int
) throws -> Tensor {
  guard queries.rank == 2, queryLabels.shape == [queries.shape[0]] else {
    throw LearningError.sampleCountsDiffer(inputs: queries.shape, targets: queryLabels.shape)
  }
  guard queryLabels.dtype == .int64 else { throw LearningError.labelsNeeded }
  guard numClasses > 1 else {
    throw LearningError.argument(
      type: "hardnessMetric", reason: "numClasses is \(numClasses); odds need two classes at least")
  }
  let means = try prototypes(relu(embeddings), labels, numClasses: numClasses)
  let weights = try means / maximum(means.norm([1], keepDims: true), 1e-12)
  let logits = try matmul(queries, weights.transposed())
  let own = try gather(logits, axis: 1, index: queryLabels.unsqueeze(1))
  // log(1 − p) as the other classes' share, which is a number even where p rounds to 1.
  let mask = try Tensor.oneHot(queryLabels, numClasses, dtype: logits.dtype)
  let others = try select(mask, Tensor.full([], -.infinity, dtype: logits.dtype), logits)
  let peak = try others.max([1], keepDims: true).detach()
  return try (log(exp(others - peak).sum([1], keepDims: true)) + peak - own).mean()
}
