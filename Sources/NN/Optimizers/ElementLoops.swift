import ArrayCore

/// The floating element types, with the way into an array's memory.
protocol StoredFloat: BinaryFloatingPoint {
  static func read<R>(_ array: NDArray, _ body: (UnsafeBufferPointer<Self>) -> R) throws -> R
  static func make(_ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Self>) -> Void) throws -> NDArray
}

extension Float: StoredFloat {
  static func read<R>(_ array: NDArray, _ body: (UnsafeBufferPointer<Float>) -> R) throws -> R {
    try array.withFloats(body)
  }

  static func make(_ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> NDArray {
    try NDArray.makeFloats(shape, fill)
  }
}

extension Double: StoredFloat {
  static func read<R>(_ array: NDArray, _ body: (UnsafeBufferPointer<Double>) -> R) throws -> R {
    try array.withDoubles(body)
  }

  static func make(_ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Double>) -> Void) throws -> NDArray {
    try NDArray.makeDoubles(shape, fill)
  }
}

/// A new array filled in one pass over two others of its shape.
func fused<T: StoredFloat>(
  _ a: NDArray, _ b: NDArray,
  _ loop: (UnsafeBufferPointer<T>, UnsafeBufferPointer<T>, UnsafeMutableBufferPointer<T>) -> Void
) throws -> NDArray {
  try T.read(a) { x in
    Result {
      try T.read(b) { y in Result { try T.make(a.shape) { loop(x, y, $0) } } }.get()
    }
  }.get()
}

/// A new array filled in one pass over three others of its shape.
func fused<T: StoredFloat>(
  _ a: NDArray, _ b: NDArray, _ c: NDArray,
  _ loop: (
    UnsafeBufferPointer<T>, UnsafeBufferPointer<T>, UnsafeBufferPointer<T>, UnsafeMutableBufferPointer<T>
  ) -> Void
) throws -> NDArray {
  try T.read(a) { x in Result { try fused(b, c) { y, z, out in loop(x, y, z, out) } } }.get()
}
