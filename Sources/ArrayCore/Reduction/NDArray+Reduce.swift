import CKernels
import Synchronization

/// Sums and extremes over axes. The order of every sum is fixed by the shape and strides alone.
extension NDArray {
  /// The sum over `axes` (all when nil); 0 over an empty axis. Sums of floats are made in float64, in parallel
  /// lanes, so that a float32 sum is right to its last place or two.
  /// - Throws: `axisOutOfRange`, `repeatedAxis`, for int64 `integerOverflow`.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> NDArray {
    try reduced(IL_SUM, try mask(axes, "sum"), keepDims, "sum")
  }

  /// The largest element over `axes` (all when nil); NaN when there is one.
  /// - Throws: `emptyReduction`, `axisOutOfRange`, `repeatedAxis`.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> NDArray {
    try reduced(IL_MAX, try mask(axes, "max"), keepDims, "max")
  }

  /// The smallest element over `axes` (all when nil); NaN when there is one.
  /// - Throws: `emptyReduction`, `axisOutOfRange`, `repeatedAxis`.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) throws(TensorError) -> NDArray {
    try reduced(IL_MIN, try mask(axes, "min"), keepDims, "min")
  }

  /// The sum over the axes that `broadcast(to:)` would stretch from `target` to this shape: its adjoint.
  /// - Throws: `shapesDoNotBroadcast`.
  public func sum(to target: Shape) throws(TensorError) -> NDArray {
    if target == shape { return self }
    let extra = rank - target.rank
    if extra < 0 { throw TensorError("sum", .shapesDoNotBroadcast(target, shape)) }
    var mask = (1 << extra) - 1
    for i in 0..<target.rank where target[i] != shape[i + extra] {
      if target[i] != 1 { throw TensorError("sum", .shapesDoNotBroadcast(target, shape)) }
      mask |= 1 << (i + extra)
    }
    return try reduced(IL_SUM, mask, true, "sum").reshaped(target)
  }

  private func mask(_ axes: [Int]?, _ operation: String) throws(TensorError) -> Int {
    guard let axes else { return (1 << rank) - 1 }
    return try shape.axisMask(axes, operation)
  }

  private func reduced<Code: BinaryInteger>(
    _ code: Code, _ mask: Int, _ keepDims: Bool, _ operation: String
  ) throws(TensorError) -> NDArray {
    try reduced(Int32(code), mask, keepDims, operation)
  }

  private func reduced(
    _ code: Int32, _ mask: Int, _ keepDims: Bool, _ operation: String, inSections: Bool = true
  ) throws(TensorError) -> NDArray {
    if mask == 0 { return self }
    var keptShape = Shape()
    var fullShape = shape
    var reducedCount = 1
    for axis in 0..<rank {
      if mask & (1 << axis) != 0 {
        fullShape[axis] = 1
        reducedCount *= shape[axis]
      } else {
        keptShape.append(shape[axis])
      }
    }
    let isSum = code == Int32(IL_SUM)
    let keptCount = keptShape.elementCount
    if reducedCount == 0 || keptCount == 0 {
      if !isSum && keptCount > 0 { throw TensorError(operation, .emptyReduction(shape)) }
      return try NDArray(zeros: keepDims ? fullShape : keptShape, dtype)
    }
    let result = try NDArray(uninitialized: keptShape, dtype, operation)
    var plan = Reduction(self, mask: mask, out: result)
    var source = self
    if plan.reduced.rank > 3 {
      source = try movedInside(mask).copied()
      let inner = (1 << rank) - (1 << keptShape.rank)
      plan = Reduction(source, mask: inner, out: result)
    }
    // Each of the slices along a first axis that is kept is summed as it would be alone.
    let slices = mask & 1 == 0 ? shape[0] : 1
    let each = keptCount / slices
    if keptCount * reducedCount < Loop.parallelThreshold || dtype == .int64 {
      try run(code, plan, source, result, operation)
    } else if inSections && plan.reduced.rank > 0 && plan.reduced[0] > 1 && each <= 4096
      && each * reducedCount >= Loop.parallelThreshold
    {
      try runInSections(code, plan, source, result, operation, work: each * reducedCount)
    } else {
      try runByResults(code, plan, source, result, operation)
    }
    withExtendedLifetime((source.storage, result.storage)) {}
    return keepDims ? result.view(fullShape, fullShape.rowMajorStrides) : result
  }

  /// The array with the axes of the mask behind the others.
  private func movedInside(_ mask: Int) -> NDArray {
    var (sizes, steps) = (Shape(), Shape())
    for pass in 0...1 {
      for axis in 0..<rank where (mask >> axis) & 1 == pass {
        sizes.append(shape[axis])
        steps.append(strides[axis])
      }
    }
    return view(sizes, steps)
  }

  private func run(
    _ code: Int32, _ plan: Reduction, _ source: NDArray, _ result: NDArray, _ operation: String
  ) throws(TensorError) {
    let (out, a) = (result.address, source.address)
    switch dtype {
    case .float32: try launch { plan.run { il_reduce_f32(code, out.floats + $1, a.floats + $2, &$0) } }
    case .float64: try launch { plan.run { il_reduce_f64(code, out.doubles + $1, a.doubles + $2, &$0) } }
    case .int64:
      try launch { () throws(TensorError) in
        var problems: Int32 = 0
        plan.run { problems |= il_reduce_i64(code, out.int64s + $1, a.int64s + $2, &$0) }
        try NDArray.check(problems, operation)
      }
    }
  }

  /// Long reductions to few results: the outermost reduced axis is cut into sections, reduced on their own and
  /// then together.
  private func runInSections(
    _ code: Int32, _ plan: Reduction, _ source: NDArray, _ result: NDArray, _ operation: String, work: Int
  ) throws(TensorError) {
    let length = plan.reduced[0]
    let wanted = Swift.min(length, Swift.min(64, work / (Loop.parallelThreshold / 2)))
    let rows = (length + wanted - 1) / wanted
    let sections = (length + rows - 1) / rows
    let isSum = code == Int32(IL_SUM)
    let type: DType = isSum ? .float64 : dtype
    let partial = try NDArray(
      uninitialized: [sections, result.elementCount], type, operation)
    let count = result.elementCount
    let (out, a) = (partial.address, source.address)
    let start = plan.reducedIn[0]
    let dtype = dtype
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: sections, stopping: operation) { section in
        var part = plan
        part.reduced[0] = Swift.min(rows, length - section * rows)
        let (to, from) = (section * count, section * rows * start)
        switch (dtype, isSum) {
        case (.float32, true):
          part.run { il_reduce_partial_f32(out.doubles + to + $1, a.floats + from + $2, &$0) }
        case (.float32, false):
          part.run { il_reduce_f32(code, out.floats + to + $1, a.floats + from + $2, &$0) }
        default: part.run { il_reduce_f64(code, out.doubles + to + $1, a.doubles + from + $2, &$0) }
        }
      }
    }
    withExtendedLifetime(partial.storage) {}
    let joined = try partial.reduced(code, 1, false, operation, inSections: false).cast(to: dtype)
    try result.view([count], [1]).fill(from: joined)
  }

  /// Reductions to many results: the outermost kept axis is cut.
  private func runByResults(
    _ code: Int32, _ plan: Reduction, _ source: NDArray, _ result: NDArray, _ operation: String
  ) throws(TensorError) {
    if plan.kept.rank == 0 { return try run(code, plan, source, result, operation) }
    let length = plan.kept[0]
    let inner = result.elementCount * plan.reduced.elementCount / length
    let rows = Swift.max(1, Loop.parallelThreshold / 2 / inner)
    let (out, a) = (result.address, source.address)
    let dtype = dtype
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: (length + rows - 1) / rows, stopping: operation) { unit in
        var part = plan
        let first = unit * rows
        part.kept[0] = Swift.min(rows, length - first)
        let (to, from) = (first * plan.keptOut[0], first * plan.keptIn[0])
        switch dtype {
        case .float32: part.run { il_reduce_f32(code, out.floats + to + $1, a.floats + from + $2, &$0) }
        default: part.run { il_reduce_f64(code, out.doubles + to + $1, a.doubles + from + $2, &$0) }
        }
      }
    }
  }
}
