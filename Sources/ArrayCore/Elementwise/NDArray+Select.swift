import CKernels

extension NDArray {
  /// `mask ≠ 0 ? a : b`, element by element; the three broadcast together, and `a` and `b` take the wider type.
  /// - Throws: `shapesDoNotBroadcast`.
  public static func select(_ mask: NDArray, _ a: NDArray, _ b: NDArray) throws(TensorError) -> NDArray {
    let dtype = DType.promoted(a.dtype, b.dtype)
    if a.dtype != dtype || b.dtype != dtype {
      return try select(mask, a.cast(to: dtype), b.cast(to: dtype))
    }
    let shape = try Shape.broadcast(
      mask.shape, Shape.broadcast(a.shape, b.shape, operation: "select"), operation: "select")
    let result = try result(shape, dtype, like: a.shape == shape ? a : b, mask, "select")
    let loop = Loop(
      shape, out: result.strides, a: a.strides(broadcastTo: shape), b: b.strides(broadcastTo: shape),
      c: mask.strides(broadcastTo: shape))
    if dtype.byteSize == 4 {
      let (out, p, q) = (result.pointer(UInt32.self), a.pointer(UInt32.self), b.pointer(UInt32.self))
      let m = mask.address
      switch mask.dtype {
      case .float32:
        try loop.run { il_select_4_f32(out + $0.out, p + $0.a, q + $0.b, m.floats + $0.c, &$0.loop) }
      case .float64:
        try loop.run { il_select_4_f64(out + $0.out, p + $0.a, q + $0.b, m.doubles + $0.c, &$0.loop) }
      case .int64:
        try loop.run { il_select_4_i64(out + $0.out, p + $0.a, q + $0.b, m.int64s + $0.c, &$0.loop) }
      }
    } else {
      let (out, p, q) = (result.pointer(UInt64.self), a.pointer(UInt64.self), b.pointer(UInt64.self))
      let m = mask.address
      switch mask.dtype {
      case .float32:
        try loop.run { il_select_8_f32(out + $0.out, p + $0.a, q + $0.b, m.floats + $0.c, &$0.loop) }
      case .float64:
        try loop.run { il_select_8_f64(out + $0.out, p + $0.a, q + $0.b, m.doubles + $0.c, &$0.loop) }
      case .int64:
        try loop.run { il_select_8_i64(out + $0.out, p + $0.a, q + $0.b, m.int64s + $0.c, &$0.loop) }
      }
    }
    withExtendedLifetime((mask.storage, a.storage, b.storage, result.storage)) {}
    return result
  }
}
