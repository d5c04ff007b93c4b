/// The numbers of an array.
extension NDArray {
  /// The elements in row-major order, as Double.
  public func toDoubles() throws(TensorError) -> [Double] {
    Capture.refuse()
    let whole = try cast(to: .float64).contiguous()
    return Array(UnsafeBufferPointer(start: whole.pointer(Double.self), count: elementCount))
  }

  /// The elements in row-major order, as Int; of floats the whole part.
  /// - Throws: `integerOverflow` for a float that int64 cannot hold.
  public func toInts() throws(TensorError) -> [Int] {
    Capture.refuse()
    let whole = try cast(to: .int64).contiguous()
    return Array(UnsafeBufferPointer(start: whole.pointer(Int.self), count: elementCount))
  }

  /// The only element.
  /// - Throws: `notOneElement`.
  public func item() throws(TensorError) -> Double {
    if elementCount != 1 { throw TensorError("item", .notOneElement(shape)) }
    Capture.refuse()
    switch dtype {
    case .float32: return Double(pointer(Float.self)[0])
    case .float64: return pointer(Double.self)[0]
    case .int64: return Double(pointer(Int64.self)[0])
    }
  }

  /// Calls `body` with the elements in row-major order.
  /// - Throws: `dtypesDiffer` when the array is not float32.
  package func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) -> R) throws(TensorError) -> R {
    try withElements(.float32, body)
  }

  /// Calls `body` with the elements in row-major order.
  /// - Throws: `dtypesDiffer` when the array is not float64.
  package func withDoubles<R>(_ body: (UnsafeBufferPointer<Double>) -> R) throws(TensorError) -> R {
    try withElements(.float64, body)
  }

  /// Calls `body` with the elements in row-major order.
  /// - Throws: `dtypesDiffer` when the array is not int64.
  package func withInts<R>(_ body: (UnsafeBufferPointer<Int>) -> R) throws(TensorError) -> R {
    try withElements(.int64, body)
  }

  private func withElements<Element, R>(
    _ wanted: DType, _ body: (UnsafeBufferPointer<Element>) -> R
  ) throws(TensorError) -> R {
    if dtype != wanted { throw TensorError("reading", .dtypesDiffer(dtype, wanted)) }
    Capture.refuse()
    let whole = try contiguous()
    return withExtendedLifetime(whole.storage) {
      body(UnsafeBufferPointer(start: whole.pointer(Element.self), count: elementCount))
    }
  }

  /// A float32 array whose elements `fill` writes, all of them, in row-major order.
  package static func makeFloats(
    _ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(TensorError) -> NDArray {
    try make(shape, .float32, fill)
  }

  /// A float64 array whose elements `fill` writes, all of them, in row-major order.
  package static func makeDoubles(
    _ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Double>) -> Void
  ) throws(TensorError) -> NDArray {
    try make(shape, .float64, fill)
  }

  /// An int64 array whose elements `fill` writes, all of them, in row-major order.
  package static func makeInts(
    _ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Int>) -> Void
  ) throws(TensorError) -> NDArray {
    try make(shape, .int64, fill)
  }

  private static func make<Element>(
    _ shape: Shape, _ dtype: DType, _ fill: (UnsafeMutableBufferPointer<Element>) -> Void
  ) throws(TensorError) -> NDArray {
    Capture.refuse()
    let result = try NDArray(uninitialized: shape, dtype, "array")
    fill(UnsafeMutableBufferPointer(start: result.pointer(Element.self), count: result.elementCount))
    return result
  }
}
