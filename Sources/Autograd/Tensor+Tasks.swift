import ArrayCore

extension Tensor {
  /// The same tensor for each of `count` tasks, with the task axis; nothing is copied.
  public func withTasks(_ count: Int) throws(TensorError) -> Tensor {
    if let taskCount {
      guard taskCount == count else {
        throw TensorError("withTasks", .invalid("the tensor has \(taskCount) tasks, not \(count)"))
      }
      return self
    }
    guard count >= 0 else { throw TensorError("withTasks", .negativeSize(count)) }
    return try Tensor.apply(.broadcast(shape, tasks: count), self)
  }

  /// Tensors of equal shape, one a task, as one tensor with the hidden task axis.
  public static func stackTasks(_ tensors: [Tensor]) throws(TensorError) -> Tensor {
    try stack(tensors, axis: 0).hideTasks()
  }

  /// The tensor of task `t`, without the task axis.
  public func taskSlice(_ t: Int) throws(TensorError) -> Tensor { try exposeTasks().at(t) }

  /// The tensor of each task; itself alone when it has no task axis.
  public func perTask() throws(TensorError) -> [Tensor] {
    guard let taskCount else { return [self] }
    let exposed = try exposeTasks()
    var tensors: [Tensor] = []
    for task in 0..<taskCount { tensors.append(try exposed.at(task)) }
    return tensors
  }

  /// The sum over the tasks; itself when it has no task axis.
  public func sumOverTasks() throws(TensorError) -> Tensor {
    hasTasks ? try Tensor.apply(.sumTo(shape, overTasks: true), self) : self
  }

  /// The mean over the tasks; itself when it has no task axis.
  public func meanOverTasks() throws(TensorError) -> Tensor {
    guard let taskCount else { return self }
    guard taskCount > 0 else { throw TensorError("meanOverTasks", .emptyReduction(array.shape)) }
    return try sumOverTasks() * (1 / Double(taskCount))
  }

  /// The task axis as an ordinary first axis: `[tasks, shape]`.
  public func exposeTasks() throws(TensorError) -> Tensor { try Tensor.apply(.exposeTasks, self) }

  /// The first axis as the hidden task axis.
  public func hideTasks() throws(TensorError) -> Tensor { try Tensor.apply(.hideTasks, self) }
}
