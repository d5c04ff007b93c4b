import CKernels

/// Where the extremes are, and the softmax family.
extension NDArray {
  /// The index of the largest element along an axis, the first of equal ones; NaN counts as largest.
  /// - Throws: `emptyReduction`, `axisOutOfRange`.
  public func argmax(axis: Int, keepDims: Bool = false) throws(TensorError) -> NDArray {
    try arg(Int32(IL_MAX), axis, keepDims, "argmax")
  }

  /// The index of the smallest element along an axis, the first of equal ones; NaN counts as smallest.
  /// - Throws: `emptyReduction`, `axisOutOfRange`.
  public func argmin(axis: Int, keepDims: Bool = false) throws(TensorError) -> NDArray {
    try arg(Int32(IL_MIN), axis, keepDims, "argmin")
  }

  private func arg(_ code: Int32, _ axis: Int, _ keepDims: Bool, _ operation: String) throws(TensorError)
    -> NDArray
  {
    let axis = try shape.normalized(axis: axis, operation)
    let kept = shape.removing(at: axis)
    let result = try NDArray(uninitialized: kept, .int64, operation)
    if shape[axis] == 0 && result.elementCount > 0 { throw TensorError(operation, .emptyReduction(shape)) }
    let (length, step) = (shape[axis], strides[axis])
    let (out, a) = (result.pointer(Int64.self), address)
    let loop = Loop(
      kept, out: result.strides, a: strides.removing(at: axis), b: result.strides, c: result.strides)
    let dtype = dtype
    try loop.run { part in
      for i in 0..<part.loop.size0 {
        for j in 0..<part.loop.size1 {
          for k in 0..<part.loop.size2 {
            let to = out + part.out + i * part.loop.out0 + j * part.loop.out1 + k * part.loop.out2
            let from = part.a + i * part.loop.a0 + j * part.loop.a1 + k * part.loop.a2
            switch dtype {
            case .float32: il_arg_f32(code, to, a.floats + from, length, step)
            case .float64: il_arg_f64(code, to, a.doubles + from, length, step)
            case .int64: il_arg_i64(code, to, a.int64s + from, length, step)
            }
          }
        }
      }
    }
    withExtendedLifetime((storage, result.storage)) {}
    return keepDims ? try result.inserting(axis: axis) : result
  }

  /// exp(x) / Σ exp(x) along an axis, without overflow; integers become float32.
  /// - Throws: `axisOutOfRange`.
  public func softmax(axis: Int) throws(TensorError) -> NDArray {
    try normalizedExponential(axis, "softmax", logarithm: false)
  }

  /// x - log Σ exp(x) along an axis, without overflow; integers become float32.
  /// - Throws: `axisOutOfRange`.
  public func logSoftmax(axis: Int) throws(TensorError) -> NDArray {
    try normalizedExponential(axis, "logSoftmax", logarithm: true)
  }

  private func normalizedExponential(
    _ axis: Int, _ operation: String, logarithm: Bool
  ) throws(TensorError) -> NDArray {
    let axis = try shape.normalized(axis: axis, operation)
    if dtype == .int64 {
      return try cast(to: .float32).normalizedExponential(axis, operation, logarithm: logarithm)
    }
    if elementCount == 0 { return try NDArray(zeros: shape, dtype) }
    let inner = try moving(axis: axis, to: -1).contiguous()
    let result = try NDArray(uninitialized: inner.shape, dtype, operation)
    let n = shape[axis]
    let rows = elementCount / n
    let unit = Swift.max(1, 8192 / n)
    let (out, a, isSingle) = (result.address, inner.address, dtype == .float32)
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: (rows + unit - 1) / unit, stopping: operation) { index in
        let (at, count) = (index * unit * n, Swift.min(unit, rows - index * unit))
        switch (isSingle, logarithm) {
        case (true, false): il_softmax_f32(out.floats + at, a.floats + at, count, n)
        case (true, true): il_log_softmax_f32(out.floats + at, a.floats + at, count, n)
        case (false, false): il_softmax_f64(out.doubles + at, a.doubles + at, count, n)
        case (false, true): il_log_softmax_f64(out.doubles + at, a.doubles + at, count, n)
        }
      }
    }
    withExtendedLifetime((inner.storage, result.storage)) {}
    return try result.moving(axis: -1, to: axis)
  }
}
