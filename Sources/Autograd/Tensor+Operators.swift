import ArrayCore

extension Tensor {
  public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try apply(.binary(.add), a, b) }
  public static func - (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.binary(.subtract), a, b)
  }
  public static func * (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
    if a.isMask, b.isMask { return try mask(.binary(.multiply), a, b) }
    return try apply(.binary(.multiply), a, b)
  }
  public static func / (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.binary(.divide), a, b)
  }

  public static func + (a: Tensor, b: Double) throws(TensorError) -> Tensor {
    try apply(.binaryScalar(.add, b), a)
  }
  public static func - (a: Tensor, b: Double) throws(TensorError) -> Tensor {
    try apply(.binaryScalar(.subtract, b), a)
  }
  public static func * (a: Tensor, b: Double) throws(TensorError) -> Tensor {
    try apply(.binaryScalar(.multiply, b), a)
  }
  public static func / (a: Tensor, b: Double) throws(TensorError) -> Tensor {
    try apply(.binaryScalar(.divide, b), a)
  }

  public static func + (a: Double, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.scalarBinary(.add, a), b)
  }
  public static func - (a: Double, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.scalarBinary(.subtract, a), b)
  }
  public static func * (a: Double, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.scalarBinary(.multiply, a), b)
  }
  public static func / (a: Double, b: Tensor) throws(TensorError) -> Tensor {
    try apply(.scalarBinary(.divide, a), b)
  }

  public static prefix func - (a: Tensor) throws(TensorError) -> Tensor { try apply(.unary(.negate), a) }

  /// `self + scale · other` in one pass: the step of gradient descent with `scale` = −step size.
  public func addScaled(_ other: Tensor, _ scale: Double) throws(TensorError) -> Tensor {
    try Tensor.apply(.addScaled(scale), self, other)
  }
}

// Elementwise comparisons: int64 0 or 1, never recorded.
extension Tensor {
  public func equal(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.equal), self, other)
  }
  public func notEqual(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.notEqual), self, other)
  }
  public func less(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.less), self, other)
  }
  public func lessEqual(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.lessEqual), self, other)
  }
  public func greater(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.greater), self, other)
  }
  public func greaterEqual(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.mask(.binary(.greaterEqual), self, other)
  }

  public func equal(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.equal, number), self)
  }
  public func notEqual(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.notEqual, number), self)
  }
  public func less(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.less, number), self)
  }
  public func lessEqual(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.lessEqual, number), self)
  }
  public func greater(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.greater, number), self)
  }
  public func greaterEqual(_ number: Double) throws(TensorError) -> Tensor {
    try Tensor.mask(.binaryScalar(.greaterEqual, number), self)
  }

  /// 1 where the element is finite.
  public func isFinite() throws(TensorError) -> Tensor { try Tensor.mask(.unary(.isFinite), self) }

  fileprivate static func mask(_ operation: Operation, _ a: Tensor, _ b: Tensor? = nil) throws(TensorError)
    -> Tensor
  {
    let numbers = try apply(operation, a, b)
    return Tensor(numbers.array, hasTasks: numbers.hasTasks, isMask: true)
  }
}
