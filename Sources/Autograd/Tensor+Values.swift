import ArrayCore

extension Tensor {
  /// The only element.
  ///
  /// - Throws: `TensorError` when there is another number of elements, or of kind `needsTaskLoop` on a
  ///   tensor that carries tasks.
  public func item() throws(TensorError) -> Double {
    try requireNoTasks("item")
    return try array.item()
  }

  /// The elements in row-major order.
  public func toDoubles() throws(TensorError) -> [Double] {
    try requireNoTasks("array")
    return try array.toDoubles()
  }

  /// The elements of an integer tensor in row-major order.
  public func toInts() throws(TensorError) -> [Int] {
    try requireNoTasks("array")
    return try array.toInts()
  }

  /// Whether the only element is not zero.
  public func isTrue() throws(TensorError) -> Bool { try item() != 0 }

  /// Whether every element is finite. A tensor with tasks is looked at as a whole.
  public func allFinite() throws(TensorError) -> Bool {
    let flags = try NDArray.unary(.isFinite, array)
    if flags.elementCount == 0 { return true }
    return try flags.min().item() != 0
  }

  private func requireNoTasks(_ operation: String) throws(TensorError) {
    guard !hasTasks else { throw TensorError(operation, .needsTaskLoop) }
  }
}
