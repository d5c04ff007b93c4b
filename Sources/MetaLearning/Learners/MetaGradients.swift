import Autograd
import NN
import OrderedCollections

/// The gradients of an outer loss, in the order of what is learned.
struct MetaGradients {
  let values: [Tensor]
  /// What the loss does not depend on; zeros there.
  let unreached: Set<Int>

  init(values: [Tensor], unreached: Set<Int>) {
    self.values = values
    self.unreached = unreached
  }

  init(_ gradients: Gradients) {
    self.init(values: gradients.values, unreached: Set(gradients.unreached))
  }

  /// By name. What is not reached is left out of an optimizer's step, as PyTorch does: momentum and weight decay
  /// would change it.
  func named(_ names: [String], reachedOnly: Bool = false) -> NamedTensors {
    var result: NamedTensors = [:]
    for (index, name) in names.enumerated() where !reachedOnly || !unreached.contains(index) {
      result[name] = values[index]
    }
    return result
  }
}
