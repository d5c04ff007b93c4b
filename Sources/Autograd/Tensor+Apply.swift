import ArrayCore

/// The inputs of one operation, held inline.
struct Operands {
  let first: Tensor
  var second: Tensor?
  var third: Tensor?
  var rest: [Tensor] = []

  /// The task count of the operands that have one. Operands of different counts do not mix.
  func taskCount(_ operation: Operation) throws(TensorError) -> Int? {
    var count = first.taskCount
    try merge(second, &count, operation)
    try merge(third, &count, operation)
    for tensor in rest { try merge(tensor, &count, operation) }
    return count
  }

  @inline(__always)
  private func merge(
    _ tensor: Tensor?, _ count: inout Int?, _ operation: Operation
  ) throws(TensorError) {
    guard let tensor, let other = tensor.taskCount else { return }
    if let count, count != other {
      throw TensorError(operation.name, .invalid("operands of \(count) and of \(other) tasks do not mix"))
    }
    count = other
  }
}

extension Tensor {
  /// Computes `operation` and records it when an input is recorded. Every operation passes here.
  package static func apply(
    _ operation: Operation, _ first: Tensor, _ second: Tensor? = nil, _ third: Tensor? = nil
  ) throws(TensorError) -> Tensor {
    let operands = Operands(first: first, second: second, third: third)
    let (array, hasTasks) = try operation.forward(operands)
    if first.node == nil && second?.node == nil && third?.node == nil {
      return Tensor(array, hasTasks: hasTasks)
    }
    return record(operation, operands, array, hasTasks)
  }

  /// As `apply(_:_:_:_:)`, for operations of any number of inputs.
  package static func apply(_ operation: Operation, all tensors: [Tensor]) throws(TensorError) -> Tensor {
    guard let first = tensors.first else {
      throw TensorError(operation.name, .invalid("needs at least one tensor"))
    }
    let operands = Operands(first: first, rest: Array(tensors.dropFirst()))
    let (array, hasTasks) = try operation.forward(operands)
    if tensors.allSatisfy({ $0.node == nil }) { return Tensor(array, hasTasks: hasTasks) }
    return record(operation, operands, array, hasTasks)
  }

  private static func record(
    _ operation: Operation, _ operands: Operands, _ array: NDArray, _ hasTasks: Bool
  ) -> Tensor {
    guard array.dtype.isFloating, operation.isDifferentiable, let mark = Recording.mark else {
      return Tensor(array, hasTasks: hasTasks)
    }
    let kept = operation.kept(
      firstRecorded: operands.first.node != nil, secondRecorded: operands.second?.node != nil)
    let node = Node(
      operation, shape: hasTasks ? array.shape.removing(at: 0) : array.shape, dtype: array.dtype,
      taskCount: hasTasks ? array.shape[0] : nil, mark: mark)
    node.first = Edge(operands.first, keep: kept.contains(.first))
    if let second = operands.second { node.second = Edge(second, keep: kept.contains(.second)) }
    if let third = operands.third { node.third = Edge(third, keep: kept.contains(.third)) }
    if !operands.rest.isEmpty { node.rest = operands.rest.map { Edge($0, keep: false) } }
    if kept.contains(.output) { node.output = Tensor(array, hasTasks: hasTasks) }
    return Tensor(array, hasTasks: hasTasks, node: node)
  }
}
