import ArrayCore

// Rules of matrix products and convolutions; see Operation+Derivative.swift.
extension Derivative {
  /// y = A′B′, where ′ transposes when flagged: the cotangent of A′ is g B′ᵀ, of B′ is A′ᵀ g.
  func matmulRule(
    _ transposeLeft: Bool, _ transposeRight: Bool, _ index: Int
  ) throws(TensorError) -> Tensor {
    // A summed product broadcasts its cotangent over what was summed.
    if case .matmulSum(_, _, overTasks: true) = node.operation { try requireSummed("matmulSum") }
    let other = try input(1 - index)
    switch (index, transposeLeft, transposeRight) {
    case (0, false, _): return try product(g, false, other, !transposeRight, for: 0)
    case (0, true, _): return try product(other, transposeRight, g, true, for: 0)
    case (_, _, false): return try product(other, !transposeLeft, g, false, for: 1)
    case (_, _, true): return try product(g, true, other, transposeLeft, for: 1)
    }
  }

  /// A product whose sum over leading axes and tasks, where the input lacks them, is part of it.
  private func product(
    _ a: Tensor, _ transposeA: Bool, _ b: Tensor, _ transposeB: Bool, for index: Int
  ) throws(TensorError) -> Tensor {
    let source = try source(index)
    let overTasks = mode == .summed && source.taskCount == nil && a.hasTasks && b.hasTasks
    let sameLeading = a.rank == b.rank && a.shape.dropLast(2).elementsEqual(b.shape.dropLast(2))
    if source.shape.rank == 2, sameLeading, overTasks || (a.rank > 2 && a.hasTasks == b.hasTasks) {
      return try Tensor.apply(
        .matmulSum(transposeLeft: transposeA, transposeRight: transposeB, overTasks: overTasks), a, b)
    }
    return try Tensor.apply(.matmul(transposeLeft: transposeA, transposeRight: transposeB), a, b)
  }

  /// y = A⁻¹B: the cotangent of B is d = A⁻ᵀg, of A is −d yᵀ; with Aᵀ in A's place that is −y dᵀ.
  func solveRule(_ transposed: Bool, _ index: Int) throws(TensorError) -> Tensor {
    let d = try Tensor.apply(.solve(transposed: !transposed), input(0), g)
    if index == 1 { return d }
    let y = try output()
    let outer = Operation.matmul(transposeLeft: false, transposeRight: true)
    return try -(transposed ? Tensor.apply(outer, y, d) : Tensor.apply(outer, d, y))
  }

  /// y = conv(x, w)
  func convolutionRule(_ geometry: ConvolutionGeometry, _ index: Int) throws(TensorError) -> Tensor {
    let shape = try source(index).shape
    if index == 0 { return try Tensor.apply(.convolutionInputGradient(shape, geometry), g, input(1)) }
    return try weightGradient(g, input(0), shape, geometry)
  }

  /// y = the input gradient of (u, w): linear in both.
  func convolutionInputGradientRule(
    _ geometry: ConvolutionGeometry, _ index: Int
  ) throws(TensorError) -> Tensor {
    if index == 0 { return try Tensor.apply(.convolution(geometry), g, input(1)) }
    return try weightGradient(input(0), g, source(1).shape, geometry)
  }

  /// y = the weight gradient of (u, x): linear in both.
  func convolutionWeightGradientRule(
    _ geometry: ConvolutionGeometry, _ index: Int
  ) throws(TensorError) -> Tensor {
    if index == 0 { return try Tensor.apply(.convolution(geometry), input(1), g) }
    return try Tensor.apply(.convolutionInputGradient(source(1).shape, geometry), input(0), g)
  }

  /// The weight gradient; for a weight shared by tasks that are summed, the tasks join the batch.
  private func weightGradient(
    _ u: Tensor, _ x: Tensor, _ shape: Shape, _ geometry: ConvolutionGeometry
  ) throws(TensorError) -> Tensor {
    let weight = try source(1)
    guard mode == .summed, weight.taskCount == nil, u.hasTasks, x.hasTasks else {
      return try Tensor.apply(.convolutionWeightGradient(shape, geometry), u, x)
    }
    return try Tensor.apply(
      .convolutionWeightGradient(shape, geometry), tasksInBatch(u), tasksInBatch(x))
  }

  /// [N, …] of T tasks as [T·N, …].
  private func tasksInBatch(_ x: Tensor) throws(TensorError) -> Tensor {
    let exposed = try x.exposeTasks()
    var shape = x.shape
    shape[0] *= exposed.shape[0]
    return try exposed.reshape(to: shape)
  }
}
