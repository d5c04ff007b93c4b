import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

private func learner(
  optimizer: Optimizer? = nil, steps: Int = 1, learnStepSize: Bool = false, perParamStepSize: Bool = false,
  seed: UInt64 = 0
) throws -> MAML {
  try MAML(
    modelMLPSinusoid(hiddenSizes: [16], seed: seed), optimizer: optimizer, stepSize: 0.01,
    numAdaptationSteps: steps, learnStepSize: learnStepSize, perParamStepSize: perParamStepSize)
}

private func numbers(_ learner: some Learner) throws -> [[Double]] {
  try learner.learnedParameters.values.map { try $0.tensor.toDoubles() }
}

@Suite("MAML")
struct LearnerTests {
  @Test("zero steps evaluate the model itself and give the gradient of joint training")
  func zeroSteps() throws {
    let maml = try learner(steps: 0)
    let task = try Sinusoid(seed: 1)[4]
    let test = try #require(task.test)
    let adapted = try maml.adapt(task)
    #expect(adapted.innerLosses.isEmpty && adapted.accuracyBefore == nil)
    #expect(
      try adapted.params["classifier.bias"]?.toDoubles()
        == maml.model.namedParameters()["classifier.bias"]?.tensor.toDoubles())
    let outer = try maml.outerLoss(Batch([task]))
    let loss = try mse(maml.model(test.inputs), test.targets)
    #expect(try outer.meanOuterLoss == loss.item())
    let joint = try gradient(of: loss, wrt: Array(maml.learnedParameters.values))
    #expect(try zip(outer.gradients.values, joint.values).allSatisfy { try $0.toDoubles() == $1.toDoubles() })
    #expect(outer.innerLosses.isEmpty && outer.accuraciesBefore == nil)
    #expect(try adapted.table.testLosses == [loss.item()])
  }

  @Test("an adaptation's table has the losses of both sets before the first step and after each")
  func table() throws {
    let maml = try learner()
    let task = try Sinusoid(seed: 1)[4]
    let adapted = try maml.adapt(task, numAdaptationSteps: 3)
    let test = try #require(task.test)
    let expected = try mse(maml.model(test.inputs, params: adapted.params), test.targets).item()
    // The table is of the time of the adaptation, even if the model is trained before it is asked for.
    try maml.model.namedParameters()["classifier.bias"]?.assign(Tensor([9], shape: [1], dtype: .float32))
    let table = try adapted.table
    #expect(table.steps == [0, 1, 2, 3])
    #expect(Array(table.trainLosses.prefix(3)) == adapted.innerLosses)
    #expect(table.trainLosses[3] < table.trainLosses[0])
    #expect(table.testLosses?.count == 4 && table.testLosses?.last == expected)
    #expect(table.trainAccuracies == nil && table.testAccuracies == nil)
    let inputs = try maml.adapt(task.train.inputs, task.train.targets)
    #expect(try inputs.table.testLosses == nil)
  }

  @Test("patterns choose what is adapted; all is learned")
  func patterns() throws {
    let model = try modelMLPSinusoid(seed: 1)
    let anil = try ANIL(model)
    let task = try Sinusoid()[0]
    #expect(Array(try anil.adapt(task).params.keys) == ["classifier.weight", "classifier.bias"])
    #expect(try anil.outerLoss(Batch([task])).gradients.count == 6)
    #expect(try MAML(model, adapting: ["*.layer2.*", "*bias"]).adapt(task).params.count == 4)
    let error = #expect(throws: LearningError.self) { try MAML(model, adapting: ["head.*"]) }
    #expect(error?.description.contains("classifier.weight") ?? false)
    #expect(throws: LearningError.self) { try MAML(Linear(1, 1)) }
  }

  @Test("plain modules are learned and never adapted")
  func plain() throws {
    let model = try MetaSequential(Linear(1, 4), Tanh(), MetaLinear(4, 1))
    let maml = try MAML(model)
    let task = try Sinusoid()[0]
    #expect(Array(try maml.adapt(task).params.keys) == ["2.weight", "2.bias"])
    let gradients = try maml.outerLoss(Batch([task])).gradients
    #expect(try #require(gradients["0.weight"]).toDoubles().contains { $0 != 0 })
  }

  @Test("the meta-gradient of learned step sizes agrees with finite differences", arguments: [false, true])
  func learnedRates(perParam: Bool) throws {
    let maml = try MAML(
      modelMLPSinusoid(hiddenSizes: [6], seed: 2, dtype: .float64), stepSize: 0.05, numAdaptationSteps: 2,
      learnStepSize: true, perParamStepSize: perParam)
    let batch = try Sinusoid(seed: 4, dtype: .float64).batch(3)
    let gradients = try maml.outerLoss(batch).gradients
    let names = maml.learnedParameters.keys.filter { $0.hasPrefix("stepSize") }
    #expect(names.count == (perParam ? 4 : 1))
    for name in names {
      let rate = try #require(maml.learnedParameters[name])
      let start = rate.tensor
      func loss(_ change: Double) throws -> Double {
        try rate.assign(start + change)
        defer { try? rate.assign(start) }
        return try maml.outerLoss(batch).meanOuterLoss
      }
      let slope = try (loss(1e-5) - loss(-1e-5)) / 2e-5
      let found = try #require(gradients[name]).item()
      #expect(abs(found - slope) <= 1e-6 * max(1, abs(slope)), "\(name)")
    }
  }

  @Test("training goes on where it was: one call or two give the same")
  func resuming() throws {
    let tasks = try Sinusoid(seed: 5).batches(of: 4)
    let once = try learner(optimizer: Adam(), learnStepSize: true)
    let whole = try once.train(tasks, maxBatches: 6)
    let twice = try learner(optimizer: Adam(), learnStepSize: true)
    let first = try twice.train(tasks, maxBatches: 2)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try twice.save(path: path)
    let second = try twice.train(tasks, maxBatches: 4)
    #expect(twice.iteration == 6 && twice.history.count == 6)
    #expect(second.firstIteration == 2 && first.losses + second.losses == whole.losses)
    #expect(try numbers(once) == numbers(twice))
    let loaded = try learner(optimizer: Adam(), learnStepSize: true, seed: 9)
    try loaded.load(path: path)
    #expect(loaded.iteration == 2)
    try loaded.train(tasks, maxBatches: 4)
    #expect(try numbers(loaded) == numbers(once))
    #expect(loaded.history == once.history)
    let other = try FOMAML(modelMLPSinusoid())
    #expect(throws: LearningError.self) { try other.load(path: path) }
  }

  @Test("the iterator updates before its body runs and reports what was before")
  func iterator() throws {
    let maml = try learner(optimizer: SGD(lr: 0.1))
    let tasks = try Sinusoid(seed: 5).batches(of: 4)
    let before = try maml.outerLoss(#require(try tasks.batch(at: 0)))
    let start = try numbers(maml)
    let steps = maml.trainIter(tasks, maxBatches: 1)
    let result = try #require(try steps.next())
    #expect(maml.iteration == 1)
    #expect(result.meanOuterLoss == before.meanOuterLoss && !result.loss.isRecorded)
    let gradients = try result.gradients.values.map { try $0.toDoubles() }
    let expected = zip(start, gradients).map { zip($0, $1).map { $0 - 0.1 * $1 } }
    #expect(largestDifference(try numbers(maml).flatMap { $0 }, expected.flatMap { $0 }) < 1e-6)
    #expect(try steps.next() == nil)
    #expect(try maml.train(tasks.prefix(3)).count == 2)
    #expect(throws: LearningError.self) { try learner().train(tasks) }
  }

  @Test("the learner copies its optimizer")
  func ownOptimizer() throws {
    let adam = try Adam()
    let maml = try learner(optimizer: adam)
    try maml.train(Sinusoid().batches(of: 2), maxBatches: 2)
    #expect(adam.stepCount == 0 && maml.optimizer?.stepCount == 2)
  }

  @Test("an interrupt anywhere in a step keeps the last whole step")
  func wholeSteps() throws {
    let interrupt = TensorError("matmul", .cancelled)
    // The calls of a step: two of the loss; the first step uses 2, so call 3 and 4 are in the second.
    for failing in [3, 4] {
      var calls = 0
      let model = try modelMLPSinusoid(seed: 1)
      let maml = try MAML(
        model, optimizer: Adam(),
        lossFunction: .custom { prediction, target in
          calls += 1
          if calls == failing { throw interrupt }
          return try mse(prediction, target)
        })
      maml.strategy = .batched
      let tasks = try Sinusoid().batches(of: 3)
      #expect(throws: interrupt) { try maml.train(tasks, maxBatches: 5) }
      let reference = try MAML(modelMLPSinusoid(seed: 1), optimizer: Adam())
      reference.strategy = .batched
      try reference.train(tasks, maxBatches: 1)
      #expect(try numbers(maml) == numbers(reference))
      #expect(maml.iteration == 1 && maml.history == reference.history)
      #expect(maml.optimizer?.stepCount == 1)
      // And it goes on as if nothing had happened.
      try maml.train(tasks, maxBatches: 1)
      try reference.train(tasks, maxBatches: 1)
      #expect(try numbers(maml) == numbers(reference))
    }
  }

  @Test("an evaluation changes nothing and agrees with adapting each task")
  func evaluation() throws {
    let maml = try learner(optimizer: Adam(), learnStepSize: true)
    let tasks = try Sinusoid(metaSplit: .test, seed: 2)
    let before = try numbers(maml)
    let result = try maml.evaluate(tasks.batches(of: 5), maxBatches: 2, numAdaptationSteps: 3)
    #expect(result.count == 10 && result.losses.count == 4 && result.accuracies == nil)
    #expect(maml.model.isTraining && maml.iteration == 0)
    #expect(try numbers(maml) == before)
    let single = try (0..<10).map {
      try #require(maml.adapt(tasks[$0], numAdaptationSteps: 3).table.testLosses)
    }
    for step in 0...3 {
      let values = single.map { $0[step] }
      let mean = values.reduce(0, +) / 10
      #expect(abs(result.losses[step] - mean) < 1e-5 * max(1, mean))
      let s = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 9).squareRoot()
      #expect(abs(result.lossCI[step] - 1.96 * s / 10.0.squareRoot()) < 1e-4)
    }
    #expect(throws: LearningError.self) { try maml.evaluate([Batch]()) }
    // The derivative's order is as before.
    let batch = try tasks.batch(2)
    #expect(
      try maml.outerLoss(batch).gradients["classifier.weight"]?.toDoubles()
        != maml.outerLoss(batch, firstOrder: true).gradients["classifier.weight"]?.toDoubles())
  }

  @Test("classification reports accuracies on both sets")
  func accuracies() throws {
    let x = try Tensor([3, 0, 0, 3, -3, -3], shape: [3, 2], dtype: .float32)
    let y = try Tensor([0, 1, 1] as [Int], shape: [3])
    let model = try MetaSequential(MetaLinear(2, 2))
    try model.load([
      "0.weight": Tensor.eye(2), "0.bias": Tensor.zeros([2]),
    ])
    let maml = try MAML(model, stepSize: 0.5)
    let task = try Task(train: (x, y), test: (x, y))
    let outer = try maml.outerLoss(Batch([task, task]))
    #expect(largestDifference(outer.accuraciesBefore ?? [], [2.0 / 3, 2.0 / 3]) < 1e-6)
    #expect(outer.accuraciesAfter?.count == 2)
    let adapted = try maml.adapt(task)
    #expect(abs((adapted.accuracyBefore ?? 0) - 2.0 / 3) < 1e-6)
    #expect(try adapted.table.testAccuracies?.count == 2)
    let evaluation = try maml.evaluate([Batch([task, task])], maxBatches: 1)
    #expect(evaluation.accuracies?.count == 2)
  }

  @Test("meta-training on sinusoids makes adaptation work")
  func sinusoid() throws {
    let maml = try MAML(modelMLPSinusoid(seed: 0), optimizer: Adam(lr: 0.003), stepSize: 0.01)
    let test = try Sinusoid(metaSplit: .test, seed: 0).batches(of: 100)
    let before = try maml.evaluate(test, maxBatches: 1, numAdaptationSteps: 5)
    let history = try maml.train(Sinusoid(seed: 0).batches(of: 10), maxBatches: 400)
    let after = try maml.evaluate(test, maxBatches: 1, numAdaptationSteps: 5)
    #expect(history.count == 400 && history.losses.allSatisfy(\.isFinite))
    #expect(after.losses[5] < 0.6 * before.losses[5])
    #expect(after.losses[5] < 0.7 * after.losses[0])
  }
}
