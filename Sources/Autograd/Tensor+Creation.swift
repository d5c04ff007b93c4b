import ArrayCore

extension Tensor {
  /// A single number, of shape `[]`.
  public convenience init(_ value: Double, dtype: DType = .float32) throws(TensorError) {
    self.init(try NDArray(scalar: value, dtype))
  }

  /// Numbers in row-major order; `shape` nil makes a vector.
  public convenience init(
    _ values: [Double], shape: Shape? = nil, dtype: DType = .float32
  ) throws(TensorError) {
    self.init(try NDArray(values, shape, dtype: dtype))
  }

  public convenience init(_ values: [Float], shape: Shape? = nil) throws(TensorError) {
    self.init(try NDArray(values, shape))
  }

  /// Integers, of dtype int64. A literal of whole numbers means floats unless it says `as [Int]`.
  @_disfavoredOverload
  public convenience init(_ values: [Int], shape: Shape? = nil) throws(TensorError) {
    self.init(try NDArray(values, shape))
  }

  public static func zeros(_ shape: Shape, dtype: DType = .float32) throws(TensorError) -> Tensor {
    Tensor(try NDArray(zeros: shape, dtype))
  }

  public static func ones(_ shape: Shape, dtype: DType = .float32) throws(TensorError) -> Tensor {
    try full(shape, 1, dtype: dtype)
  }

  public static func full(
    _ shape: Shape, _ value: Double, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    Tensor(try NDArray(full: value, shape, dtype))
  }

  /// The identity matrix of `n` rows.
  public static func eye(_ n: Int, dtype: DType = .float32) throws(TensorError) -> Tensor {
    Tensor(try NDArray.eye(n, dtype))
  }

  /// `start`, `start + step`, … below `end`.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    Tensor(try NDArray.arange(start, end, step: step, dtype))
  }

  /// `count` numbers from `start` to `end`, both included, at equal distances.
  public static func linspace(
    _ start: Double, _ end: Double, _ count: Int, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    guard count >= 0 else { throw TensorError("linspace", .negativeSize(count)) }
    let numbers = try NDArray.arange(0, Double(count), .float64)
    let distance = count > 1 ? (end - start) / Double(count - 1) : 0
    let line = try NDArray.binary(.add, NDArray.binary(.multiply, numbers, scalar: distance), scalar: start)
    return Tensor(try line.cast(to: dtype))
  }

  /// Draws from the normal distribution of mean 0 and deviation 1.
  public static func randn(
    _ shape: Shape, seed: UInt64, stream: UInt64 = 0, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    Tensor(try NDArray.normal(shape, key: RandomKey(seed: seed, stream: stream), dtype))
  }

  /// Draws from the uniform distribution over [0, 1).
  public static func rand(
    _ shape: Shape, seed: UInt64, stream: UInt64 = 0, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    Tensor(try NDArray.uniform(shape, key: RandomKey(seed: seed, stream: stream), dtype))
  }

  /// Integer labels as rows with a 1 at the label: `[…]` becomes `[…, classes]`.
  public static func oneHot(
    _ labels: Tensor, _ classes: Int, dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    Tensor(try NDArray.oneHot(labels.array, classes: classes, dtype), hasTasks: labels.hasTasks)
  }
}
