import ArrayCore

// The table of derivative rules. g is the cotangent of the output y; a, b are the inputs. Every rule is
// written with differentiable operations, so that any order of derivative comes from this one table.
extension Derivative {
  /// The cotangent of the input at `index`; nil where no derivative flows.
  func cotangent(of index: Int) throws(TensorError) -> Tensor? {
    guard let operation = node.operation else { return nil }
    switch operation {
    case .binary(let op): return try binary(op, index)
    case .binaryScalar(let op, let number): return try binaryScalar(op, number)
    case .scalarBinary(let op, let number): return try scalarBinary(op, number)
    case .unary(let op): return try unary(op)

    // a + s b
    case .addScaled(let scale): return index == 0 ? g : try g * scale
    // linear in a; the step at b = 0 has no derivative
    case .reluGradient: return index == 0 ? try Tensor.apply(.reluGradient, g, input(1)) : nil
    // m ? a : b
    case .select: return try selectRule(index)
    case .cast: return g  // settled casts

    // sums spread the cotangent, spreading sums it
    case .sum(let axes, let keepDims): return try sumRule(axes, keepDims)
    case .sumTo(_, let overTasks): return try sumToRule(overTasks)
    case .broadcast: return g  // settled sums
    // y (g − Σ g y)
    case .softmax(let axis):
      let y = try output()
      return try y * (g - (g * y).sum([axis], keepDims: true))
    // g − exp(y) Σ g
    case .logSoftmax(let axis): return try g - exp(output()) * g.sum([axis], keepDims: true)

    // rearrangements: the inverse or the adjoint
    case .reshape: return try g.reshape(to: source(0).shape)
    case .permute(let order): return try g.permute(inverse(order))
    case .flip(let axis): return try g.flip(axis)
    case .slice(let axis, let from, _, let step):
      let size = try source(0).shape[axis]
      return try Tensor.apply(.embed(axis: axis, from: from, step: step, size: size), g)
    case .embed(let axis, let from, let step, _):
      let count = try source(0).shape[axis]
      let end = count == 0 ? from : from + (count - 1) * step + 1
      return try g.slice(axis: axis, from: from, to: end, step: step)
    case .concat(let axis, let sizes): return try concatRule(axis, sizes, index)
    case .exposeTasks:
      try requireSummed("exposeTasks")
      return try g.hideTasks()
    case .hideTasks: return try hideTasksRule()

    // products
    case .matmul(let left, let right), .matmulSum(let left, let right, _):
      return index == 2 ? g : try matmulRule(left, right, index)
    case .solve(let transposed): return try solveRule(transposed, index)
    case .convolution(let geometry): return try convolutionRule(geometry, index)
    case .convolutionInputGradient(_, let geometry):
      return try convolutionInputGradientRule(geometry, index)
    case .convolutionWeightGradient(_, let geometry):
      return try convolutionWeightGradientRule(geometry, index)
    case .averagePool(let geometry):
      return try Tensor.apply(.averagePoolAdjoint(source(0).shape, geometry), g)
    case .averagePoolAdjoint(_, let geometry): return try averagePool(g, geometry)

    // batch normalisation: the gradient and the tangent are adjoint
    case .normalize(let moments): return try Tensor.apply(.normalizeGradient(moments), input(0), g)
    case .normalizeGradient(let moments):
      return index == 0
        ? try Tensor.apply(.normalizeCurvature(moments), input(0), input(1), g)
        : try Tensor.apply(.normalizeTangent(moments), input(0), g)
    case .normalizeTangent(let moments):
      return index == 0
        ? try Tensor.apply(.normalizeCurvature(moments), input(0), g, input(1))
        : try Tensor.apply(.normalizeGradient(moments), input(0), g)
    case .normalizeCurvature(let moments): return try curvatureRule(moments, index)
    case .unaffected: return index == 0 ? g : try zeros(like: source(1))

    // indexing: each pair is adjoint; the index (input 1) has no derivative
    case .gather(let axis): return try gatherRule(axis)
    case .scatterAdd(let axis, _): return try gather(g, axis: axis, index: input(1))
    case .takeRows: return try addRows(g, input(1), rowCount: source(0).shape[0])
    case .addRows: return try takeRows(g, input(1))
    case .checkpoint: return nil  // all at once: checkpointRule
    }
  }

  private func inverse(_ order: Shape) -> [Int] {
    var result = order.array
    for (position, axis) in order.enumerated() { result[axis] = position }
    return result
  }
}
