import ArrayCore
import Autograd
import MetaLearning
import NN
import Testing

@Suite("Stepping through an inner loop")
struct StepperTests {
  private func model() throws -> Module {
    try MetaSequential(
      MetaLinear(4, 6, seed: 1), MetaBatchNorm1d(6, trackRunningStats: true), ReLU(), Dropout(0.2),
      MetaLinear(6, 3, seed: 2))
  }

  private func numbers(_ params: NamedTensors) throws -> [[Double]] {
    try params.values.map { try $0.toDoubles() }
  }

  static let learners: [(name: String, make: @Sendable (Module) throws -> MAML)] = [
    ("MAML", { try MAML($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 4) }),
    ("momentum", { try MAML($0, stepSize: 0.1, numAdaptationSteps: 4, innerOptimizer: .momentum(0.9)) }),
    (
      "Adam",
      {
        try MAML(
          $0, stepSize: 0.1, numAdaptationSteps: 4, innerOptimizer: .adam(beta1: 0.9, beta2: 0.999, eps: 1e-8)
        )
      }
    ),
    ("MetaSGD", { try MetaSGD($0, initStepSize: 0.1, numAdaptationSteps: 4) }),
    ("ANIL", { try ANIL($0, stepSize: 0.1, numAdaptationSteps: 4, adapting: ["4.*"]) }),
    ("IMAML", { try IMAML($0, stepSize: 0.1, numAdaptationSteps: 4) }),
    (
      "MAMLPlusPlus",
      {
        try MAMLPlusPlus($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 4, perStepStatistics: true)
      }
    ),
  ]

  @Test("its steps are those of adapt, bit for bit", arguments: learners.indices)
  func steps(_ place: Int) throws {
    let learner = try Self.learners[place].make(model())
    let task = try fifteenClasses()[7]
    let stepper = try Stepper(learner, task)
    let adapted = try learner.adapt(task)
    for step in 0..<4 {
      #expect(stepper.position == step)
      #expect(try stepper.loss == adapted.innerLosses[step])
      try stepper.step()
    }
    #expect(try numbers(stepper.params) == numbers(adapted.params))
    let (table, history) = (try adapted.table, try stepper.history)
    #expect(history.trainLosses == table.trainLosses && history.testLosses == table.testLosses)
    #expect(
      history.trainAccuracies == table.trainAccuracies && history.testAccuracies == table.testAccuracies)
  }

  @Test("going back and on again gives the same numbers, and the learner may change meanwhile")
  func back() throws {
    let model = try model()
    let learner = try MAML(model, optimizer: SGD(lr: 0.1), stepSize: 0.1, numAdaptationSteps: 2)
    let stepper = try Stepper(learner, fifteenClasses()[3])
    try stepper.step(5)
    let (end, gradients) = (try numbers(stepper.params), try numbers(stepper.gradients))
    try stepper.back(4)
    #expect(stepper.position == 1 && stepper.count == 6)
    try learner.train(fifteenClasses().batches(of: 2), maxBatches: 2)
    try stepper.go(to: 5)
    #expect(try numbers(stepper.params) == end)
    #expect(try numbers(stepper.gradients) == gradients)
    // Steps that have not been taken yet begin at the old parameters too.
    let before = try Stepper(MAML(self.model(), stepSize: 0.1, numAdaptationSteps: 2), fifteenClasses()[3])
    try before.step(6)
    try stepper.step()
    #expect(try numbers(stepper.params) == numbers(before.params))
    #expect(throws: LearningError.self) { try stepper.back(7) }
    #expect(stepper.position == 6)
  }

  @Test("a change counts from its step on, as if the loop had been run so from there")
  func changes() throws {
    let learner = try MAML(model(), stepSize: 0.1, numAdaptationSteps: 2)
    let (task, other) = (try fifteenClasses()[3], try fifteenClasses()[4])
    let stepper = try Stepper(learner, task)
    try stepper.step(4)
    try stepper.go(to: 2)
    let middle = try numbers(stepper.params)
    stepper.stepSize = 0.3
    #expect(stepper.count == 3)
    let (params, gradients) = (stepper.params, try stepper.gradients)
    try stepper.step()
    for (name, start) in params {
      let expected = try start.addScaled(try #require(gradients[name]), -0.3).toDoubles()
      #expect(try #require(stepper.params[name]).toDoubles() == expected, "\(name)")
    }
    #expect(stepper.stepSize == 0.3)
    try stepper.back()
    #expect(try numbers(stepper.params) == middle)
    stepper.task = other
    stepper.stepSize = nil
    try stepper.step()
    let changed = try numbers(stepper.params)
    // The same change at the start of another stepper gives the same.
    let again = try Stepper(learner, task)
    try again.step(2)
    again.task = other
    try again.step()
    #expect(try numbers(again.params) == changed)
    try again.back(2)
    #expect(again.task.train.inputs.array.shape == task.train.inputs.array.shape)
    #expect(try again.task.train.inputs.toDoubles() == task.train.inputs.toDoubles())
  }

  @Test("the history has the norm of the gradient and how far each parameter has moved")
  func history() throws {
    let learner = try MAML(
      MetaSequential(MetaLinear(1, 1, seed: 1)), stepSize: 0.1, numAdaptationSteps: 2)
    let task = try Sinusoid(shots: 5, seed: 2)[0]
    let stepper = try Stepper(learner, task)
    try stepper.step(3)
    let history = try stepper.history
    #expect(history.trainLosses.count == 4 && history.trainAccuracies.allSatisfy { $0 == nil })
    for place in 0..<4 {
      try stepper.go(to: place)
      let squares = try stepper.gradients.values.map { try square($0).sum().item() }
      #expect(abs(history.gradientNorms[place] - squares.reduce(0, +).squareRoot()) < 1e-6)
      for (name, distances) in history.distances {
        let start = try #require(learner.model.namedParameters()[name]).tensor
        let moved = try (#require(stepper.params[name]) - start).norm().item()
        #expect(abs(distances[place] - moved) < 1e-6, "\(name)")
      }
      let together = history.distances.values.map { $0[place] * $0[place] }.reduce(0, +)
      #expect(abs(history.distance[place] - together.squareRoot()) < 1e-12)
    }
    let inputs = try #require(task.test).inputs
    #expect(
      try stepper.prediction(for: inputs, at: 3).toDoubles() == #require(stepper.predictions.test).toDoubles()
    )
    #expect(throws: LearningError.self) { try stepper.prediction(for: inputs, at: 4) }
  }
}
