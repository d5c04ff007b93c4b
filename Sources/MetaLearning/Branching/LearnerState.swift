import ArrayCore
import Autograd
import NN

/// Everything that the next meta-update of a learner depends on, at one moment: the parameters and buffers of the model,
/// what the learner learns and keeps itself, the optimizer's state, and the iteration, which is the place in the stream of
/// batches and of random numbers.
struct LearnerState {
  let iteration: Int
  /// By name: `model.…`, `learned.…`, `kept.…` and `optimizer.…`.
  let tensors: NamedTensors

  init(iteration: Int, tensors: NamedTensors) {
    self.iteration = iteration
    self.tensors = tensors
  }

  init(of learner: some Learner) throws {
    var tensors: NamedTensors = [:]
    for (name, tensor) in learner.model.stateDictionary() { tensors["model.\(name)"] = tensor }
    for (name, parameter) in learner.ownLearnedParameters {
      tensors["learned.\(name)"] = parameter.tensor.detach()
    }
    for (name, buffer) in learner.ownBuffers { tensors["kept.\(name)"] = buffer.tensor }
    if let optimizer = learner.optimizer {
      for (name, tensor) in try optimizer.state(for: learner.learnedParameters) {
        tensors["optimizer.\(name)"] = tensor
      }
    }
    self.init(iteration: learner.iteration, tensors: tensors)
  }

  /// What it keeps in memory.
  var bytes: Int { tensors.values.reduce(0) { $0 + $1.count * $1.dtype.byteSize } }

  private func part(_ prefix: String) -> NamedTensors {
    var result: NamedTensors = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) {
      result[String(name.dropFirst(prefix.count))] = tensor
    }
    return result
  }

  /// Gives all of it to the learner. When it throws, nothing has changed.
  ///
  /// - Parameters:
  ///   - source: where the state is from, as errors say it.
  ///   - includingOptimizer: false leaves the optimizer as it is.
  func restore(_ learner: some Learner, from source: String, includingOptimizer: Bool = true) throws {
    let learned = part("learned.")
    let own = learner.ownLearnedParameters
    for (name, parameter) in own {
      guard let found = learned[name], found.shape == parameter.shape else {
        throw LearningError.checkpoint(
          path: source, reason: "its learned \"\(name)\" is missing or has another shape")
      }
    }
    let kept = part("kept.")
    for (name, buffer) in learner.ownBuffers {
      guard let found = kept[name], found.shape == buffer.tensor.shape else {
        throw LearningError.checkpoint(
          path: source, reason: "its \"\(name)\" is missing or has another shape")
      }
    }
    // The optimizer's state and the model's tensors are each checked whole before anything of them changes; the
    // model comes last, and the optimizer is put back if it is refused.
    let savedOptimizer = includingOptimizer ? part("optimizer.") : [:]
    let optimizer = learner.optimizer
    let previous = try optimizer?.state(for: learner.learnedParameters)
    if let optimizer, !savedOptimizer.isEmpty {
      try optimizer.load(state: savedOptimizer, for: learner.learnedParameters)
    }
    do { try learner.model.load(part("model.")) } catch {
      if let optimizer, let previous {
        try optimizer.load(state: previous, for: learner.learnedParameters)
      }
      throw error
    }
    for (name, parameter) in own {
      if let found = learned[name] { try parameter.assign(Tensor(found.array.cast(to: parameter.dtype))) }
    }
    for (name, buffer) in learner.ownBuffers {
      if let found = kept[name] { buffer.tensor = try found.cast(to: buffer.tensor.dtype) }
    }
    learner.state.iteration = iteration
  }
}

extension Learner {
  /// What is learned besides the model's parameters.
  var ownLearnedParameters: NamedParameters {
    let modelNames = model.namedParameters()
    return learnedParameters.filter { modelNames[$0.key] == nil }
  }
}
