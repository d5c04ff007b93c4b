import CKernels

/// Elements by their positions along one axis.
extension NDArray {
  /// As PyTorch's `gather`: `out[…, i, …] = x[…, index[…, i, …], …]` at `axis`. The index has the rank of x, and no
  /// axis but `axis` may be longer than that of x.
  /// - Throws: `indexOutOfRange`, `shapesDiffer`, `axisOutOfRange`, `unsupportedDType` for an index that is not int64.
  public static func gather(_ x: NDArray, axis: Int, index: NDArray) throws(TensorError) -> NDArray {
    let axis = try x.shape.normalized(axis: axis, "gather")
    try index.checkIndexType("gather")
    if index.rank != x.rank { throw TensorError("gather", .shapesDiffer(x.shape, index.shape)) }
    for i in 0..<x.rank where i != axis && index.shape[i] > x.shape[i] {
      throw TensorError("gather", .shapesDiffer(x.shape, index.shape))
    }
    let result = try result(index.shape, x.dtype, like: index, nil, "gather")
    if result.elementCount == 0 { return result }
    let (step, size) = (x.strides[axis], x.shape[axis])
    let loop = Loop(
      index.shape, out: result.strides, a: x.strides.replacing(axis, with: 0), b: index.strides,
      c: result.strides)
    let (out, a, b) = (result.address, x.address, index.pointer(Int64.self))
    let check = index.insideChecker("gather", size)
    if x.dtype.byteSize == 4 {
      let (out, a) = (
        out.assumingMemoryBound(to: UInt32.self), a.assumingMemoryBound(to: UInt32.self)
      )
      try loop.run(checking: check) {
        il_gather_4(out + $0.out, a + $0.a, b + $0.b, &$0.loop, step, size)
      }
    } else {
      let (out, a) = (
        out.assumingMemoryBound(to: UInt64.self), a.assumingMemoryBound(to: UInt64.self)
      )
      try loop.run(checking: check) {
        il_gather_8(out + $0.out, a + $0.a, b + $0.b, &$0.loop, step, size)
      }
    }
    withExtendedLifetime((x.storage, index.storage)) {}
    return result
  }

  /// The adjoint of `gather`: zeros of the index's shape with `size` at `axis`, to which each element of g is added
  /// at its index. Elements that meet at one place are added in an order fixed by the shapes and strides.
  /// - Throws: `indexOutOfRange`, `shapesDiffer`, `axisOutOfRange`, `integerOverflow`, `unsupportedDType`.
  public static func scatterAdd(
    _ g: NDArray, axis: Int, index: NDArray, size: Int
  ) throws(TensorError) -> NDArray {
    try scatterAdd(
      g, axis: axis, index: index,
      shape: index.shape.replacing(
        try index.shape.normalized(axis: axis, "scatterAdd"), with: size))
  }

  /// The same into zeros of any shape that is nowhere (but at `axis`) shorter than the index's: the adjoint of a
  /// `gather` from an array of that shape.
  public static func scatterAdd(
    _ g: NDArray, axis: Int, index: NDArray, shape: Shape
  ) throws(TensorError) -> NDArray {
    let axis = try index.shape.normalized(axis: axis, "scatterAdd")
    try index.checkIndexType("scatterAdd")
    if g.shape != index.shape { throw TensorError("scatterAdd", .shapesDiffer(g.shape, index.shape)) }
    if shape.rank != g.rank { throw TensorError("scatterAdd", .shapesDiffer(g.shape, shape)) }
    for i in 0..<g.rank where i != axis && index.shape[i] > shape[i] {
      throw TensorError("scatterAdd", .shapesDiffer(g.shape, shape))
    }
    let fresh = try NDArray(zeros: shape, g.dtype)
    let result = fresh.view(shape, index.isDense ? shape.denseStrides(like: index.strides) : fresh.strides)
    if g.elementCount == 0 { return result }
    let (step, size) = (result.strides[axis], shape[axis])
    let loop = Loop(
      index.shape, out: index.strides, a: g.strides, b: result.strides.replacing(axis, with: 0),
      c: index.strides)
    let (x, a, c) = (result.address, g.address, index.pointer(Int64.self))
    // Parts may run at once only where they write to different places.
    let parallel = loop.b.first.map { $0 != 0 } ?? false
    let check = index.insideChecker("scatterAdd", size)
    let dtype = g.dtype
    try loop.run(parallel: parallel, checking: check) {
      switch dtype {
      case .float32: il_scatter_add_f32(x.floats + $0.b, a.floats + $0.a, c + $0.c, &$0.loop, step, size)
      case .float64: il_scatter_add_f64(x.doubles + $0.b, a.doubles + $0.a, c + $0.c, &$0.loop, step, size)
      case .int64: il_scatter_add_i64(x.int64s + $0.b, a.int64s + $0.a, c + $0.c, &$0.loop, step, size)
      }
    }
    withExtendedLifetime((g.storage, index.storage)) {}
    return result
  }

  func checkIndexType(_ operation: String) throws(TensorError) {
    if dtype != .int64 { throw TensorError(operation, .unsupportedDType(dtype)) }
  }

  /// The array in row-major order, once it is known that its elements are in 0..<count.
  func checkedIndices(_ operation: String, count: Int) throws(TensorError) -> NDArray {
    try checkIndexType(operation)
    let whole = try contiguous()
    let (values, size) = (whole.pointer(Int64.self), whole.elementCount)
    try launch { () throws(TensorError) in
      for i in 0..<size where values[i] < 0 || values[i] >= count {
        throw TensorError(operation, .indexOutOfRange(index: Int(values[i]), count: count))
      }
    }
    return whole
  }

  /// Words what an indexing loop reports: bit 0, an element of this index is not in 0..<count; others, an overflow.
  private func insideChecker(
    _ operation: String, _ count: Int
  ) -> (Int32) throws(TensorError) -> Void {
    let values = pointer(Int64.self)
    let loop = Loop(shape, out: strides, a: strides, b: strides, c: strides)
    return { (problems) throws(TensorError) in
      if problems & 1 != 0 {
        let index = loop.first(from: values) { $0 < 0 || $0 >= count } ?? Int64(count)
        throw TensorError(operation, .indexOutOfRange(index: Int(index), count: count))
      }
      if problems != 0 { throw TensorError(operation, .integerOverflow) }
    }
  }
}

extension Shape {
  /// The strides of an array of this shape without gaps, its axes ordered in memory as those of other strides.
  func denseStrides(like other: Shape) -> Shape {
    var order = Shape()
    for axis in 0..<rank {
      var place = order.rank
      order.append(axis)
      while place > 0 && other[order[place - 1]] < other[axis] {
        order.swapAt(place, place - 1)
        place -= 1
      }
    }
    var result = self
    var stride = 1
    for i in (0..<rank).reversed() {
      result[order[i]] = stride
      stride *= Swift.max(1, self[order[i]])
    }
    return result
  }
}
