import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("The meta-gradient, taken apart and checked")
struct MetaGradientTests {
  private func model() throws -> Module {
    try MetaSequential(MetaLinear(4, 5, seed: 1), MetaBatchNorm1d(5), Tanh(), MetaLinear(5, 3, seed: 2))
  }

  static let learners: [@Sendable (Module) throws -> MAML] = [
    { try MAML($0, stepSize: 0.3, numAdaptationSteps: 3) },
    { try MAML($0, stepSize: 0.1, numAdaptationSteps: 2, innerOptimizer: .momentum(0.9)) },
    { try MetaSGD($0, initStepSize: 0.3, numAdaptationSteps: 2) },
    { try ANIL($0, stepSize: 0.3, numAdaptationSteps: 2, adapting: ["3.*"]) },
    { try MAMLPlusPlus($0, stepSize: 0.2, numAdaptationSteps: 2) },
  ]

  @Test("agrees with central differences, learned rates included", arguments: learners.indices)
  func check(_ place: Int) throws {
    let learner = try Self.learners[place](model())
    let found = try MetaGradient(learner, fifteenClasses().batch(3))
    let checks = try found.check(elements: 4)
    #expect(checks.map(\.name) == Array(learner.learnedParameters.keys))
    for check in checks { #expect(check.largestDifference < 1e-6, "\(check.name)") }
    // The learner's own numbers have not changed, and its gradient in float32 is this one.
    #expect(
      learner.model.namedParameters().values.allSatisfy { $0.dtype == .float32 && $0.replacement == nil })
    let outer = try learner.outerLoss(fifteenClasses().batch(3))
    for (name, gradient) in try outer.gradients {
      let exact = try #require(found.gradients[name])
      #expect(try isClose(gradient, exact.toDoubles(), 1e-3), "\(name)")
    }
  }

  @Test("of first order it differs from the slope by the second-order rest")
  func firstOrder() throws {
    let batch = try fifteenClasses().batch(2)
    let found = try MetaGradient(FOMAML(model(), stepSize: 0.3, numAdaptationSteps: 2), batch)
    let whole = try MetaGradient(MAML(model(), stepSize: 0.3, numAdaptationSteps: 2), batch)
    #expect(try found.check(elements: 4).map(\.largestDifference).max() ?? 0 > 1e-3)
    for (name, gradient) in whole.gradients {
      let (first, rest) = (try #require(found.gradients[name]), try #require(found.secondOrder[name]))
      #expect(try isClose(first + rest, gradient.toDoubles(), 1e-12), "\(name)")
      #expect(try isClose(first, #require(whole.firstOrder[name]).toDoubles(), 1e-12), "\(name)")
    }
    let all = try #require(try whole.parts.last)
    #expect(all.name == "all" && all.secondOrderNorm > 0 && (all.angle ?? 0) > 0)
    // Without inner steps there is nothing of second order.
    let plain = try MetaGradient(MAML(model(), stepSize: 0.3, numAdaptationSteps: 0), batch)
    #expect(try plain.parts.allSatisfy { $0.secondOrderNorm == 0 && ($0.angle ?? 0) < 1e-5 })
  }

  @Test("is refused where a learner does not go through its steps, and leaves frozen parameters out")
  func refused() throws {
    let batch = try fifteenClasses().batch(2)
    #expect(throws: LearningError.self) { try MetaGradient(Reptile(model()), batch) }
    #expect(throws: LearningError.self) { try MetaGradient(IMAML(model()), batch) }
    let frozen = try model()
    try frozen.freeze(["0.*"])
    let found = try MetaGradient(MAML(frozen, stepSize: 0.3), batch)
    #expect(found.gradients.keys == frozen.trainableParameters.keys)
    #expect(try found.check(elements: 3).allSatisfy { $0.largestDifference < 1e-6 })
    #expect(throws: LearningError.self) { try found.check(step: 0) }
  }
}
