import ArrayCore

/// A set of axis numbers below 16.
public struct AxisSet: Hashable, Sendable {
  var bits: UInt16 = 0

  init(_ axes: [Int]) { for axis in axes { bits |= 1 << UInt16(axis) } }

  func contains(_ axis: Int) -> Bool { bits & (1 << UInt16(axis)) != 0 }

  /// The numbers in ascending order, each shifted by `offset`.
  func array(offset: Int = 0) -> [Int] {
    var result: [Int] = []
    for axis in 0..<16 where contains(axis) { result.append(axis + offset) }
    return result
  }
}

/// One primitive computation, as data: what a recorded graph is made of.
///
/// Axis numbers and shapes are those of one task. `Operation+Forward.swift` says what each computes,
/// `Operation+Derivative.swift` how it is differentiated.
public enum Operation: Sendable {
  // elementwise
  case binary(BinaryOp)
  /// tensor ∘ number
  case binaryScalar(BinaryOp, Double)
  /// number ∘ tensor
  case scalarBinary(BinaryOp, Double)
  /// a + scale · b
  case addScaled(Double)
  case unary(UnaryOp)
  /// b > 0 ? a : 0, the gradient a of a `relu` with the output b
  case reluGradient
  /// mask ? a : b
  case select
  case cast(DType)
  // reductions and their adjoints
  case sum(AxisSet, keepDims: Bool)
  /// Sums to a smaller shape, the adjoint of `broadcast`; over the tasks too when asked.
  case sumTo(Shape, overTasks: Bool)
  /// Repeats to a larger shape; a positive `tasks` adds the task axis.
  case broadcast(Shape, tasks: Int)
  case softmax(axis: Int)
  case logSoftmax(axis: Int)
  // shape
  case reshape(Shape)
  case permute(order: Shape)
  case flip(axis: Int)
  case slice(axis: Int, from: Int, to: Int, step: Int)
  /// Zeros of `size` along `axis` with the tensor at a slice: the adjoint of `slice`.
  case embed(axis: Int, from: Int, step: Int, size: Int)
  /// Joins tensors of these sizes along `axis`.
  case concat(axis: Int, sizes: [Int])
  /// The task axis becomes the first ordinary axis.
  case exposeTasks
  /// The first axis becomes the task axis.
  case hideTasks
  // products
  /// A′B′ over the last two axes, where ′ transposes when asked; plus a row c to every row, when there is a third
  /// input.
  case matmul(transposeLeft: Bool, transposeRight: Bool)
  /// The sum of A′B′ over all leading axes, and over the tasks when asked.
  case matmulSum(transposeLeft: Bool, transposeRight: Bool, overTasks: Bool)
  /// X with A′X = B, where ′ transposes when asked; the axes before the last two broadcast.
  case solve(transposed: Bool)
  case convolution(ConvolutionGeometry)
  case convolutionInputGradient(Shape, ConvolutionGeometry)
  case convolutionWeightGradient(Shape, ConvolutionGeometry)
  case averagePool(PoolGeometry)
  case averagePoolAdjoint(Shape, PoolGeometry)
  // batch normalisation, whose input x is always the first; see NDArray+Normalize.swift
  /// x̂ of x, where windows select
  case normalize(BatchMoments)
  /// The gradient to x, of x and the cotangent g of `normalize`.
  case normalizeGradient(BatchMoments)
  /// The derivative of `normalize` along u, of x and u: the adjoint of the gradient in g.
  case normalizeTangent(BatchMoments)
  /// The derivative along u of the gradient, of x, g and u.
  case normalizeCurvature(BatchMoments)
  // indexing; the second input is the index
  case gather(axis: Int)
  case scatterAdd(axis: Int, size: Int)
  case takeRows
  case addRows(rowCount: Int)
  /// A function that is computed again for its derivative; it has no forward of its own.
  case checkpoint(Recomputation)
  /// a, which is said to depend on b though its numbers do not: the derivative to b is exactly zero
  case unaffected

  /// The kinds of operation, for tables and for tests that must meet each.
  package enum Kind: String, CaseIterable {
    case binary, binaryScalar, scalarBinary, addScaled, reluGradient, unary, select, cast
    case sum, sumTo, broadcast, softmax, logSoftmax
    case reshape, permute, flip, slice, embed, concat, exposeTasks, hideTasks
    case matmul, matmulSum, solve, convolution, convolutionInputGradient, convolutionWeightGradient
    case averagePool, averagePoolAdjoint, gather, scatterAdd, takeRows, addRows, checkpoint
    case normalize, normalizeGradient, normalizeTangent, normalizeCurvature, unaffected
  }

  package var kind: Kind {
    switch self {
    case .binary: .binary
    case .binaryScalar: .binaryScalar
    case .scalarBinary: .scalarBinary
    case .addScaled: .addScaled
    case .reluGradient: .reluGradient
    case .unary: .unary
    case .select: .select
    case .cast: .cast
    case .sum: .sum
    case .sumTo: .sumTo
    case .broadcast: .broadcast
    case .softmax: .softmax
    case .logSoftmax: .logSoftmax
    case .reshape: .reshape
    case .permute: .permute
    case .flip: .flip
    case .slice: .slice
    case .embed: .embed
    case .concat: .concat
    case .exposeTasks: .exposeTasks
    case .hideTasks: .hideTasks
    case .matmul: .matmul
    case .matmulSum: .matmulSum
    case .solve: .solve
    case .convolution: .convolution
    case .convolutionInputGradient: .convolutionInputGradient
    case .convolutionWeightGradient: .convolutionWeightGradient
    case .averagePool: .averagePool
    case .averagePoolAdjoint: .averagePoolAdjoint
    case .normalize: .normalize
    case .normalizeGradient: .normalizeGradient
    case .normalizeTangent: .normalizeTangent
    case .normalizeCurvature: .normalizeCurvature
    case .unaffected: .unaffected
    case .gather: .gather
    case .scatterAdd: .scatterAdd
    case .takeRows: .takeRows
    case .addRows: .addRows
    case .checkpoint: .checkpoint
    }
  }

  /// What error messages and profiles call the operation.
  public var name: String {
    switch self {
    case .binary(let op), .binaryScalar(let op, _), .scalarBinary(let op, _): "\(op)"
    case .unary(let op): "\(op)"
    default: kind.rawValue
    }
  }
}
