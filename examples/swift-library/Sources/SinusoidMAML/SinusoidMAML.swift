import Autograd
import Foundation
import MetaLearning
import NN

/// Meta-trains a model on sine curves (Finn, Abbeel and Levine 2017), and shows how it adapts to new ones.
@main
enum SinusoidMAML {
  static func main() throws {
    let curves = try Sinusoid(shots: 10, metaSplit: .train)
    let unseen = try Sinusoid(shots: 10, metaSplit: .test)
    let model = try MetaMLPModel(1, 1, hiddenSizes: [40, 40], seed: 1)
    let maml = try MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01)

    try compareWithByHand(maml, curves.batch(4))

    print("meta-update  query loss")
    try maml.train(curves.batches(of: 25), maxBatches: 2000) { outcome in
      if outcome.iteration % 250 == 0 { print(row(outcome.iteration, outcome.meanOuterLoss)) }
    }

    let measured = try maml.evaluate(unseen.batches(of: 25), maxBatches: 20, numAdaptationSteps: 5)
    print("\ninner step  query loss of \(measured.count) unseen tasks")
    for (step, loss) in measured.losses.enumerated() { print(row(step, loss)) }
    guard measured.losses[5] < 0.5 * measured.losses[0] else {
      throw Failure(what: "five steps did not halve the loss")
    }

    let waves = try MAML(WaveModel(width: 20, seed: 1), optimizer: Adam(lr: 0.01), stepSize: 0.01)
    try waves.train(curves.batches(of: 25), maxBatches: 500)
    let loss = try waves.evaluate(unseen.batches(of: 25), maxBatches: 20, numAdaptationSteps: 5).losses[5]
    print("\na model of one's own, after 500 meta-updates and 5 inner steps: \(String(format: "%.4f", loss))")
  }

  /// The built-in learner's meta-gradient is that of the loss written out.
  static func compareWithByHand(_ maml: MAML, _ batch: Batch) throws {
    let parameters = maml.model.namedParameters()
    let loss = try outerLoss(maml.model, batch, stepSize: 0.01, steps: 1)
    let byHand = try gradient(of: loss, wrt: Array(parameters.values))
    let builtIn = try maml.outerLoss(batch).gradients
    var largest = 0.0
    for (name, gradient) in zip(parameters.keys, byHand.values) {
      guard let other = builtIn[name] else { throw Failure(what: "\(name) has no meta-gradient") }
      largest = max(largest, try abs(gradient - other).max().item())
    }
    print("largest difference from the meta-gradient by hand: \(String(format: "%.1e", largest))\n")
    guard largest < 1e-4 else { throw Failure(what: "the meta-gradients differ") }
  }

  static func row(_ number: Int, _ loss: Double) -> String { String(format: "%11d  %10.4f", number, loss) }
}

struct Failure: Error, CustomStringConvertible {
  let what: String
  var description: String { what }
}
