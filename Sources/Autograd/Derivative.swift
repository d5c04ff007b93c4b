import ArrayCore

/// How cotangents relate to the task axis.
enum TaskMode {
  /// The loss carries the task axis: so does every cotangent, also that of a shared tensor.
  case perTask
  /// The loss has no task axis: a shared tensor's cotangent is summed over the tasks.
  case summed
}

/// What a derivative rule sees: the cotangent `g` of an operation's output, its inputs and output.
///
/// A rule returns the cotangent of one input. It may leave it in the shape of the output where the
/// operation broadcast that input: `settled` sums it.
struct Derivative {
  let node: Node
  /// The cotangent of the output.
  let g: Tensor
  let mode: TaskMode

  /// The input at `index`, which `Operation.kept` must have asked for.
  func input(_ index: Int) throws(TensorError) -> Tensor {
    guard case .value(let tensor) = node.edge(index) else {
      throw TensorError(
        node.operation?.name ?? "leaf", .invalid("input \(index) was not kept for the derivative"))
    }
    return tensor
  }

  /// The output, in its place in the graph.
  func output() throws(TensorError) -> Tensor {
    guard let output = node.output else {
      throw TensorError(
        node.operation?.name ?? "leaf", .invalid("the output was not kept for the derivative"))
    }
    return Tensor(output.array, hasTasks: output.hasTasks, node: node)
  }

  /// The node of a recorded input, which knows its shape.
  func source(_ index: Int) throws(TensorError) -> Node {
    guard let source = node.edge(index).node else {
      throw TensorError(node.operation?.name ?? "leaf", .invalid("input \(index) is not recorded"))
    }
    return source
  }

  /// Refuses an operation across tasks while every task is differentiated by itself.
  func requireSummed(_ operation: String) throws(TensorError) {
    guard mode == .summed else {
      throw TensorError(
        operation,
        .invalid(
          "a loss of every task cannot be differentiated through a value computed across tasks; "
            + "take the mean over the tasks first"))
    }
  }

  /// `cotangent` in the shape, task axis and dtype of the input it belongs to.
  func settled(_ cotangent: Tensor, for source: Node) throws(TensorError) -> Tensor {
    var result = cotangent
    if result.dtype != source.dtype { result = try result.cast(to: source.dtype) }
    let overTasks = mode == .summed && source.taskCount == nil && result.hasTasks
    if overTasks || result.shape != source.shape {
      result = try Tensor.apply(.sumTo(source.shape, overTasks: overTasks), result)
    }
    return result
  }
}
