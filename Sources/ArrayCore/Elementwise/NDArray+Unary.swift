import CKernels

/// Operations on one array, element by element.
extension NDArray {
  /// `op(a)`, in the layout of `a` where it has no gaps.
  ///
  /// Integers stay integers where the result is one; otherwise (`exp`, `sqrt`, …) they become float32. float32
  /// functions are good to one unit in the last place, float64 ones to about 4e-16.
  /// - Throws: `integerOverflow` for int64.
  public static func unary(_ op: UnaryOp, _ a: NDArray) throws(TensorError) -> NDArray {
    if a.dtype == .int64 {
      switch op.integerRule {
      case .exact: return try integerUnary(op, a)
      case .same: return a
      case .float where op == .isFinite: return try NDArray(ones: a.shape, .int64)
      case .float: return try unary(op, a.cast(to: .float32))
      }
    }
    let result = try result(a.shape, op == .isFinite ? .int64 : a.dtype, like: a, nil, op.name)
    let loop = walk(result, a)
    let code = op.rawValue
    switch (a.dtype == .float32, op == .isFinite) {
    case (true, false):
      let (out, p) = (result.pointer(Float.self), a.pointer(Float.self))
      try loop.run(cost: op.cost) { il_unary_f32(code, out + $0.out, p + $0.a, &$0.loop) }
    case (false, false):
      let (out, p) = (result.pointer(Double.self), a.pointer(Double.self))
      try loop.run(cost: op.cost) { il_unary_f64(code, out + $0.out, p + $0.a, &$0.loop) }
    case (true, true):
      let (out, p) = (result.pointer(Int64.self), a.pointer(Float.self))
      try loop.run { il_finite_f32(out + $0.out, p + $0.a, &$0.loop) }
    case (false, true):
      let (out, p) = (result.pointer(Int64.self), a.pointer(Double.self))
      try loop.run { il_finite_f64(out + $0.out, p + $0.a, &$0.loop) }
    }
    withExtendedLifetime((a.storage, result.storage)) {}
    return result
  }

  private static func integerUnary(_ op: UnaryOp, _ a: NDArray) throws(TensorError) -> NDArray {
    let result = try result(a.shape, .int64, like: a, nil, op.name)
    let (out, p) = (result.pointer(Int64.self), a.pointer(Int64.self))
    try walk(result, a).run(checking: checker(op.name)) {
      il_unary_i64(op.rawValue, out + $0.out, p + $0.a, &$0.loop)
    }
    withExtendedLifetime((a.storage, result.storage)) {}
    return result
  }

  /// The loops that write `result` from `a`, which has its shape.
  private static func walk(_ result: NDArray, _ a: NDArray) -> Loop {
    result.strides == a.strides
      ? Loop(flat: a.elementCount)
      : Loop(a.shape, out: result.strides, a: a.strides, b: result.strides, c: result.strides)
  }

  /// The elements as another type. To int64 they are truncated.
  /// - Throws: `integerOverflow` for a float that int64 cannot hold, NaN included.
  public func cast(to target: DType) throws(TensorError) -> NDArray {
    if target == dtype { return self }
    let result = try NDArray.result(shape, target, like: self, nil, "to")
    let loop = NDArray.walk(result, self)
    let (out, a) = (result.address, address)
    switch (dtype, target) {
    case (.float32, .float64):
      try loop.run { il_cast_f32_f64(out.doubles + $0.out, a.floats + $0.a, &$0.loop) }
    case (.float64, .float32):
      try loop.run { il_cast_f64_f32(out.floats + $0.out, a.doubles + $0.a, &$0.loop) }
    case (.int64, .float32):
      try loop.run { il_cast_i64_f32(out.floats + $0.out, a.int64s + $0.a, &$0.loop) }
    case (.int64, .float64):
      try loop.run { il_cast_i64_f64(out.doubles + $0.out, a.int64s + $0.a, &$0.loop) }
    default:
      let single = dtype == .float32
      try loop.run(checking: NDArray.checker("to")) {
        single
          ? il_cast_f32_i64(out.int64s + $0.out, a.floats + $0.a, &$0.loop)
          : il_cast_f64_i64(out.int64s + $0.out, a.doubles + $0.a, &$0.loop)
      }
    }
    withExtendedLifetime((storage, result.storage)) {}
    return result
  }
}
