import CKernels
import Synchronization

/// Matrix products over the last two axes.
extension NDArray {
  /// `out[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]`; the axes before the last two broadcast.
  ///
  /// With a `bias` its row […, j] is added to every row of the result; it is of the same type and broadcasts.
  ///
  /// Transposed views are not copied. A right operand that all products share makes them one product. Long products
  /// are cut into panels by their sizes alone, and the wish to stop is read between panels.
  /// - Throws: `rankTooLow`, `innerAxesDiffer`, `shapesDoNotBroadcast`, `cancelled`, for int64 `integerOverflow`.
  public static func matmul(
    _ a: NDArray, _ b: NDArray, bias: NDArray? = nil
  ) throws(TensorError) -> NDArray {
    if a.rank < 2 { throw TensorError("matmul", .rankTooLow(a.shape, atLeast: 2)) }
    if b.rank < 2 { throw TensorError("matmul", .rankTooLow(b.shape, atLeast: 2)) }
    if a.dtype != b.dtype {
      let dtype = DType.promoted(a.dtype, b.dtype)
      return try matmul(a.cast(to: dtype), b.cast(to: dtype), bias: bias?.cast(to: dtype))
    }
    let (ar, br) = (a.rank, b.rank)
    let (m, k, n) = (a.shape[ar - 2], a.shape[ar - 1], b.shape[br - 1])
    if b.shape[br - 2] != k { throw TensorError("matmul", .innerAxesDiffer(a.shape, b.shape)) }
    let aBatch = a.shape.axes(0..<ar - 2)
    let bBatch = b.shape.axes(0..<br - 2)
    guard let batch = try? Shape.broadcast(aBatch, bBatch, operation: "matmul") else {
      throw TensorError("matmul", .shapesDoNotBroadcast(a.shape, b.shape))
    }
    var shape = batch
    if batch.rank > Shape.maximumRank - 2 { throw TensorError("matmul", .rankTooHigh(batch.rank + 2)) }
    shape.append(m)
    shape.append(n)
    let result = try NDArray(uninitialized: shape, a.dtype, "matmul")
    let count = batch.elementCount
    if result.elementCount == 0 { return result }
    let bias = try bias.map { (row) throws(TensorError) in try row.bias(shape) }
    if k == 0 {
      try result.zero()
      return try bias.map { (row) throws(TensorError) in try binary(.add, result, row) } ?? result
    }
    if Swift.max(m, k, n) > Gemm.largestSize { throw TensorError("matmul", .sizeTooLarge(shape)) }
    let left = try a.readable()
    let right = try b.readable()
    let aSteps = left.batchStrides(batch)
    let bSteps = right.batchStrides(batch)
    var work = Products(
      dtype: a.dtype, out: result.address, a: left.matrix, b: right.matrix, m: m, k: k, n: n, count: count,
      batch: batch, aSteps: aSteps, bSteps: bSteps)
    if let bias { work.bias = (bias.address, bias.strides.axes(0..<batch.rank)) }
    work.foldSharedRight()
    try work.run()
    withExtendedLifetime((left.storage, right.storage, result.storage, bias?.storage)) {}
    return result
  }

  /// A bias as rows of products of the given shape: […, 1, n] without a copy where its last axis has no gaps.
  private func bias(_ shape: Shape) throws(TensorError) -> NDArray {
    if rank < 1 || shape[shape.rank - 1] != self.shape[rank - 1] {
      throw TensorError("matmul", .shapesDoNotBroadcast(self.shape, shape))
    }
    let row = strides[rank - 1] == 1 || self.shape[rank - 1] == 1 ? self : try copied()
    return try row.inserting(axis: rank - 1).broadcast(to: shape.replacing(shape.rank - 2, with: 1))
  }

  /// The sum of the products over the first `leading` axes, which are equal in both operands: such as the gradient
  /// of a weight that many examples share. One product when the memory allows it.
  /// - Throws: as `matmul`, and `shapesDiffer` when the leading axes do.
  public static func matmulReducing(_ a: NDArray, _ b: NDArray, leading: Int) throws(TensorError) -> NDArray {
    if leading <= 0 { return try matmul(a, b) }
    if a.rank < leading + 2 { throw TensorError("matmul", .rankTooLow(a.shape, atLeast: leading + 2)) }
    if b.rank < leading + 2 { throw TensorError("matmul", .rankTooLow(b.shape, atLeast: leading + 2)) }
    if a.shape.axes(0..<leading) != b.shape.axes(0..<leading) {
      throw TensorError("matmul", .shapesDiffer(a.shape, b.shape))
    }
    if a.rank == leading + 2 && b.rank == leading + 2,
      let left = a.joined(leading, with: a.rank - 1), let right = b.joined(leading, with: b.rank - 2)
    {
      return try matmul(left, right)
    }
    return try matmul(a, b).sum(axes: Array(0..<leading))
  }

  /// The first `count` axes and `axis` as one axis in its place, where strides allow it.
  private func joined(_ count: Int, with axis: Int) -> NDArray? {
    var size = shape[axis]
    for i in stride(from: count - 1, through: 0, by: -1) {
      if shape[i] != 1 && size != 1 && strides[i] != strides[axis] * size { return nil }
      size *= shape[i]
    }
    if shape[axis] == 1 && size != 1 { return nil }
    return view(
      shape.replacing(axis, with: size).axes(count..<rank), strides.axes(count..<rank))
  }

  /// The array itself when BLAS can read its matrices (or they are int64), otherwise a copy.
  private func readable() throws(TensorError) -> NDArray {
    if dtype == .int64 { return self }
    return matrix.layout(rows: shape[rank - 2], columns: shape[rank - 1]) != nil ? self : try copied()
  }

  private var matrix: Matrix {
    Matrix(address: address, rowStride: strides[rank - 2], columnStride: strides[rank - 1])
  }

  /// The strides of the axes before the last two, seen as `batch`.
  private func batchStrides(_ batch: Shape) -> Shape {
    view(shape.axes(0..<rank - 2), strides.axes(0..<rank - 2)).strides(broadcastTo: batch)
  }
}
