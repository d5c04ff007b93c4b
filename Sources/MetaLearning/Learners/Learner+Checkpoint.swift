import ArrayCore
import Autograd
import NN
import OrderedCollections

extension Learner {
  /// Writes the parameters, what the learner learns itself (step sizes), the optimizer's state, the iteration and
  /// the history to one safetensors file, atomically.
  public func save(path: String) throws {
    var tensors: NamedTensors = [:]
    for (name, tensor) in model.stateDictionary() { tensors["model.\(name)"] = tensor }
    for (name, parameter) in ownLearnedParameters { tensors["learned.\(name)"] = parameter.tensor.detach() }
    if let optimizer {
      for (name, tensor) in try optimizer.state(for: learnedParameters) {
        tensors["optimizer.\(name)"] = tensor
      }
    }
    tensors["iteration"] = try Tensor([iteration], shape: [])
    let history = self.history
    tensors["history.first"] = try Tensor([history.firstIteration], shape: [])
    tensors["history.losses"] = try Tensor(history.losses, shape: [history.losses.count], dtype: .float64)
    tensors["history.accuracies"] = try Tensor(
      history.accuracies, shape: [history.accuracies.count], dtype: .float64)
    try saveTensors(tensors, path, metadata: ["learner": String(describing: type(of: self))])
  }

  /// Takes over what ``save(path:)`` wrote, so that training goes on where it was. Refuses files of another learner
  /// or model.
  public func load(path: String) throws {
    let (tensors, metadata) = try loadTensorsWithMetadata(path)
    func refuse(_ reason: String) -> LearningError { .checkpoint(path: path, reason: reason) }
    let own = String(describing: type(of: self))
    guard metadata["learner"] == own else {
      throw refuse("it is no checkpoint of \(own), but of \(metadata["learner"] ?? "no learner")")
    }
    func part(_ prefix: String) -> NamedTensors {
      var result: NamedTensors = [:]
      for (name, tensor) in tensors where name.hasPrefix(prefix) {
        result[String(name.dropFirst(prefix.count))] = tensor
      }
      return result
    }
    func count(_ name: String) throws -> Int {
      guard let tensor = tensors[name], tensor.shape.isEmpty, tensor.dtype == .int64,
        let value = try tensor.toInts().first, value >= 0
      else { throw refuse("its \"\(name)\" is missing or no count") }
      return value
    }
    func numbers(_ name: String) throws -> [Double] {
      guard let tensor = tensors[name], tensor.rank == 1 else { throw refuse("its \"\(name)\" is missing") }
      return try tensor.toDoubles()
    }
    let iteration = try count("iteration")
    let history = History(
      firstIteration: try count("history.first"), losses: try numbers("history.losses"),
      accuracies: try numbers("history.accuracies"))
    let learned = part("learned.")
    let mine = ownLearnedParameters
    for (name, parameter) in mine {
      guard let found = learned[name], found.shape == parameter.shape else {
        throw refuse("its learned \"\(name)\" is missing or has another shape")
      }
    }
    // The optimizer's state and the model's tensors are each checked whole before anything of them changes; the
    // model comes last, and the optimizer is put back if it is refused.
    let savedOptimizer = part("optimizer.")
    let previous = try optimizer?.state(for: learnedParameters)
    if let optimizer, !savedOptimizer.isEmpty {
      try optimizer.load(state: savedOptimizer, for: learnedParameters)
    }
    do { try model.load(part("model.")) } catch {
      if let optimizer, let previous { try optimizer.load(state: previous, for: learnedParameters) }
      throw error
    }
    for (name, parameter) in mine {
      if let found = learned[name] { try parameter.assign(Tensor(found.array.cast(to: parameter.dtype))) }
    }
    state.iteration = iteration
    state.history = history
  }

  /// What is learned besides the model's parameters.
  private var ownLearnedParameters: NamedParameters {
    let modelNames = model.namedParameters()
    return learnedParameters.filter { modelNames[$0.key] == nil }
  }
}
