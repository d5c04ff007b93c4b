import ArrayCore

// What each operation computes. Attributes and shapes are those of one task; here they meet the physical
// arrays, whose first axis is the task axis when there is one.
extension Operation {
  /// The output's numbers, and whether they carry a task axis.
  func forward(_ operands: Operands) throws(TensorError) -> (NDArray, Bool) {
    // The name is put together only when it is needed.
    if Cancellation.isRequested { try Cancellation.check(name) }
    Capture.name(name)
    let a = operands.first
    guard let second = operands.second else {
      if case .concat(let axis, _) = self { return try concatenation(operands, axis: axis) }
      return try unaryForward(a)
    }
    let tasks = try operands.taskCount(self)
    return (try binaryForward(a, second, operands.third, tasks), outputHasTasks(tasks != nil))
  }

  private func outputHasTasks(_ some: Bool) -> Bool {
    if case .matmulSum(_, _, overTasks: true) = self { return false }
    return some
  }

  // MARK: one input

  private func unaryForward(_ a: Tensor) throws(TensorError) -> (NDArray, Bool) {
    let x = a.array
    switch self {
    case .binaryScalar(let op, let number):
      return (try NDArray.binary(op, x, scalar: number), a.hasTasks)
    case .scalarBinary(let op, let number):
      return (try NDArray.binary(op, scalar: number, x), a.hasTasks)
    case .unary(let op): return (try NDArray.unary(op, x), a.hasTasks)
    case .cast(let dtype): return (try x.cast(to: dtype), a.hasTasks)
    case .sum(let axes, let keepDims):
      return (try x.sum(axes: axes.array(offset: a.hasTasks ? 1 : 0), keepDims: keepDims), a.hasTasks)
    case .sumTo(let shape, let overTasks):
      return try Operation.summed(a, to: shape, overTasks: overTasks)
    case .broadcast(let shape, let tasks):
      return try Operation.spread(a, to: shape, tasks: tasks)
    case .softmax(let axis): return (try x.softmax(axis: a.physical(axis)), a.hasTasks)
    case .logSoftmax(let axis): return (try x.logSoftmax(axis: a.physical(axis)), a.hasTasks)
    case .reshape(let shape): return (try x.reshaped(try a.physicalShape(shape)), a.hasTasks)
    case .permute(let order):
      return (try x.permuted(a.hasTasks ? [0] + order.map { $0 + 1 } : order.array), a.hasTasks)
    case .flip(let axis):
      let axis = a.physical(axis)
      return (try x.sliced(axis: axis, from: x.shape[axis] - 1, to: -1, step: -1), a.hasTasks)
    case .slice(let axis, let from, let to, let step):
      return (try x.sliced(axis: a.physical(axis), from: from, to: to, step: step), a.hasTasks)
    case .embed(let axis, let from, let step, let size):
      let axis = a.physical(axis)
      let shape = x.shape.replacing(axis, with: size)
      return (try x.embedded(in: shape, axis: axis, from: from, step: step), a.hasTasks)
    case .exposeTasks:
      guard a.hasTasks else { throw TensorError(name, .invalid("the tensor has no task axis")) }
      return (x, false)
    case .hideTasks:
      guard !a.hasTasks else { throw TensorError(name, .invalid("the tensor already has a task axis")) }
      guard x.rank > 0 else { throw TensorError(name, .rankTooLow(x.shape, atLeast: 1)) }
      return (x, true)
    case .normalize(let moments):
      return (try NDArray.normalize(x, moments: moments.array, moments.geometry), a.hasTasks)
    case .averagePool(let geometry): return (try NDArray.averagePool(x, geometry), a.hasTasks)
    case .averagePoolAdjoint(let shape, let geometry):
      let shape = try a.physicalShape(shape)
      return (try NDArray.averagePoolAdjoint(x, inputShape: shape, geometry), a.hasTasks)
    default:
      throw TensorError(name, .invalid("a second tensor is missing"))
    }
  }

  /// Sums `a` to `shape` (aligned at the last axis), and over its tasks when asked.
  private static func summed(
    _ a: Tensor, to shape: Shape, overTasks: Bool
  ) throws(TensorError) -> (NDArray, Bool) {
    guard a.hasTasks, !overTasks else { return (try a.array.sum(to: shape), false) }
    let tasks = a.array.shape[0]
    let aligned = try padded(shape, to: a.rank).inserting(tasks, at: 0)
    let sum = try a.array.sum(to: aligned)
    return (shape.rank == a.rank ? sum : try sum.reshaped(try shape.inserting(tasks, at: 0)), true)
  }

  private static func spread(
    _ a: Tensor, to shape: Shape, tasks: Int
  ) throws(TensorError) -> (NDArray, Bool) {
    if a.hasTasks {
      let x = try lifted(a, to: shape.rank)
      return (try x.broadcast(to: try a.physicalShape(shape)), true)
    }
    guard tasks >= 0 else { return (try a.array.broadcast(to: shape), false) }
    return (try a.array.broadcast(to: try shape.inserting(tasks, at: 0)), true)
  }

  /// `shape` with ones in front, up to `rank` axes.
  private static func padded(_ shape: Shape, to rank: Int) throws(TensorError) -> Shape {
    var result = shape
    while result.rank < rank { result = try result.inserting(1, at: 0) }
    return result
  }

  /// The array of `a` with axes of size 1 behind the task axis, so that one task has `rank` axes.
  private static func lifted(_ a: Tensor, to rank: Int) throws(TensorError) -> NDArray {
    var array = a.array
    guard a.hasTasks else { return array }
    for _ in a.rank..<Swift.max(rank, a.rank) { array = try array.inserting(axis: 1) }
    return array
  }

  // MARK: several inputs

  private func binaryForward(
    _ a: Tensor, _ b: Tensor, _ third: Tensor?, _ tasks: Int?
  ) throws(TensorError) -> NDArray {
    switch self {
    case .binary(let op):
      if tasks == nil || a.rank == b.rank { return try NDArray.binary(op, a.array, b.array) }
      return try NDArray.binary(op, Operation.lifted(a, to: b.rank), Operation.lifted(b, to: a.rank))
    case .addScaled(let scale):
      return try NDArray.axpy(
        Operation.lifted(a, to: b.rank), Operation.lifted(b, to: a.rank), scale: scale)
    case .reluGradient:
      return try NDArray.reluGradient(Operation.lifted(a, to: b.rank), Operation.lifted(b, to: a.rank))
    case .select:
      guard let third else { throw TensorError(name, .invalid("a third tensor is missing")) }
      let rank = Swift.max(a.rank, b.rank, third.rank)
      return try NDArray.select(
        Operation.lifted(a, to: rank), Operation.lifted(b, to: rank), Operation.lifted(third, to: rank))
    case .matmul(let transposeLeft, let transposeRight):
      let left = try Operation.lifted(a, to: b.rank)
      let right = try Operation.lifted(b, to: a.rank)
      let rank = Swift.max(a.rank, b.rank)
      return try NDArray.matmul(
        transposeLeft ? left.transposed() : left, transposeRight ? right.transposed() : right,
        bias: third.map { (c) throws(TensorError) in try Operation.lifted(c, to: rank - 1) })
    case .matmulSum(let transposeLeft, let transposeRight, let overTasks):
      return try foldedProduct(a, b, transposeLeft, transposeRight, overTasks)
    case .solve(let transposed):
      return try NDArray.solve(
        Operation.lifted(a, to: b.rank), Operation.lifted(b, to: a.rank), transposed: transposed)
    case .convolution(let geometry):
      try checkSpatial(a, b, geometry)
      return try NDArray.convolution(a.array, b.array, geometry)
    case .convolutionInputGradient(let shape, let geometry):
      try checkSpatial(a, b, geometry)
      return try NDArray.convolutionInputGradient(a.array, b.array, inputShape: shape, geometry)
    case .convolutionWeightGradient(let shape, let geometry):
      try checkSpatial(a, b, geometry)
      return try NDArray.convolutionWeightGradient(a.array, b.array, kernelShape: shape, geometry)
    case .normalizeGradient(let moments):
      return try NDArray.normalizeGradient(a.array, b.array, moments: moments.array, moments.geometry)
    case .normalizeTangent(let moments):
      return try NDArray.normalizeTangent(a.array, b.array, moments: moments.array, moments.geometry)
    case .normalizeCurvature(let moments):
      guard let third else { throw TensorError(name, .invalid("a third tensor is missing")) }
      return try NDArray.normalizeCurvature(
        a.array, b.array, third.array, moments: moments.array, moments.geometry)
    case .unaffected:
      return try tasks.map { (count) throws(TensorError) in try Operation.repeated(a, count) } ?? a.array
    default: return try indexingForward(a, b, tasks)
    }
  }

  /// One product over folded rows: Σᵢ AᵢBᵢ = [A₁ A₂ …][B₁; B₂; …].
  private func foldedProduct(
    _ a: Tensor, _ b: Tensor, _ transposeLeft: Bool, _ transposeRight: Bool, _ overTasks: Bool
  ) throws(TensorError) -> NDArray {
    let left = transposeLeft ? try a.array.transposed() : a.array
    let right = transposeRight ? try b.array.transposed() : b.array
    let leading = a.rank - 2 + (overTasks ? 1 : 0)
    guard a.rank == b.rank, a.rank >= 2 else { throw TensorError(name, .shapesDiffer(a.shape, b.shape)) }
    if overTasks || !(a.hasTasks || b.hasTasks) {
      guard left.rank == right.rank else { throw TensorError(name, .shapesDiffer(a.shape, b.shape)) }
      return try NDArray.matmulReducing(left, right, leading: leading)
    }
    if transposeLeft, !transposeRight, a.shape.dropLast(2).elementsEqual(b.shape.dropLast(2)) {
      return try NDArray.matmul(rowsFolded(a).transposed(), rowsFolded(b))
    }
    let product = try NDArray.matmul(left, right)
    let first = product.rank - 2 - leading
    return try product.sum(axes: Array(first..<(product.rank - 2)))
  }

  /// All axes of one task but the last as rows.
  private func rowsFolded(_ a: Tensor) throws(TensorError) -> NDArray {
    let shape = a.shape
    let columns = shape[shape.rank - 1]
    let rows = try Shape(shape.dropLast()).checkedElementCount(name)
    return try a.array.reshaped(try a.physicalShape([rows, columns]))
  }

  // Without this a five-axis image batch would be taken for one with a task axis.
  private func checkSpatial(
    _ a: Tensor, _ b: Tensor, _ geometry: ConvolutionGeometry
  ) throws(TensorError) {
    let rank = geometry.stride.count + 2
    guard a.rank == rank, b.rank == rank else {
      throw TensorError(
        name, .geometry("expects tensors of \(rank) axes, not of shapes \(a.shape) and \(b.shape)"))
    }
  }
}
