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
  ///   - body: gets the leaves and the samples.
  func withRecorded<R>(
    _ tensors: [Tensor], _ body: (_ leaves: [Tensor], _ samples: ArraySlice<Tensor>) throws -> R
  ) rethrows -> R {
    let leaves = tensors.prefix(learned.count).map { $0.asRecorded() }
    let parameters = parameters
    let count = parameters.count
    return try withReplacedParameters(Array(zip(parameters, leaves + tensors[learned.count..<count]))) {
      try body(leaves, tensors.dropFirst(count))
    }
  }
}
