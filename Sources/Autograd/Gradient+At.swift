import ArrayCore

/// The gradient of `f` at `x`: ∂f/∂x, of the shape of `x`. `f` returns one number (a task).
///
/// `createGraph` nil records the gradient when `x` is recorded or when this call is inside the closure of
/// another, so that nested calls give higher derivatives.
///
/// ```swift
/// try gradient(at: x) { x in try (x * x).sum() }   // 2x
/// ```
public func gradient(
  at x: Tensor, createGraph: Bool? = nil, _ f: (Tensor) throws -> Tensor
) throws -> Tensor {
  try valueWithGradient(at: x, createGraph: createGraph, f).gradient
}

/// The gradients of `f` with respect to several tensors.
public func gradient(
  at xs: [Tensor], createGraph: Bool? = nil, _ f: ([Tensor]) throws -> Tensor
) throws -> [Tensor] {
  try valueWithGradient(at: xs, createGraph: createGraph, f).gradients
}

/// `f(x)` and its gradient, from one pass. The value is a constant unless the gradient is recorded.
public func valueWithGradient(
  at x: Tensor, createGraph: Bool? = nil, _ f: (Tensor) throws -> Tensor
) throws -> (value: Tensor, gradient: Tensor) {
  let result = try valueWithGradient(at: [x], createGraph: createGraph) { try f($0[0]) }
  return (result.value, result.gradients[0])
}

/// `f(xs)` and its gradients, from one pass.
public func valueWithGradient(
  at xs: [Tensor], createGraph: Bool? = nil, _ f: ([Tensor]) throws -> Tensor
) throws -> (value: Tensor, gradients: [Tensor]) {
  let keepsGraph = createGraph ?? (Recording.isInsideGradient || xs.contains(where: \.isRecorded))
  var arguments: [Tensor] = []
  for x in xs { arguments.append(try x.asArgument()) }
  let value = try Recording.insideGradient { () throws(any Error) -> Tensor in try f(arguments) }
  let gradients = try gradient(of: value, wrt: arguments, createGraph: keepsGraph)
  return (keepsGraph ? value : value.detach(), gradients.values)
}

extension Tensor {
  /// A tensor of the same numbers to differentiate by: a leaf, or linked to this one when it is recorded.
  package func asArgument() throws(TensorError) -> Tensor {
    guard dtype.isFloating else { throw TensorError("gradient", .unsupportedDType(dtype)) }
    if isRecorded {
      return try Recording.with(paused: false) { () throws(TensorError) -> Tensor in
        try Tensor.apply(.reshape(shape), self)
      }
    }
    return Tensor(array, hasTasks: hasTasks, node: .leaf(like: self))
  }
}
