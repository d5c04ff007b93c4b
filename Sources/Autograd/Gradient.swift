import ArrayCore

/// The gradients of one loss.
public struct Gradients: Sendable {
  /// One for each target, of its shape.
  public let values: [Tensor]
  /// Positions of targets the loss does not depend on; their gradients are zeros.
  public let unreached: [Int]

  public subscript(index: Int) -> Tensor { values[index] }
}

/// The gradient of `loss` with respect to each target: ∂loss/∂target.
///
/// - A loss without a task axis: the contributions of all tasks to a shared tensor are summed, in fixed
///   order.
/// - A loss that carries the task axis: each task's gradient by itself. The gradient with respect to a
///   tensor shared by the tasks then carries a task axis.
///
/// With `createGraph` the computation is itself recorded, so that the gradients can be differentiated.
/// Only paths from the loss to the targets are walked. Targets that are not reached get zeros and are
/// reported.
///
/// - Throws: `TensorError` when the loss is not one floating number a task.
public func gradient(
  of loss: Tensor, wrt targets: [any GradientTarget], createGraph: Bool = false
) throws(TensorError) -> Gradients {
  try gradient(of: loss, wrt: targets.map { $0.gradientTensor }, createGraph: createGraph)
}

/// The gradient of `loss` with respect to recorded tensors, as for any targets.
public func gradient(
  of loss: Tensor, wrt tensors: [Tensor], createGraph: Bool = false
) throws(TensorError) -> Gradients {
  try gradient(of: loss, wrt: tensors, createGraph: createGraph, releasesGraph: false)
}

/// The last gradients that are asked for of a graph, which is taken apart on the way: what was kept for a derivative is
/// given back as soon as that is computed. Afterwards nothing that the loss was computed from leads anywhere.
package func lastGradient(of loss: Tensor, wrt tensors: [Tensor]) throws(TensorError) -> Gradients {
  try gradient(of: loss, wrt: tensors, createGraph: false, releasesGraph: true)
}

private func gradient(
  of loss: Tensor, wrt tensors: [Tensor], createGraph: Bool, releasesGraph: Bool
) throws(TensorError) -> Gradients {
  guard loss.dtype.isFloating else { throw TensorError("gradient", .unsupportedDType(loss.dtype)) }
  guard loss.shape.elementCount == 1 else {
    throw TensorError(
      "gradient",
      .invalid("the loss must be one number, not of shape \(loss.shape); reduce it with .mean() or .sum()"))
  }
  return try Recording.derivative(paused: !createGraph) { () throws(TensorError) -> Gradients in
    let seed = Tensor(try NDArray(full: 1, loss.array.shape, loss.dtype), hasTasks: loss.hasTasks)
    guard let root = loss.node else { return try Gradients(unreached: tensors) }
    var backward = Backward(
      root: root, targets: tensors.map(\.node), mode: loss.hasTasks ? .perTask : .summed)
    let cotangents = try backward.run(seed, releasesGraph: releasesGraph)
    var values: [Tensor] = []
    var unreached: [Int] = []
    values.reserveCapacity(tensors.count)
    for (index, tensor) in tensors.enumerated() {
      if let cotangent = cotangents[index] {
        values.append(cotangent)
      } else {
        values.append(try tensor.zeros())
        unreached.append(index)
      }
    }
    return Gradients(values: values, unreached: unreached)
  }
}

extension Gradients {
  fileprivate init(unreached targets: [Tensor]) throws(TensorError) {
    var zeros: [Tensor] = []
    for target in targets { zeros.append(try target.zeros()) }
    self.init(values: zeros, unreached: Array(targets.indices))
  }
}

extension Tensor {
  /// Zeros of this tensor's shape, tasks and dtype.
  func zeros() throws(TensorError) -> Tensor {
    Tensor(try NDArray(zeros: array.shape, dtype), hasTasks: hasTasks)
  }
}
