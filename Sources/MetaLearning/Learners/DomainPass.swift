import ArrayCore
import Autograd
import NN

/// The mean loss over domains: in one pass when their minibatches have equal shapes, one by one otherwise.
struct DomainPass {
  let model: Module
  let lossFunction: LossFunction?
  let round: Int

  func meanLoss(_ sets: [Samples], _ values: [(Parameter, Tensor)], number: Int) throws -> Tensor {
    if sets.count > 1, let stack = try stacked(sets) {
      do { return try loss(stack, values, number, first: 0).meanOverTasks() } catch let error
        where asksForTaskLoop(error)
      {}
    }
    var sum: Tensor?
    for (index, samples) in sets.enumerated() {
      let own = try loss(samples, values, number, first: index)
      sum = try sum.map { try $0 + own } ?? own
    }
    guard let sum else { throw LearningError.noBatches }
    return try sum / Double(sets.count)
  }

  /// - Parameters:
  ///   - number: of the pass within its iteration.
  ///   - first: the place of the samples' domain in the pass, of the first one where they are stacked.
  func loss(
    _ samples: Samples, _ values: [(Parameter, Tensor)], _ number: Int, first: Int
  ) throws -> Tensor {
    try Cancellation.check("MLDG")
    let scope = ForwardScope(
      .init(round: round, pass: number, firstTask: first, taskCount: samples.inputs.taskCount))
    return try ForwardScope.$current.withValue(scope) {
      let prediction = try withReplacedParameters(values) { try model(samples.inputs) }
      let loss = try (lossFunction ?? .standard(for: samples.targets))(prediction, samples.targets)
      guard loss.shape.elementCount == 1 else { throw LearningError.lossNotScalar(loss.shape) }
      let one = try loss.reshape([])
      guard let tasks = samples.inputs.taskCount, !one.hasTasks else { return one }
      return try one.withTasks(tasks)
    }
  }
}
