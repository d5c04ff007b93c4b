import ArrayCore

/// The matrix of second derivatives of `f` at `x`, of shape `[x.shape, x.shape]`: ∂²f / ∂xᵢ ∂xⱼ.
///
/// Rows are computed many at once along the task axis; where `f` uses tasks itself, one by one.
public func hessian(at x: Tensor, _ f: (Tensor) throws -> Tensor) throws -> Tensor {
  guard !x.hasTasks else { throw TensorError("hessian", .needsTaskLoop) }
  let shape = try Shape(x.shape.array + x.shape.array)
  let argument = try x.asArgument()
  let value = try Recording.insideGradient { () throws(any Error) -> Tensor in try f(argument) }
  guard !value.hasTasks else { throw TensorError("hessian", .needsTaskLoop) }
  let slope = try gradient(of: value, wrt: [argument], createGraph: true)[0]
  guard slope.isRecorded, x.count > 0 else { return try Tensor.zeros(shape, dtype: x.dtype) }
  let keepsGraph = Recording.isInsideGradient || x.isRecorded
  let rows = try hessianRows(slope, argument, keepsGraph)
  return try rows.reshape(to: shape)
}

/// Rows of the Hessian, each the gradient of one component of `slope`, as `[count, x.shape]`.
private func hessianRows(
  _ slope: Tensor, _ argument: Tensor, _ keepsGraph: Bool
) throws(TensorError) -> Tensor {
  let chunk = 64
  let flat = try Recording.with(paused: false) { () throws(TensorError) -> Tensor in try slope.flatten() }
  var rows: [Tensor] = []
  for start in stride(from: 0, to: flat.count, by: chunk) {
    let end = min(start + chunk, flat.count)
    do {
      rows.append(try hessianChunk(flat, start..<end, argument, keepsGraph))
    } catch let error {
      if error.kind == .cancelled { throw error }
      for row in start..<end {
        let component = try Recording.with(paused: false) { () throws(TensorError) -> Tensor in
          try flat.at(row)
        }
        rows.append(try gradient(of: component, wrt: [argument], createGraph: keepsGraph)[0].unsqueeze(0))
      }
    }
  }
  return try concat(rows, axis: 0)
}

private func hessianChunk(
  _ flat: Tensor, _ rows: Range<Int>, _ argument: Tensor, _ keepsGraph: Bool
) throws(TensorError) -> Tensor {
  let selectors = try NDArray.eye(flat.count, flat.dtype).sliced(
    axis: 0, from: rows.lowerBound, to: rows.upperBound)
  let components = try Recording.with(paused: false) { () throws(TensorError) -> Tensor in
    try (flat * Tensor(selectors, hasTasks: true)).sum()
  }
  let gradients = try gradient(of: components, wrt: [argument], createGraph: keepsGraph)
  // Not reached: a constant slope.
  guard gradients.unreached.isEmpty else {
    return try Tensor.zeros(Shape([rows.count] + argument.shape.array), dtype: argument.dtype)
  }
  return try gradients[0].exposeTasks()
}
