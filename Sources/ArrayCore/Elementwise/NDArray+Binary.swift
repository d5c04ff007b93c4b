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
      try run(
        op, result, .array(a.address), .array(b.address), a.dtype, Loop(flat: result.elementCount))
      withExtendedLifetime((a.storage, b.storage)) {}
      return result
    }
    let shape = try Shape.broadcast(a.shape, b.shape, operation: op.name)
    let result = try result(shape, outType, like: a, b, op.name)
    let loop = Loop(
      shape, out: result.strides, a: a.strides(broadcastTo: shape), b: b.strides(broadcastTo: shape),
      c: result.strides)
    try run(op, result, .array(a.address), .array(b.address), a.dtype, loop)
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
    let side = Side.number(scalar)
    try run(
      op, result, scalarFirst ? side : .array(a.address), scalarFirst ? .array(a.address) : side, a.dtype,
      loop)
    withExtendedLifetime(a.storage) {}
    return result
  }

  /// An operand of a loop: elements, or one number for all.
  private enum Side {
    case array(UnsafeMutableRawPointer)
    case number(Double)

    /// Calls `body` with the address of the element at `offset`.
    @inline(__always)
    func read<Element>(
      _ offset: Int, _ number: (Double) -> Element, _ body: (UnsafePointer<Element>) -> Void
    ) {
      switch self {
      case .array(let address): body(address.assumingMemoryBound(to: Element.self) + offset)
      case .number(let value): withUnsafePointer(to: number(value), body)
      }
    }
  }

  private static func run(
    _ op: BinaryOp, _ result: NDArray, _ a: Side, _ b: Side, _ dtype: DType, _ loop: Loop
  ) throws(TensorError) {
    let code = op.rawValue
    let cost = op.isCostly ? 16 : 1
    let whole = { (number: Double) in Int64(exactly: number) ?? 0 }
    switch (dtype, op.isComparison) {
    case (.float32, false):
      let out = result.pointer(Float.self)
      try loop.run(cost: cost) { part in
        a.read(part.a, Float.init) { a in
          b.read(part.b, Float.init) { b in il_binary_f32(code, out + part.out, a, b, &part.loop) }
        }
      }
    case (.float64, false):
      let out = result.pointer(Double.self)
      try loop.run(cost: cost) { part in
        a.read(part.a, { $0 }) { a in
          b.read(part.b, { $0 }) { b in il_binary_f64(code, out + part.out, a, b, &part.loop) }
        }
      }
    case (.int64, false):
      let out = result.pointer(Int64.self)
      try loop.run(cost: cost, checking: checker(op.name)) { part in
        var met: Int32 = 0
        a.read(part.a, whole) { a in
          b.read(part.b, whole) { b in met = il_binary_i64(code, out + part.out, a, b, &part.loop) }
        }
        return met
      }
    case (.float32, true):
      let out = result.pointer(Int64.self)
      try loop.run { part in
        a.read(part.a, Float.init) { a in
          b.read(part.b, Float.init) { b in il_compare_f32(code, out + part.out, a, b, &part.loop) }
        }
      }
    case (.float64, true):
      let out = result.pointer(Int64.self)
      try loop.run { part in
        a.read(part.a, { $0 }) { a in
          b.read(part.b, { $0 }) { b in il_compare_f64(code, out + part.out, a, b, &part.loop) }
        }
      }
    case (.int64, true):
      let out = result.pointer(Int64.self)
      try loop.run { part in
        a.read(part.a, whole) { a in
          b.read(part.b, whole) { b in il_compare_i64(code, out + part.out, a, b, &part.loop) }
        }
      }
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
    try inOnePass("axpy", a, b) { out, p, q, isSingle, part in
      if isSingle {
        il_axpy_f32(out.floats + part.out, p.floats + part.a, q.floats + part.b, Float(scale), &part.loop)
      } else {
        il_axpy_f64(out.doubles + part.out, p.doubles + part.a, q.doubles + part.b, scale, &part.loop)
      }
    }
  }

  /// `y > 0 ? g : 0`: the gradient of `relu`, whose output is y.
  /// - Throws: `shapesDoNotBroadcast`, `unsupportedDType`.
  public static func reluGradient(_ g: NDArray, _ y: NDArray) throws(TensorError) -> NDArray {
    try inOnePass("reluGradient", g, y) { out, p, q, isSingle, part in
      if isSingle {
        il_relu_gradient_f32(out.floats + part.out, p.floats + part.a, q.floats + part.b, &part.loop)
      } else {
        il_relu_gradient_f64(out.doubles + part.out, p.doubles + part.a, q.doubles + part.b, &part.loop)
      }
    }
  }

  /// A function of two floats, element by element.
  private static func inOnePass(
    _ operation: String, _ a: NDArray, _ b: NDArray,
    _ kernel:
      @escaping (
        _ out: UnsafeMutableRawPointer, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
        _ isSingle: Bool, inout Loop.Part
      ) -> Void
  ) throws(TensorError) -> NDArray {
    let dtype = DType.promoted(a.dtype, b.dtype)
    if a.dtype != dtype || b.dtype != dtype {
      return try inOnePass(operation, a.cast(to: dtype), b.cast(to: dtype), kernel)
    }
    if !dtype.isFloating { throw TensorError(operation, .unsupportedDType(dtype)) }
    let shape = try Shape.broadcast(a.shape, b.shape, operation: operation)
    let result = try result(shape, dtype, like: a, b, operation)
    let loop = Loop(
      shape, out: result.strides, a: a.strides(broadcastTo: shape), b: b.strides(broadcastTo: shape),
      c: result.strides)
    let (out, p, q, isSingle) = (result.address, a.address, b.address, dtype == .float32)
    try loop.run { kernel(out, p, q, isSingle, &$0) }
    withExtendedLifetime((a.storage, b.storage, result.storage)) {}
    return result
  }
}

extension UnsafeMutableRawPointer {
  var floats: UnsafeMutablePointer<Float> { assumingMemoryBound(to: Float.self) }
  var doubles: UnsafeMutablePointer<Double> { assumingMemoryBound(to: Double.self) }
  var int64s: UnsafeMutablePointer<Int64> { assumingMemoryBound(to: Int64.self) }
}
