import CKernels

/// Arrays from numbers.
extension NDArray {
  /// An array of zeros.
  public init(zeros shape: Shape, _ dtype: DType = .float32) throws(TensorError) {
    try self.init(uninitialized: shape, dtype, "zeros")
    try zero()
  }

  /// An array of ones.
  public init(ones shape: Shape, _ dtype: DType = .float32) throws(TensorError) {
    try self.init(full: 1, shape, dtype)
  }

  /// An array of one value everywhere; int64 takes the whole part.
  /// - Throws: `integerOverflow` when int64 cannot hold the value.
  public init(full value: Double, _ shape: Shape, _ dtype: DType = .float32) throws(TensorError) {
    try self.init(uninitialized: shape, dtype, "full")
    let count = elementCount
    let out = address
    switch dtype {
    case .float32: try launch { il_fill_f32(out.floats, Float(value), count) }
    case .float64: try launch { il_fill_f64(out.doubles, value, count) }
    case .int64:
      guard let whole = Int64(exactly: value.rounded(.towardZero)) else {
        throw TensorError("full", .integerOverflow)
      }
      try launch { il_fill_i64(out.int64s, whole, count) }
    }
  }

  /// An array without axes.
  public init(scalar value: Double, _ dtype: DType = .float32) throws(TensorError) {
    try self.init(full: value, [], dtype)
  }

  /// A float32 array of the values in row-major order; without a shape it has one axis.
  /// - Throws: `elementCountDiffers` when the shape asks for another number of elements.
  public init(_ values: [Float], _ shape: Shape? = nil) throws(TensorError) {
    try self.init(copying: values, shape, .float32)
  }

  /// A float64 array of the values in row-major order; without a shape it has one axis.
  /// - Throws: `elementCountDiffers` when the shape asks for another number of elements.
  public init(_ values: [Double], _ shape: Shape? = nil) throws(TensorError) {
    try self.init(copying: values, shape, .float64)
  }

  /// An int64 array of the values in row-major order; without a shape it has one axis.
  /// - Throws: `elementCountDiffers` when the shape asks for another number of elements.
  public init(_ values: [Int], _ shape: Shape? = nil) throws(TensorError) {
    try self.init(copying: values, shape, .int64)
  }

  /// An array of the given type; int64 takes the whole part of each value.
  /// - Throws: `elementCountDiffers`, `integerOverflow`.
  public init(_ values: [Double], _ shape: Shape?, dtype: DType) throws(TensorError) {
    self = try NDArray(values, shape).cast(to: dtype)
  }

  private init<Element>(copying values: [Element], _ shape: Shape?, _ dtype: DType) throws(TensorError) {
    let flat: Shape = [values.count]
    let wanted = shape ?? flat
    if try wanted.checkedElementCount("array") != values.count {
      throw TensorError("array", .elementCountDiffers(flat, wanted))
    }
    try self.init(uninitialized: wanted, dtype, "array")
    let target = address
    try launch {
      values.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
      }
    }
  }

  /// The numbers `start`, `start + step`, … before `end`.
  /// - Throws: `invalid` when `step` is 0 or a bound is not finite.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, _ dtype: DType = .float32
  ) throws(TensorError) -> NDArray {
    if step == 0 || !step.isFinite || !start.isFinite || !end.isFinite {
      throw TensorError("arange", .invalid("needs finite bounds and a finite step other than 0"))
    }
    let length = Swift.max(0, ((end - start) / step).rounded(.up))
    guard length < 0x1p52 else { throw TensorError("arange", .sizeTooLarge([Int.max])) }
    let count = Int(length)
    let result = try NDArray(uninitialized: [count], .float64, "arange")
    let target = result.pointer(Double.self)
    try launch { for i in 0..<count { target[i] = start + Double(i) * step } }
    return try result.cast(to: dtype)
  }

  /// The identity matrix of `n` rows.
  public static func eye(_ n: Int, _ dtype: DType = .float32) throws(TensorError) -> NDArray {
    let result = try NDArray(zeros: [n, n], dtype)
    try result.view([n], [n + 1]).fill(from: NDArray(ones: [n], dtype))
    return result
  }

  /// One row of `classes` numbers for each index, 1 at the index and 0 elsewhere; they form a new last axis.
  /// - Throws: `indexOutOfRange`, `unsupportedDType` for indices that are not int64.
  public static func oneHot(
    _ index: NDArray, classes: Int, _ dtype: DType = .float32
  ) throws(TensorError) -> NDArray {
    if classes < 0 { throw TensorError("oneHot", .negativeSize(classes)) }
    let places = try index.checkedIndices("oneHot", count: classes)
    let result = try NDArray(zeros: try index.shape.inserting(classes, at: index.rank), dtype)
    let (position, count, out) = (places.pointer(Int64.self), places.elementCount, result.address)
    try launch {
      for i in 0..<count {
        let place = i * classes + Int(position[i])
        switch dtype {
        case .float32: out.floats[place] = 1
        case .float64: out.doubles[place] = 1
        case .int64: out.int64s[place] = 1
        }
      }
    }
    withExtendedLifetime(places.storage) {}
    return result
  }

  /// Sets all elements of a fresh array to zero.
  func zero() throws(TensorError) {
    let (target, bytes) = (address, elementCount * dtype.byteSize)
    try launch { target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
  }
}
