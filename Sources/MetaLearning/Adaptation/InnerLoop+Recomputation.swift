import ArrayCore
import Autograd
import NN

extension InnerLoop {
  /// A step of which only the values before it are kept. Its graph is made again, and let go, when the outer gradient
  /// comes to it: the memory of k steps is that of one, and of k times the adapted parameters.
  func recomputedStep(
    _ group: TaskGroup, _ values: [Tensor], _ step: Int, in scope: ForwardScope
  ) throws -> Step {
    let adapted = Set(parameters.map(ObjectIdentifier.init))
    let others =
      model.parameterEntries().map(\.parameter).filter { !adapted.contains(ObjectIdentifier($0)) }
      + stepTables.map(\.table)
    let rates = rates(at: step)
    let learnedRates = rates.compactMap(\.tensor)
    let round = Place(values: values.count, others: others.count)
    var first: Step?
    let next = try markingInnerStep {
      try checkpoint(values + others.map(\.value) + learnedRates) { inputs, isRecorded in
        let own = inputs[round.values].map { $0.asRecorded() }
        var ownRates = inputs[round.rates...]
        let rates = rates.map { rate in rate.tensor == nil ? rate : .tensor(ownRates.removeFirst()) }
        return try withReplacedParameters(Array(zip(others, inputs[round.others]))) {
          let next = try self.step(group, own, rates, step, in: scope, firstOrder: !isRecorded)
          if first == nil { first = next }
          return next.values
        }
      }
    }
    guard var result = first else { throw LearningError.noBatches }
    result.values = next
    return result
  }

  /// Where the inputs of a step stand.
  private struct Place {
    let values: Range<Int>
    let others: Range<Int>
    var rates: Int { others.upperBound }

    init(values: Int, others: Int) {
      self.values = 0..<values
      self.others = values..<values + others
    }
  }
}
