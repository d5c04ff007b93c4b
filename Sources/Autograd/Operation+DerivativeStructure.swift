import ArrayCore

// Rules of reductions, joins, task moves and indexing; see Operation+Derivative.swift.
extension Derivative {
  func sumRule(_ axes: AxisSet, _ keepDims: Bool) throws(TensorError) -> Tensor {
    let shape = try source(0).shape
    var spread = g
    if !keepDims {
      var kept = shape
      for axis in 0..<shape.rank where axes.contains(axis) { kept[axis] = 1 }
      spread = try g.reshape(to: kept)
    }
    return try spread.broadcast(to: shape)
  }

  func sumToRule(_ overTasks: Bool) throws(TensorError) -> Tensor {
    let source = try source(0)
    guard overTasks, let tasks = source.taskCount else { return try g.broadcast(to: source.shape) }
    try requireSummed("sumOverTasks")
    return try Tensor.apply(.broadcast(source.shape, tasks: tasks), g)
  }

  func concatRule(_ axis: Int, _ sizes: [Int], _ index: Int) throws(TensorError) -> Tensor {
    let start = sizes[..<index].reduce(0, +)
    return try g.slice(axis: axis, from: start, to: start + sizes[index])
  }

  /// Summed: the tasks come back as an axis. Per task: task t's loss depends on slice t alone.
  func hideTasksRule() throws(TensorError) -> Tensor {
    if mode == .summed { return try g.exposeTasks() }
    let shape = try source(0).shape
    let selector = try Tensor(NDArray.eye(shape[0], g.dtype), hasTasks: true)
    var column = try Shape([shape[0]])
    for _ in 1..<shape.rank { column = try column.inserting(1, at: column.rank) }
    return try selector.reshape(to: column) * g.unsqueeze(0)
  }

  func gatherRule(_ axis: Int) throws(TensorError) -> Tensor {
    let shape = try source(0).shape
    let index = try input(1)
    var result = try scatterAdd(g, axis: axis, index: index, size: shape[axis])
    // An index may be shorter than the tensor along other axes: nothing was read beyond.
    for other in 0..<shape.rank where other != axis && index.shape[other] != shape[other] {
      result = try Tensor.apply(.embed(axis: other, from: 0, step: 1, size: shape[other]), result)
    }
    return result
  }
}
