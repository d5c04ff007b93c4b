import CKernels

/// Operations on two arrays, element by element, with NumPy's broadcasting and the wider of the two types.
extension NDArray {
  /// `a op b`.
  ///
  /// int64 with int64 stays int64: `divide` truncates as Swift's `/` does.
  /// - Throws: `shapesDoNotBroadcast`, and for int64 `integerOverflow` and `divisionByZero`.
  public static func binary(_ op: BinaryOp, _ a: NDArray, _ b: NDArray) throws(TensorError) -> NDArray {
    if a.dtype != b.dtype {
      let dtype = DType.promoted(a.dtype, b.dtype)
      return try binary(op, a.cast(to: dtype), b.cast(to: dtype))
    }
    let outType: DType = op.isComparison ? .int64 : a.dtype
    if a.shape == b.shape && a.isContiguous && b.isContiguous {
      let result = try NDArray(uninitialized: a.shape, outType, op.name)
      try run(op, result, a.address, b.address, a.dtype, Loop(flat: result.elementCount))
      withExtendedLifetime((a.storage, b.storage)) {}
      return result
    }
    let shape = try Shape.broadcast(a.shape, b.shape, operation: op.name)
    let result = try result(shape, outType, like: a, b, op.name)
    let loop = Loop(
      shape, out: result.strides, a: a.strides(broadcastTo: shape), b: b.strides(broadcastTo: shape),
      c: result.strides)
    try run(op, result, a.address, b.address, a.dtype, loop)
    withExtendedLifetime((a.storage, b.storage)) {}
    return result
  }

  /// `a op scalar`. The array's type stays, but an int64 array with a scalar that is not whole becomes float32.
  /// - Throws: for int64 `integerOverflow` and `divisionByZero`.
  public static func binary(
    _ op: BinaryOp, _ a: NDArray, scalar: Double
  ) throws(TensorError) -> NDArray {
    if let short = try shortcut(op, a, scalar) { return short }
    return try withScalar(op, a, scalar, scalarFirst: false)
  }

  /// `scalar op b`, typed as the other order.
  /// - Throws: for int64 `integerOverflow` and `divisionByZero`.
  public static func binary(
    _ op: BinaryOp, scalar: Double, _ b: NDArray
  ) throws(TensorError) -> NDArray {
    try withScalar(op, b, scalar, scalarFirst: true)
  }

  /// Usual powers as products, which are faster and exact.
  private static func shortcut(
    _ op: BinaryOp, _ a: NDArray, _ scalar: Double
  ) throws(TensorError) -> NDArray? {
    if op != .power || !a.dtype.isFloating { return nil }
    if scalar == 2 { return try unary(.square, a) }
    if scalar == 0.5 { return nil }  // pow(-0.0, 0.5) and sqrt differ
    if scalar == -1 { return try unary(.reciprocal, a) }
    if scalar == 3 { return try binary(.multiply, unary(.square, a), a) }
    return nil
  }

  private static func withScalar(
    _ op: BinaryOp, _ a: NDArray, _ scalar: Double, scalarFirst: Bool
  ) throws(TensorError) -> NDArray {
    if a.dtype == .int64 && Int64(exactly: scalar) == nil {
      return try withScalar(op, a.cast(to: .float32), scalar, scalarFirst: scalarFirst)
    }
    let result = try result(a.shape, op.isComparison ? .int64 : a.dtype, like: a, nil, op.name)
    let loop: Loop
    if result.strides == a.strides {
      loop = Loop(flat: a.elementCount, a: scalarFirst ? 0 : 1, b: scalarFirst ? 1 : 0)
    } else {
      let none = Shape(uncheckedRepeating: 0, count: a.rank)
      loop = Loop(
        a.shape, out: result.strides, a: scalarFirst ? none : a.strides, b: scalarFirst ? a.strides : none,
        c: result.strides)
    }
    let value = try NDArray(full: scalar, [], a.dtype)
    try run(
      op, result, scalarFirst ? value.address : a.address, scalarFirst ? a.address : value.address, a.dtype,
      loop)
    withExtendedLifetime((a.storage, value.storage)) {}
    return result
  }

  private static func run(
    _ op: BinaryOp, _ result: NDArray, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
    _ dtype: DType,
    _ loop: Loop
  ) throws(TensorError) {
    let code = op.rawValue
    let cost = op.isCostly ? 16 : 1
    switch (dtype, op.isComparison) {
    case (.float32, false):
      let (out, a, b) = (result.pointer(Float.self), a.floats, b.floats)
      try loop.run(cost: cost) { il_binary_f32(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop) }
    case (.float64, false):
      let (out, a, b) = (result.pointer(Double.self), a.doubles, b.doubles)
      try loop.run(cost: cost) { il_binary_f64(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop) }
    case (.int64, false):
      let (out, a, b) = (result.pointer(Int64.self), a.int64s, b.int64s)
      try loop.run(cost: cost, checking: checker(op.name)) {
        il_binary_i64(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop)
      }
    case (.float32, true):
      let (out, a, b) = (result.pointer(Int64.self), a.floats, b.floats)
      try loop.run { il_compare_f32(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop) }
    case (.float64, true):
      let (out, a, b) = (result.pointer(Int64.self), a.doubles, b.doubles)
      try loop.run { il_compare_f64(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop) }
    case (.int64, true):
      let (out, a, b) = (result.pointer(Int64.self), a.int64s, b.int64s)
      try loop.run { il_compare_i64(code, out + $0.out, a + $0.a, b + $0.b, &$0.loop) }
    }
    withExtendedLifetime(result.storage) {}
  }

  /// Words the problems that an int64 loop met.
  static func check(_ problems: Int32, _ operation: String) throws(TensorError) {
    if problems & Int32(IL_ZERO_DIVISION) != 0 { throw TensorError(operation, .divisionByZero) }
    if problems & Int32(IL_OVERFLOW) != 0 { throw TensorError(operation, .integerOverflow) }
  }

  static func checker(_ operation: String) -> (Int32) throws(TensorError) -> Void {
    { (problems) throws(TensorError) in try check(problems, operation) }
  }

  /// `a + scale · b` in one pass, for arrays of floats.
  /// - Throws: `shapesDoNotBroadcast`, `unsupportedDType`.
  public static func axpy(_ a: NDArray, _ b: NDArray, scale: Double) throws(TensorError) -> NDArray {
    let dtype = DType.promoted(a.dtype, b.dtype)
    if a.dtype != dtype || b.dtype != dtype {
      return try axpy(a.cast(to: dtype), b.cast(to: dtype), scale: scale)
    }
    if !dtype.isFloating { throw TensorError("axpy", .unsupportedDType(dtype)) }
    let shape = try Shape.broadcast(a.shape, b.shape, operation: "axpy")
    let result = try result(shape, dtype, like: a, b, "axpy")
    let loop = Loop(
      shape, out: result.strides, a: a.strides(broadcastTo: shape), b: b.strides(broadcastTo: shape),
      c: result.strides)
    if dtype == .float32 {
      let (out, p, q) = (result.pointer(Float.self), a.pointer(Float.self), b.pointer(Float.self))
      try loop.run { il_axpy_f32(out + $0.out, p + $0.a, q + $0.b, Float(scale), &$0.loop) }
    } else {
      let (out, p, q) = (result.pointer(Double.self), a.pointer(Double.self), b.pointer(Double.self))
      try loop.run { il_axpy_f64(out + $0.out, p + $0.a, q + $0.b, scale, &$0.loop) }
    }
    withExtendedLifetime((a.storage, b.storage, result.storage)) {}
    return result
  }
}

extension UnsafeMutableRawPointer {
  var floats: UnsafeMutablePointer<Float> { assumingMemoryBound(to: Float.self) }
  var doubles: UnsafeMutablePointer<Double> { assumingMemoryBound(to: Double.self) }
  var int64s: UnsafeMutablePointer<Int64> { assumingMemoryBound(to: Int64.self) }
}
