import CKernels

/// How the result of an elementwise operation lies in memory.
extension NDArray {
  /// An uninitialised array of the shape, in the layout of the first operand that has this shape without gaps, so
  /// that chains of operations keep (say) NHWC and run flat; row-major when there is none.
  static func result(
    _ shape: Shape, _ dtype: DType, like a: NDArray, _ b: NDArray?, _ operation: String
  ) throws(TensorError) -> NDArray {
    let result = try NDArray(uninitialized: shape, dtype, operation)
    if a.shape == shape {
      if a.isContiguous { return result }
      if a.isDense { return result.view(shape, a.strides) }
    }
    if let b, b.shape == shape, !b.isContiguous, b.isDense { return result.view(shape, b.strides) }
    return result
  }

  /// The strides of this array seen as `target`, to which it is known to broadcast.
  func strides(broadcastTo target: Shape) -> Shape {
    if shape == target { return strides }
    var result = Shape(uncheckedRepeating: 0, count: target.rank)
    let shift = target.rank - rank
    for i in 0..<rank where shape[i] != 1 { result[i + shift] = strides[i] }
    return result
  }

  /// Writes the elements of `source`, of the same shape and type, over this array's own fresh storage.
  /// - Throws: `cancelled`.
  func fill(from source: NDArray) throws(TensorError) {
    let loop = Loop(shape, out: strides, a: source.strides, b: strides, c: strides)
    if dtype.byteSize == 4 {
      let (out, a) = (pointer(UInt32.self), source.pointer(UInt32.self))
      try loop.run { il_copy_4(out + $0.out, a + $0.a, &$0.loop) }
    } else {
      let (out, a) = (pointer(UInt64.self), source.pointer(UInt64.self))
      try loop.run { il_copy_8(out + $0.out, a + $0.a, &$0.loop) }
    }
    withExtendedLifetime((storage, source.storage)) {}
  }
}
