import Autograd
import NN

/// What a training step is computed from, besides its samples.
struct StepInputs {
  let learned: [Parameter]
  /// What is frozen, and constants that change from iteration to iteration, with their values.
  let constants: [(Parameter, Tensor)]

  init(of learner: some Learner, scheduled: [(Parameter, Tensor)] = []) {
    learned = Array(learner.learnedParameters.values)
    constants = learner.model.frozenParameters.values.map { ($0, $0.value) } + scheduled
  }

  var parameters: [Parameter] { learned + constants.map(\.0) }
  var values: [Tensor] { learned.map(\.tensor) + constants.map(\.1) }

  /// What a captured step depends on besides tensors.
  func setting(phase: Int = 0) -> Setting {
    Setting(phase: phase, learned: learned.map(ObjectIdentifier.init))
  }

  struct Setting: Hashable {
    let phase: Int
    let learned: [ObjectIdentifier]
  }

  /// Runs `body` with given values in the parameters' place, those that are learned as leaves of a graph.
  ///
  /// - Parameters:
  ///   - tensors: in the order of ``values``, and then the samples.
  ///   - perTask: whether samples of several tasks make the values each task's own, so that a gradient is not yet summed
  ///     over tasks and no product of matrices spans several of them.
  ///   - body: gets the leaves and the samples.
  func withRecorded<R>(
    _ tensors: [Tensor], perTask: Bool = false,
    _ body: (_ leaves: [Tensor], _ samples: ArraySlice<Tensor>) throws -> R
  ) throws -> R {
    let parameters = parameters
    let count = parameters.count
    let samples = tensors.dropFirst(count)
    var values = Array(tensors.prefix(count))
    if perTask, let tasks = samples.first?.taskCount { values = try values.map { try $0.ownOfTasks(tasks) } }
    let leaves = values.prefix(learned.count).map { $0.asRecorded() }
    return try withReplacedParameters(Array(zip(parameters, leaves + values[learned.count...]))) {
      try body(leaves, samples)
    }
  }
}

extension Tensor {
  /// A copy for each task. One copy for all would let a product of matrices take the rows of all tasks at once, and how
  /// many there are would be seen in its last bits.
  fileprivate func ownOfTasks(_ count: Int) throws -> Tensor {
    let shared = try withTasks(count)
    return Tensor(try shared.array.copied(), hasTasks: true)
  }
}
