import ArrayCore

/// A function whose graph is not kept: it is computed without one, and again, with one, when its derivative is asked
/// for. That trades time for memory (Chen, Xu, Zhang and Guestrin 2016).
///
/// - Parameters:
///   - inputs: everything recorded that `function` computes with. The derivative flows to these alone.
///   - known: what `function` gives, where it was computed already.
///   - function: gives the same numbers for the same inputs each time. It is told
///     whether its inputs are recorded; where they are not, it may make leaves of its own.
/// - Returns: the values of `function`; where one of them carries tasks, all do.
/// - Throws: what `function` throws; while differentiating, as a `TensorError` with its words.
public func checkpoint(
  _ inputs: [Tensor], known: [Tensor]? = nil,
  _ function: @escaping (_ inputs: [Tensor], _ isRecorded: Bool) throws -> [Tensor]
) throws -> [Tensor] {
  let values = try known ?? function(inputs.map { $0.detach() }, false)
  let tasks = values.lazy.compactMap(\.taskCount).first
  let constants = try values.map { try $0.detach().shared(by: tasks) }
  guard let first = inputs.first, inputs.contains(where: \.isRecorded), !Recording.isPaused else {
    return constants
  }
  // One node stands for the function, whose output is all values in a row; each value is a piece of that.
  let dtype = constants.map(\.dtype).reduce(.float32, DType.promoted)
  let mark = Recording.mark ?? RecordingMark()
  let row = Node(
    .checkpoint(Recomputation(function)), shape: [constants.reduce(0) { $0 + $1.count }], dtype: dtype,
    taskCount: tasks, mark: mark)
  row.first = .value(first)
  row.rest = inputs.dropFirst().map { .value($0) }
  var start = 0
  return constants.map { value in
    let end = start + value.count
    let slice = Node(
      .slice(axis: 0, from: start, to: end, step: 1), shape: [value.count], dtype: dtype, taskCount: tasks,
      mark: mark)
    slice.first = .link(row)
    let piece = Node(
      .reshape(value.shape), shape: value.shape, dtype: value.dtype, taskCount: tasks, mark: mark)
    piece.first = .link(slice)
    start = end
    return Tensor(value.array, hasTasks: value.hasTasks, node: piece)
  }
}

extension Tensor {
  /// With a task axis where there are tasks.
  fileprivate func shared(by tasks: Int?) throws(TensorError) -> Tensor {
    if let tasks { try withTasks(tasks) } else { self }
  }
}

/// The function of a `checkpoint`.
public final class Recomputation: @unchecked Sendable {
  private let function: ([Tensor], Bool) throws -> [Tensor]

  init(_ function: @escaping ([Tensor], Bool) throws -> [Tensor]) { self.function = function }

  /// The function's values in a row, recorded.
  func callAsFunction(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    do {
      return try Recording.with(paused: false) {
        let values = try function(inputs, true)
        let tasks = values.lazy.compactMap(\.taskCount).first
        return try concat(values.map { try $0.reshape([$0.count]).shared(by: tasks) }, axis: 0)
      }
    } catch let error as TensorError {
      throw error
    } catch {
      try Cancellation.check("checkpoint")
      throw TensorError("checkpoint", .invalid("\(error)"))
    }
  }
}

extension Derivative {
  /// The cotangents of all inputs of a checkpoint: of ⟨f(inputs), g⟩, computed again.
  func checkpointRule(_ function: Recomputation) throws(TensorError) -> [Tensor?] {
    var inputs: [Tensor] = []
    for index in 0..<node.edgeCount {
      guard case .value(let input) = node.edge(index) else { break }
      // The partial derivative to one input must not flow through how another was computed: each gets a node of its
      // own, from which a derivative of higher order leads on to the input.
      inputs.append(
        input.isRecorded
          ? try Recording.with(paused: false) { () throws(TensorError) in
            try Tensor.apply(.reshape(input.shape), input)
          } : input)
    }
    let createGraph = !Recording.isPaused
    let value = try function(inputs)
    let product = try Recording.with(paused: false) { () throws(TensorError) in
      let sum = try (value * g).sum()
      return mode == .summed ? try sum.sumOverTasks() : sum
    }
    let targets = inputs.filter(\.isRecorded)
    let gradients = try gradient(of: product, wrt: targets, createGraph: createGraph)
    let unreached = Set(gradients.unreached)
    var next = 0
    return inputs.map { input in
      guard input.isRecorded else { return nil }
      defer { next += 1 }
      return unreached.contains(next) ? nil : gradients[next]
    }
  }
}
