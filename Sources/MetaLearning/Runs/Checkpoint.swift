import ArrayCore
import Autograd
import NN
import OrderedCollections

extension Learner {
  /// Writes the parameters, what the learner learns and keeps itself (step sizes, statistics), the optimizer's state, the
  /// iteration and the history to one safetensors file, atomically.
  public func save(path: String) throws {
    var tensors = try LearnerState(of: self).tensors
    var lists = ["history.losses": history.losses, "history.accuracies": history.accuracies]
    tensors["iteration"] = try Tensor([iteration], shape: [])
    tensors["history.first"] = try Tensor([history.firstIteration], shape: [])
    if !validations.isEmpty {
      lists["validation.iterations"] = validations.map { Double($0.iteration) }
      lists["validation.losses"] = validations.map(\.score.loss)
      lists["validation.accuracies"] = validations.compactMap(\.score.accuracy)
    }
    try saveTensors(tensors, lists: lists, path, metadata: ["learner": String(describing: type(of: self))])
  }

  /// Takes over what ``save(path:)`` wrote, so that training goes on where it was. Refuses files of another learner
  /// or model.
  public func load(path: String) throws { try Checkpoint(path: path, of: self).restore(self) }
}

/// What ``Learner/save(path:)`` wrote, read and not yet taken over.
struct Checkpoint {
  let path: String
  private let state: LearnerState
  private let history: History
  private let validations: [Validation]

  var iteration: Int { state.iteration }

  /// - Throws: ``LearningError/checkpoint(path:reason:)`` when it is no whole checkpoint of such a learner.
  init(path: String, of learner: some Learner) throws {
    let (tensors, metadata) = try loadTensorsWithMetadata(path)
    func refuse(_ reason: String) -> LearningError { .checkpoint(path: path, reason: reason) }
    let own = String(describing: type(of: learner))
    guard metadata["learner"] == own else {
      throw refuse("it is no checkpoint of \(own), but of \(metadata["learner"] ?? "no learner")")
    }
    func count(_ name: String) throws -> Int {
      guard let tensor = tensors[name], tensor.shape.isEmpty, tensor.dtype == .int64,
        let value = try tensor.toInts().first, value >= 0
      else { throw refuse("its \"\(name)\" is missing or no count") }
      return value
    }
    func numbers(_ name: String, isNeeded: Bool = true) throws -> [Double] {
      guard let tensor = tensors[name], tensor.rank == 1 else {
        guard isNeeded else { return [] }
        throw refuse("its \"\(name)\" is missing")
      }
      return try tensor.toDoubles()
    }
    self.path = path
    state = LearnerState(iteration: try count("iteration"), tensors: tensors)
    history = History(
      firstIteration: try count("history.first"), losses: try numbers("history.losses"),
      accuracies: try numbers("history.accuracies"))
    let iterations = try numbers("validation.iterations", isNeeded: false)
    let losses = try numbers("validation.losses", isNeeded: false)
    let accuracies = try numbers("validation.accuracies", isNeeded: false)
    guard losses.count == iterations.count, accuracies.isEmpty || accuracies.count == losses.count,
      iterations.allSatisfy({ (0...Double(1 << 53)).contains($0) })
    else { throw refuse("its validations are incomplete") }
    validations = iterations.indices.map {
      Validation(
        iteration: Int(iterations[$0]),
        score: Score(loss: losses[$0], accuracy: accuracies.isEmpty ? nil : accuracies[$0]))
    }
  }

  /// Gives all of it to the learner. When it throws, nothing has changed.
  func restore(_ learner: some Learner) throws {
    try state.restore(learner, from: path)
    learner.state.history = history
    learner.state.validations = validations
    learner.state.trail = Trail()
  }
}
