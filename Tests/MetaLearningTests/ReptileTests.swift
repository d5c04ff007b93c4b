import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Reptile")
struct ReptileTests {
  private func learner(_ optimizer: Optimizer?) throws -> Reptile {
    try Reptile(
      modelMLPSinusoid(hiddenSizes: [8]).to(.float64), optimizer: optimizer, stepSize: 0.02,
      numAdaptationSteps: 3)
  }

  private func tasks() throws -> Batch {
    try Batch(
      (0..<4).map { index in
        let task = try Sinusoid(seed: 1)[index]
        let test = try #require(task.test)
        func exact(_ samples: Samples) throws -> (Tensor, Tensor) {
          (try samples.inputs.cast(to: .float64), try samples.targets.cast(to: .float64))
        }
        return try Task(train: exact(task.train), test: exact(test))
      })
  }

  @Test("a step moves the parameters by ε of the mean way to the adapted ones")
  func update() throws {
    let reptile = try learner(SGD(lr: 0.3))
    let batch = try tasks()
    let before = reptile.model.stateDictionary()
    let adapted = try batch.tasks.map { try reptile.adapt($0).params }
    try reptile.train([batch], maxBatches: 1)
    for (name, start) in before {
      let ends = try adapted.map { try #require($0[name]) }
      let mean = try ends.dropFirst().reduce(ends[0].detach()) { try $0 + $1.detach() } / 4
      let expected = try start + (mean - start) * 0.3
      #expect(try isClose(#require(reptile.model.stateDictionary()[name]), expected.toDoubles()), "\(name)")
    }
  }

  @Test("the outer loss has the value of the loss on the test sets and the way back as its gradient")
  func outerLoss() throws {
    let reptile = try learner(nil)
    let batch = try tasks()
    let outer = try reptile.outerLoss(batch)
    #expect(try abs(outer.loss.item() - outer.meanOuterLoss) < 1e-9)
    let adapted = try batch.tasks.map { try reptile.adapt($0).params }
    for (name, start) in reptile.model.stateDictionary() {
      let ends = try adapted.map { try #require($0[name]).detach() }
      let way = try start - ends.dropFirst().reduce(ends[0]) { try $0 + $1 } / 4
      #expect(try isClose(#require(outer.gradients[name]), way.toDoubles()), "\(name)")
    }
  }

  @Test("tasks together and one by one give the same")
  func strategies() throws {
    let batch = try tasks()
    let results = try [Strategy.batched, .chunked(3), .looped].map { strategy in
      let reptile = try learner(SGD(lr: 0.3))
      reptile.strategy = strategy
      try reptile.train([batch, batch], maxBatches: 4)
      return try reptile.model.stateDictionary().values.flatMap { try $0.toDoubles() }
        + reptile.history.losses
    }
    for other in results.dropFirst() { #expect(largestDifference(results[0], other) < 1e-12) }
  }

  @Test("it learns sine curves")
  func learns() throws {
    let reptile = try Reptile(
      modelMLPSinusoid(), optimizer: Adam(lr: 0.005), stepSize: 0.02, numAdaptationSteps: 5)
    let tests = try Sinusoid(metaSplit: .test, seed: 1)
    let before = try reptile.evaluate(tests.batches(of: 25), maxBatches: 4)
    try reptile.train(Sinusoid(seed: 0).batches(of: 10), maxBatches: 600)
    let after = try reptile.evaluate(tests.batches(of: 25), maxBatches: 4)
    #expect(try #require(after.losses.last) < 0.7 * #require(before.losses.last))
  }
}
