import ArrayCore

/// The matrix product over the last two axes; leading axes broadcast. A vector on the left counts as a
/// row, on the right as a column, and the axis goes again.
public func matmul(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
  guard a.rank >= 1, b.rank >= 1 else {
    throw TensorError("matmul", .rankTooLow(a.rank < 1 ? a.shape : b.shape, atLeast: 1))
  }
  let left = a.rank == 1 ? try a.unsqueeze(0) : a
  let right = b.rank == 1 ? try b.unsqueeze(1) : b
  guard left.shape[left.rank - 1] == right.shape[right.rank - 2] else {
    throw TensorError("matmul", .innerAxesDiffer(a.shape, b.shape))
  }
  let product = try Tensor.apply(.matmul(transposeLeft: false, transposeRight: false), left, right)
  if a.rank > 1 && b.rank > 1 { return product }
  var shape = product.shape
  if b.rank == 1 { shape = shape.removing(at: shape.rank - 1) }
  if a.rank == 1 { shape = shape.removing(at: shape.rank - (b.rank == 1 ? 1 : 2)) }
  return try product.reshape(to: shape)
}

/// The X with A X = B: a [..., n, n] and b [..., n, m] or [n] give the shape of B; the axes before the last two
/// broadcast.
///
/// - Throws: `TensorError` for a matrix that is not square or is singular.
public func solve(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
  guard b.rank != 1 else {
    let x = try Tensor.apply(.solve(transposed: false), a, b.unsqueeze(1))
    return try x.reshape(to: x.shape.removing(at: x.rank - 1))
  }
  return try Tensor.apply(.solve(transposed: false), a, b)
}

/// x Wᵀ + b. x: […, in], weight: [out, in], bias: [out].
public func linear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) throws(TensorError) -> Tensor {
  guard weight.rank == 2 else { throw TensorError("linear", .rankTooLow(weight.shape, atLeast: 2)) }
  guard x.rank >= 1, x.shape[x.rank - 1] == weight.shape[1] else {
    throw TensorError("linear", .innerAxesDiffer(x.shape, weight.shape))
  }
  let rows = x.rank == 1 ? try x.unsqueeze(0) : x
  let product = Operation.matmul(transposeLeft: false, transposeRight: true)
  guard let bias else { return try asGiven(Tensor.apply(product, rows, weight)) }
  let fits =
    bias.shape == [weight.shape[0]] && bias.dtype == x.dtype && bias.dtype == weight.dtype
    && (!bias.hasTasks || x.hasTasks || weight.hasTasks)
  if !fits {
    return try asGiven(Tensor.apply(product, rows, weight)) + bias
  }
  return try asGiven(Tensor.apply(product, rows, weight, bias))

  func asGiven(_ y: Tensor) throws(TensorError) -> Tensor {
    x.rank == 1 ? try y.reshape(to: [weight.shape[0]]) : y
  }
}

/// The cross-correlation of images with kernels, over 1 to 3 spatial axes.
///
/// x: [N, C, spatial…], weight: [O, C/groups, kernel…], bias: [O]; result [N, O, out…] with
/// out = ⌊(in + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1.
public func convolution(
  _ x: Tensor, _ weight: Tensor, bias: Tensor? = nil, _ geometry: ConvolutionGeometry
) throws(TensorError) -> Tensor {
  let y = try Tensor.apply(.convolution(geometry), x, weight)
  guard let bias else { return y }
  guard bias.rank == 1 else { throw TensorError("convolution", .shapesDiffer(bias.shape, [weight.shape[0]])) }
  var shape: [Int] = [bias.shape[0]]
  for _ in geometry.stride { shape.append(1) }
  return try y + bias.reshape(to: Shape(shape))
}

/// The largest of each window; the derivative goes to the first of equal ones. x: […, spatial…].
public func maxPool(_ x: Tensor, _ geometry: PoolGeometry) throws(TensorError) -> Tensor {
  let output = try geometry.outputShape(input: x.shape)
  let spatial = geometry.kernel.count
  let index = Tensor(try NDArray.maxPoolIndices(x.array, geometry), hasTasks: x.hasTasks)
  let leading = x.rank - spatial
  let picked = try gather(x.flatten(from: leading), axis: leading, index: index)
  return try picked.reshape(to: output)
}

/// The mean of each window, padding counted as zeros. x: […, spatial…].
public func averagePool(_ x: Tensor, _ geometry: PoolGeometry) throws(TensorError) -> Tensor {
  guard x.rank >= geometry.kernel.count else {
    throw TensorError("averagePool", .rankTooLow(x.shape, atLeast: geometry.kernel.count))
  }
  return try Tensor.apply(.averagePool(geometry), x)
}
