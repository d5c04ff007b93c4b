/// Arrays of random numbers: element `i`, in row-major order, is draw `offset + i` of the key. A float32 array holds
/// the rounded numbers of the float64 one.
extension NDArray {
  /// Numbers uniform on [low, high).
  public static func uniform(
    _ shape: Shape, low: Double = 0, high: Double = 1, key: RandomKey, offset: UInt64 = 0,
    _ dtype: DType = .float32
  ) throws(TensorError) -> NDArray {
    // Rounding to float32 must not reach the bound.
    let below = dtype == .float32 && low < high ? Double(Float(high).nextDown) : .infinity
    return try drawn(shape, dtype, "uniform") {
      Swift.min(below, low + (high - low) * key.uniform(at: offset &+ $0))
    }
  }

  /// Normal numbers.
  public static func normal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, key: RandomKey, offset: UInt64 = 0,
    _ dtype: DType = .float32
  ) throws(TensorError) -> NDArray {
    try drawn(shape, dtype, "normal") { mean + deviation * key.normal(at: offset &+ $0) }
  }

  private static func drawn(
    _ shape: Shape, _ dtype: DType, _ operation: String, _ draw: (UInt64) -> Double
  ) throws(TensorError) -> NDArray {
    if !dtype.isFloating { throw TensorError(operation, .unsupportedDType(dtype)) }
    // The next time the numbers are to be others.
    Capture.refuse()
    let result = try NDArray(uninitialized: shape, dtype, operation)
    let count = result.elementCount
    let unit = 4096
    let (floats, doubles) = (result.pointer(Float.self), result.pointer(Double.self))
    try ThreadPool.run(units: (count + unit - 1) / unit, stopping: operation) { index in
      for i in index * unit..<Swift.min(count, (index + 1) * unit) {
        if dtype == .float32 {
          floats[i] = Float(draw(UInt64(i)))
        } else {
          doubles[i] = draw(UInt64(i))
        }
      }
    }
    withExtendedLifetime(result.storage) {}
    return result
  }
}
