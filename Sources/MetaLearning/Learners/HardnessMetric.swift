import Autograd

/// How hard a task is for an embedding (Dhillon, Chaudhari, Ravichandran and Soatto 2020): the mean over queries of
/// log((1 − p) / p), with p the softmax over classes of the cosine of the query and each class's mean support embedding,
/// taken at the query's own class. Larger is harder; 0 is even odds.
///
/// Support embeddings [N, D] with labels int64 [N], query embeddings [M, D] with labels int64 [M], give []. torchmeta's
/// `hardness_metric`, which embeds by a network that it loads; here the embeddings are the caller's.
public func hardnessMetric(
  _ embeddings: Tensor, _ labels: Tensor, _ queries: Tensor, _ queryLabels: Tensor, numClasses: Int
) throws -> Tensor {
  guard queries.rank == 2, queryLabels.shape == [queries.shape[0]] else {
    throw LearningError.sampleCountsDiffer(inputs: queries.shape, targets: queryLabels.shape)
  }
  guard queryLabels.dtype == .int64 else { throw LearningError.labelsNeeded }
  let means = try prototypes(embeddings, labels, numClasses: numClasses)
  let logits = try logSoftmax(pairwiseCosineSimilarity(queries, means), axis: 1)
  let own = try gather(logits, axis: 1, index: queryLabels.unsqueeze(1))
  // log(1 − p) by log1p, so that it is accurate near p = 0.
  return try (log1p(-exp(own)) - own).mean()
}
