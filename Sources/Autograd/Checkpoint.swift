import ArrayCore

/// A function whose graph is not kept: it is computed without one, and again, with one, when its derivative is asked
/// for. That trades time for memory (Chen, Xu, Zhang and Guestrin 2016).
///
/// - Parameters:
///   - inputs: everything recorded that `function` computes with. The derivative flows to these alone.
///   - function: gives the same numbers for the same inputs each time. It is told
///     whether its inputs are recorded; where they are not, it may make leaves of its own.
/// - Throws: what `function` throws; while differentiating, as a `TensorError` with its words.
public func checkpoint(
  _ inputs: [Tensor], _ function: @escaping (_ inputs: [Tensor], _ isRecorded: Bool) throws -> Tensor
) throws -> Tensor {
  let value = try function(inputs.map { $0.detach() }, false).detach()
  guard let first = inputs.first, inputs.contains(where: \.isRecorded), !Recording.isPaused else {
    return value
  }
  let node = Node(
    .checkpoint(Recomputation(function)), shape: value.shape, dtype: value.dtype, taskCount: value.taskCount)
  node.first = .value(first)
  node.rest = inputs.dropFirst().map { .value($0) }
  return Tensor(value.array, hasTasks: value.hasTasks, node: node)
}

/// The function of a `checkpoint`.
public final class Recomputation: @unchecked Sendable {
  private let function: ([Tensor], Bool) throws -> Tensor

  init(_ function: @escaping ([Tensor], Bool) throws -> Tensor) { self.function = function }

  /// The function's value, recorded.
  func callAsFunction(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    do {
      return try Recording.with(paused: false) { try function(inputs, true) }
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
