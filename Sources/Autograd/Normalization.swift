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
  if (2...5).contains(x.rank), axes == [0] + Array(2..<x.rank), x.dtype.isFloating, x.array.elementCount > 0 {
    let moments = try BatchMoments(
      x, weight: nil, eps: eps, NormalizationGeometry(spatialAxes: x.rank - 2))
    var y = try Tensor.apply(.normalize(moments), x)
    if let weight { y = try y * weight.reshape(to: shape) }
    if let bias { y = try y + bias.reshape(to: shape) }
    return y
  }
  let centred = try x - x.mean(axes, keepDims: true)
  var scale = try rsqrt(square(centred).mean(axes, keepDims: true) + eps)
  if let weight { scale = try scale * weight.reshape(to: shape) }
  let y = try centred * scale
  guard let bias else { return y }
  return try y + bias.reshape(to: shape)
}

/// maxPool(relu(batchNorm(x))), with the statistics of this batch over all axes but the channels (axis 1).
///
/// x: [N, C, spatial…] with one to three spatial axes, as many as the window has; weight and bias: [C]. Where the
/// windows lie side by side without padding, it is computed as relu(weight · S(x̂) + bias), which is the same: S keeps
/// the first largest x̂ of each window, or the first smallest where the weight is negative. So only the normalisation
/// works on arrays of the size of x. A derivative goes to the value that was kept.
///
/// - Throws: `TensorError` when the shapes or the window do not fit.
public func batchNormReLUMaxPool(
  _ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, pool: PoolGeometry, eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  let isSideBySide = pool.stride == pool.kernel && pool.padding.allSatisfy { $0 == 0 }
  guard isSideBySide, (1...3).contains(pool.kernel.count), x.rank == pool.kernel.count + 2,
    x.dtype.isFloating, x.array.elementCount > 0
  else {
    let axes = x.rank >= 2 ? [0] + Array(2..<x.rank) : [0]
    return try maxPool(relu(batchNorm(x, weight: weight, bias: bias, axes: axes, eps: eps)), pool)
  }
  // Refuses a window that does not fit, in the words of pooling.
  _ = try pool.outputShape(input: x.shape)
  let signs = try weight?.detach().reshape(to: [x.shape[1]])
  let shape = try Shape([x.shape[1]] + pool.kernel.map { _ in 1 })
  // Weights of each task select for each task.
  let x = try signs?.taskCount.map { (count) throws(TensorError) in try x.withTasks(count) } ?? x
  let moments = try BatchMoments(x, weight: signs, eps: eps, NormalizationGeometry(window: pool.kernel))
  var y = try Tensor.apply(.normalize(moments), x)
  if let weight { y = try y * weight.reshape(to: shape) }
  if let bias { y = try y + bias.reshape(to: shape) }
  return try relu(y)
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
