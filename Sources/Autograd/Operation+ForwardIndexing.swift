import ArrayCore

extension Operation {
  /// Indexing over all tasks at once. An operand without tasks is repeated, as a view, when the other
  /// has them.
  func indexingForward(_ a: Tensor, _ index: Tensor, _ tasks: Int?) throws(TensorError) -> NDArray {
    switch self {
    case .gather(let axis):
      guard let tasks else { return try NDArray.gather(a.array, axis: axis, index: index.array) }
      return try NDArray.gather(
        Operation.repeated(a, tasks), axis: axis + 1, index: Operation.repeated(index, tasks))
    case .scatterAdd(let axis, let size):
      guard let tasks else {
        return try NDArray.scatterAdd(a.array, axis: axis, index: index.array, size: size)
      }
      return try NDArray.scatterAdd(
        Operation.repeated(a, tasks), axis: axis + 1, index: Operation.repeated(index, tasks), size: size)
    case .takeRows:
      if a.hasTasks, let tasks { return try takeRowsPerTask(a, index, tasks) }
      return try NDArray.takeRows(a.array, index.array)
    case .addRows(let rowCount):
      if let tasks { return try addRowsPerTask(a, index, tasks, rowCount) }
      return try NDArray.addRows(a.array, index.array, rowCount: rowCount)
    default:
      throw TensorError(name, .invalid("takes one tensor"))
    }
  }

  static func repeated(_ a: Tensor, _ tasks: Int) throws(TensorError) -> NDArray {
    a.hasTasks ? a.array : try a.array.broadcast(to: try a.shape.inserting(tasks, at: 0))
  }

  /// The index of rows as an index of elements of [task, row, column].
  private func rowIndex(_ index: Tensor, _ tasks: Int, columns: Int) throws(TensorError) -> NDArray {
    let rows = try Operation.repeated(index, tasks).reshaped([tasks, index.count, 1])
    return try rows.broadcast(to: [tasks, index.count, columns])
  }

  private func takeRowsPerTask(
    _ table: Tensor, _ index: Tensor, _ tasks: Int
  ) throws(TensorError) -> NDArray {
    guard table.rank > 0 else { throw TensorError(name, .rankTooLow(table.shape, atLeast: 1)) }
    let row = try Shape(table.shape.dropFirst())
    let flat = try table.array.reshaped([tasks, table.shape[0], row.elementCount])
    let picked = try NDArray.gather(
      flat, axis: 1, index: rowIndex(index, tasks, columns: row.elementCount))
    return try picked.reshaped(try Shape([tasks] + index.shape.array + row.array))
  }

  private func addRowsPerTask(
    _ g: Tensor, _ index: Tensor, _ tasks: Int, _ rowCount: Int
  ) throws(TensorError) -> NDArray {
    guard g.rank >= index.rank else {
      throw TensorError(name, .rankTooLow(g.shape, atLeast: index.rank))
    }
    let row = try Shape(g.shape.dropFirst(index.rank))
    let flat = try Operation.repeated(g, tasks).reshaped([tasks, index.count, row.elementCount])
    let sums = try NDArray.scatterAdd(
      flat, axis: 1, index: rowIndex(index, tasks, columns: row.elementCount), size: rowCount)
    return try sums.reshaped(try Shape([tasks, rowCount] + row.array))
  }

  func concatenation(_ operands: Operands, axis: Int) throws(TensorError) -> (NDArray, Bool) {
    let tensors = [operands.first] + operands.rest
    guard let tasks = try operands.taskCount(self) else {
      return (try NDArray.concatenate(tensors.map(\.array), axis: axis), false)
    }
    var parts: [NDArray] = []
    for tensor in tensors { parts.append(try Operation.repeated(tensor, tasks)) }
    return (try NDArray.concatenate(parts, axis: axis + 1), true)
  }
}
