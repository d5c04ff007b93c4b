import ArrayCore

/// The mean and the biased variance over `axes`, which stay as axes of size 1.
public func batchStatistics(
  _ x: Tensor, axes: [Int]
) throws(TensorError) -> (mean: Tensor, variance: Tensor) {
  let mean = try x.mean(axes, keepDims: true)
  return (mean, try square(x - mean).mean(axes, keepDims: true))
}

/// (x − mean)/√(variance + eps) · weight + bias, with the statistics of this batch over `axes`
/// (Ioffe and Szegedy 2015).
///
/// `axes` are [0] for x: [N, C] and [0, 2, 3] for images [N, C, H, W]; weight and bias have the sizes of
/// the axes that remain. The variance is the biased one. With tasks, each has its own statistics.
public func batchNorm(
  _ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, axes: [Int], eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  let axes = try x.shape.normalized(axes: axes, "batchNorm")
  var shape = x.shape
  for axis in axes { shape[axis] = 1 }
  let centred = try x - x.mean(axes, keepDims: true)
  var scale = try rsqrt(square(centred).mean(axes, keepDims: true) + eps)
  if let weight { scale = try scale * weight.reshape(to: shape) }
  let y = try centred * scale
  guard let bias else { return y }
  return try y + bias.reshape(to: shape)
}

/// (x − mean)/√(variance + eps) · weight + bias, over the last `normalizedRank` axes of each sample
/// (Ba, Kiros and Hinton 2016). weight and bias have the shape of those axes.
public func layerNorm(
  _ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, normalizedRank: Int, eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  guard normalizedRank >= 1, normalizedRank <= x.rank else {
    throw TensorError("layerNorm", .rankTooLow(x.shape, atLeast: normalizedRank))
  }
  let axes = Array((x.rank - normalizedRank)..<x.rank)
  let centred = try x - x.mean(axes, keepDims: true)
  var y = try centred * rsqrt(square(centred).mean(axes, keepDims: true) + eps)
  if let weight { y = try y * weight }
  if let bias { y = try y + bias }
  return y
}
