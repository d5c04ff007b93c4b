import ArrayCore

extension Tensor {
  /// The sum over `axes`, nil for all.
  public func sum(_ axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> Tensor {
    let axes = try reduced(axes, "sum")
    return axes.isEmpty ? self : try Tensor.apply(.sum(AxisSet(axes), keepDims: keepDims), self)
  }

  /// The mean over `axes`, nil for all. The mean of nothing is an error.
  public func mean(_ axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> Tensor {
    let axes = try reduced(axes, "mean")
    let count = axes.reduce(1) { $0 * shape[$1] }
    guard count > 0 else { throw TensorError("mean", .emptyReduction(shape)) }
    return try floating().sum(axes, keepDims: keepDims) * (1 / Double(count))
  }

  /// The largest over `axes`, nil for all; the derivative goes to the first of equal ones.
  public func max(_ axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> Tensor {
    try extreme(axes, keepDims, "max") { (x, axis) throws(TensorError) in
      try x.argmax(axis: axis, keepDims: true)
    }
  }

  /// The smallest over `axes`, nil for all; the derivative goes to the first of equal ones.
  public func min(_ axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> Tensor {
    try extreme(axes, keepDims, "min") { (x, axis) throws(TensorError) in
      try x.argmin(axis: axis, keepDims: true)
    }
  }

  /// The variance over `axes`, nil for all: Σ(x − mean)²/(n − 1), or /n when not unbiased.
  public func variance(
    _ axes: [Int]? = nil, unbiased: Bool = true, keepDims: Bool = false
  ) throws(TensorError) -> Tensor {
    let axes = try reduced(axes, "variance")
    let count = axes.reduce(1) { $0 * shape[$1] }
    let x = try floating()
    let squares = try square(x - x.mean(axes, keepDims: true)).sum(axes, keepDims: keepDims)
    // One value has no unbiased variance: 0/0 is NaN, as in PyTorch.
    return try squares / Double(unbiased ? count - 1 : count)
  }

  /// The standard deviation, √variance.
  public func std(
    _ axes: [Int]? = nil, unbiased: Bool = true, keepDims: Bool = false
  ) throws(TensorError) -> Tensor {
    try sqrt(variance(axes, unbiased: unbiased, keepDims: keepDims))
  }

  /// √Σx² over `axes`, nil for all. Its derivative at 0 is 0.
  public func norm(_ axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> Tensor {
    let squares = try square(floating()).sum(axes, keepDims: keepDims)
    guard isRecorded else { return try sqrt(squares) }
    let positive = try squares.detach().greater(0)
    let safe = try select(positive, squares, Tensor(1, dtype: dtype))
    return try select(positive, sqrt(safe), Tensor(0, dtype: dtype))
  }

  /// The position of the largest element along `axis`, the first of equal ones; int64.
  public func argmax(axis: Int, keepDims: Bool = false) throws(TensorError) -> Tensor {
    let axis = physical(try normalized(axis, "argmax"))
    return Tensor(try array.argmax(axis: axis, keepDims: keepDims), hasTasks: hasTasks)
  }

  /// The position of the smallest element along `axis`, the first of equal ones; int64.
  public func argmin(axis: Int, keepDims: Bool = false) throws(TensorError) -> Tensor {
    let axis = physical(try normalized(axis, "argmin"))
    return Tensor(try array.argmin(axis: axis, keepDims: keepDims), hasTasks: hasTasks)
  }

  /// This tensor, integers as float32.
  private func floating() throws(TensorError) -> Tensor {
    dtype.isFloating ? self : try cast(to: .float32)
  }

  private func reduced(_ axes: [Int]?, _ operation: String) throws(TensorError) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    return try shape.normalized(axes: axes, operation)
  }

  /// The reduced axes go last, as one; the position of the extreme along it is then gathered.
  private func extreme(
    _ axes: [Int]?, _ keepDims: Bool, _ operation: String,
    _ position: (Tensor, Int) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    let axes = try reduced(axes, operation)
    if axes.isEmpty { return self }
    let shape = self.shape
    let kept = (0..<rank).filter { !axes.contains($0) }
    let keptShape = kept.map { shape[$0] }
    guard axes.allSatisfy({ shape[$0] > 0 }) else { throw TensorError(operation, .emptyReduction(shape)) }
    var line = self
    var axis = axes[0]
    if axes.count > 1 {
      if kept + axes != Array(0..<rank) { line = try line.permute(kept + axes) }
      line = try line.reshape(to: Shape(keptShape + [axes.reduce(1) { $0 * shape[$1] }]))
      axis = kept.count
    }
    let picked = try gather(line, axis: axis, index: position(line, axis))
    var result = shape
    for axis in axes { result[axis] = 1 }
    return try picked.reshape(to: keepDims ? result : Shape(keptShape))
  }
}
