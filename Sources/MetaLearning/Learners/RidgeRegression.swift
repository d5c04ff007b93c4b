import ArrayCore
import Autograd
import Glibc

/// A linear layer found by ``ridgeRegression(_:_:_:numClasses:useWoodbury:scale:bias:)``.
public struct RidgeSolution {
  /// [outputs, D]
  public let weight: Tensor
  /// [outputs]; nil when none was asked for.
  public let bias: Tensor?

  /// x Wᵀ + b of embeddings [N, D].
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try linear(x, weight, bias) }
}

/// The linear layer of least squares with a penalty on its size, differentiable in all of its inputs:
///
/// W = argmin ‖X Wᵀ − Y‖² + λ ‖W‖² = ((XᵀX + λ)⁻¹ XᵀY)ᵀ = (Xᵀ (X Xᵀ + λ)⁻¹ Y)ᵀ
///
/// The second form (Woodbury's) has a system of N equations, the first one of D. Bertinetto et al. 2019; torchmeta's
/// `ridge_regression`.
///
/// - Parameters:
///   - embeddings: X, [N, D].
///   - targets: int64 labels [N], which become rows with a one, or numbers [N, outputs].
///   - regularization: λ, one number.
///   - numClasses: of labels; nil takes the largest label, which is read.
///   - useWoodbury: nil takes the smaller system.
///   - scale: divide X and Y by √N, so that λ means the same for any number of samples.
///   - bias: fit a bias, as the weight of a further input 1; the penalty counts it.
public func ridgeRegression(
  _ embeddings: Tensor, _ targets: Tensor, _ regularization: Tensor, numClasses: Int? = nil,
  useWoodbury: Bool? = nil, scale: Bool = true, bias: Bool = true
) throws -> RidgeSolution {
  guard embeddings.rank == 2, targets.shape.first == embeddings.shape[0] else {
    throw LearningError.sampleCountsDiffer(inputs: embeddings.shape, targets: targets.shape)
  }
  func refuse(_ reason: String) -> LearningError { .argument(type: "ridgeRegression", reason: reason) }
  guard regularization.shape.elementCount == 1 else {
    throw refuse("the regularization has shape \(regularization.shape), it must be one number")
  }
  let count = embeddings.shape[0]
  guard count > 0 else { throw refuse("there are no samples to fit") }
  var (x, y) = (embeddings, targets)
  if targets.dtype == .int64 {
    guard targets.rank == 1 else { throw refuse("labels have shape \(targets.shape), they must be [N]") }
    let classes = try numClasses ?? Int(targets.array.max().item()) + 1
    try requireCount(classes, "numClasses", of: "ridgeRegression")
    y = try Tensor.oneHot(targets, classes, dtype: embeddings.dtype)
  } else if targets.rank != 2 {
    throw refuse("targets have shape \(targets.shape), they must be [N, outputs]")
  }
  if bias { x = try concat([x, Tensor.ones([count, 1], dtype: x.dtype)], axis: 1) }
  if scale {
    let factor = 1 / Double(count).squareRoot()
    (x, y) = (try x * factor, try y * factor)
  }
  let size = x.shape[1]
  let lambda = try regularization.reshape([])
  let across = try x.transposed()
  // [inputs, outputs]
  let solution: Tensor
  if useWoodbury ?? (count <= size) {
    let inner = try matmul(x, across) + lambda * Tensor.eye(count, dtype: x.dtype)
    solution = try matmul(across, solve(inner, y))
  } else {
    let inner = try matmul(across, x) + lambda * Tensor.eye(size, dtype: x.dtype)
    solution = try solve(inner, matmul(across, y))
  }
  let rows = try solution.transposed()
  guard bias else { return RidgeSolution(weight: rows, bias: nil) }
  return RidgeSolution(
    weight: try rows.slice(axis: 1, from: 0, to: size - 1),
    bias: try rows.slice(axis: 1, from: size - 1, to: size).reshape(to: [rows.shape[0]]))
}
