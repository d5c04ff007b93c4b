import ArrayCore

/// What a loss does with the losses of single elements.
public enum Reduction: String, Sendable, CaseIterable {
  case mean, sum, none
}

/// The squared error (prediction − target)², reduced. The shapes must be equal.
public func mse(
  _ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean
) throws(TensorError) -> Tensor {
  guard prediction.shape == target.shape else {
    throw TensorError("mse", .shapesDiffer(prediction.shape, target.shape))
  }
  let squares = try square(prediction - target)
  switch reduction {
  case .mean: return try squares.mean()
  case .sum: return try squares.sum()
  case .none: return squares
  }
}

/// The cross entropy −log softmax(logits)[label], reduced over the samples.
///
/// logits: [N, C] and labels: int64 [N]; also [N, C, d…] with [N, d…], and [C] with a single label.
public func crossEntropy(
  _ logits: Tensor, _ labels: Tensor, reduction: Reduction = .mean
) throws(TensorError) -> Tensor {
  guard labels.dtype == .int64 else { throw TensorError("crossEntropy", .unsupportedDType(labels.dtype)) }
  let axis = logits.rank == 1 ? 0 : 1
  guard logits.rank >= 1 else { throw TensorError("crossEntropy", .rankTooLow(logits.shape, atLeast: 1)) }
  guard logits.shape.removing(at: axis) == labels.shape else {
    throw TensorError("crossEntropy", .shapesDiffer(logits.shape, labels.shape))
  }
  let picked = try gather(logSoftmax(logits, axis: axis), axis: axis, index: labels.unsqueeze(axis))
  switch reduction {
  case .mean:
    guard labels.count > 0 else { throw TensorError("crossEntropy", .emptyReduction(labels.shape)) }
    return try picked.sum() * (-1 / Double(labels.count))
  case .sum: return try -picked.sum()
  case .none: return try -picked.reshape(to: labels.shape)
  }
}

/// The share of samples whose largest logit is at the label, 0 to 1; one number a task, not recorded.
public func accuracy(_ logits: Tensor, _ labels: Tensor) throws(TensorError) -> Tensor {
  guard logits.rank >= 1 else { throw TensorError("accuracy", .rankTooLow(logits.shape, atLeast: 1)) }
  let predicted = try logits.detach().argmax(axis: logits.rank == 1 ? 0 : 1)
  guard predicted.shape == labels.shape else {
    throw TensorError("accuracy", .shapesDiffer(logits.shape, labels.shape))
  }
  let dtype: DType = logits.dtype.isFloating ? logits.dtype : .float32
  return try predicted.equal(labels).cast(to: dtype).mean()
}

/// Whether |a − b| ≤ absolute + relative·|b| everywhere, and NaN nowhere.
public func allClose(
  _ a: Tensor, _ b: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8
) throws(TensorError) -> Bool {
  let a = a.detach()
  let b = b.detach()
  // Equal infinities are close although their difference is NaN.
  let near = try abs(a - b).lessEqual(abs(b) * relative + absolute)
  let close = try maximum(near, a.equal(b)).array
  if close.elementCount == 0 { return true }
  return try close.min().item() != 0
}
