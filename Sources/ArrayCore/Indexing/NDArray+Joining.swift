/// Several arrays in one.
extension NDArray {
  /// The arrays one after another along an axis; the other axes are equal, and the type is the widest.
  /// - Throws: `shapesDiffer`, `axisOutOfRange`, `invalid` for no arrays.
  public static func concatenate(_ parts: [NDArray], axis: Int) throws(TensorError) -> NDArray {
    guard let first = parts.first else { throw TensorError("concat", .invalid("needs at least one array")) }
    let axis = try first.shape.normalized(axis: axis, "concat")
    var shape = first.shape
    var dtype = first.dtype
    shape[axis] = 0
    for part in parts {
      if part.rank != first.rank
        || part.shape.replacing(axis, with: 0) != first.shape.replacing(axis, with: 0)
      {
        throw TensorError("concat", .shapesDiffer(first.shape, part.shape))
      }
      let (sum, overflow) = shape[axis].addingReportingOverflow(part.shape[axis])
      if overflow { throw TensorError("concat", .sizeTooLarge(shape)) }
      shape[axis] = sum
      dtype = DType.promoted(dtype, part.dtype)
    }
    let fresh = try NDArray(uninitialized: shape, dtype, "concat")
    let result = first.isDense ? fresh.view(shape, shape.denseStrides(like: first.strides)) : fresh
    var from = 0
    for part in parts {
      let to = from + part.shape[axis]
      try result.sliced(axis: axis, from: from, to: to).fill(from: part.cast(to: dtype))
      from = to
    }
    return result
  }

  /// The arrays, of equal shapes, along a new axis at place `axis` of the result.
  /// - Throws: `shapesDiffer`, `axisOutOfRange`, `rankTooHigh`, `invalid` for no arrays.
  public static func stack(_ parts: [NDArray], axis: Int) throws(TensorError) -> NDArray {
    guard let first = parts.first else { throw TensorError("stack", .invalid("needs at least one array")) }
    var raised: [NDArray] = []
    raised.reserveCapacity(parts.count)
    for part in parts {
      if part.shape != first.shape { throw TensorError("stack", .shapesDiffer(first.shape, part.shape)) }
      raised.append(try part.inserting(axis: axis))
    }
    return try concatenate(raised, axis: axis)
  }

  /// Zeros of the shape, with this array at `from`, `from + step`, … of an axis: the adjoint of `sliced`.
  /// - Throws: `shapesDiffer` when the array does not fit there.
  public func embedded(in shape: Shape, axis: Int, from: Int, step: Int = 1) throws(TensorError) -> NDArray {
    let axis = try shape.normalized(axis: axis, "slice")
    if rank != shape.rank || self.shape.replacing(axis, with: 0) != shape.replacing(axis, with: 0) {
      throw TensorError("slice", .shapesDiffer(self.shape, shape))
    }
    let fresh = try NDArray(zeros: shape, dtype)
    let count = self.shape[axis]
    if count == 0 { return fresh }
    let (reach, overflow) = (count - 1).multipliedReportingOverflow(by: step)
    let (last, beyond) = from.addingReportingOverflow(reach)
    let size = shape[axis]
    if overflow || beyond || step == 0 || from < 0 || from >= size || last < 0 || last >= size {
      throw TensorError("slice", .shapesDiffer(self.shape, shape))
    }
    let result = isDense ? fresh.view(shape, shape.denseStrides(like: strides)) : fresh
    let target = result.view(
      self.shape, result.strides.replacing(axis, with: result.strides[axis] * step),
      offset: from * result.strides[axis])
    try target.fill(from: self)
    return result
  }
}
