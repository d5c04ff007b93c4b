import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

/// y = x w: its losses are quadratic, so that all of this can be worked out.
@Suite("Implicit MAML")
struct IMAMLTests {
  private func task(_ number: UInt64, _ dtype: DType = .float64) throws -> Task {
    func samples(_ count: Int, _ stream: UInt64) throws -> (Tensor, Tensor) {
      let x = try Tensor(NDArray.normal([count, 3], key: RandomKey(seed: number, stream: stream), dtype))
      let w = try Tensor(NDArray.normal([3, 1], key: RandomKey(seed: number, stream: 9), dtype))
      return (x, try matmul(x, w))
    }
    return try Task(train: samples(6, 1), test: samples(5, 2))
  }

  private func model() throws -> Module {
    try MetaSequential([MetaLinear(3, 1, bias: false, seed: 2)]).to(.float64)
  }

  private func learner(steps: Int = 400) throws -> IMAML {
    try IMAML(
      model(), optimizer: Adam(lr: 0.05), stepSize: 0.1, numAdaptationSteps: steps, lambda: 0.5,
      conjugateSteps: 3)
  }

  @Test("adaptation finds the least of the loss that is held at the start")
  func innerLoop() throws {
    let imaml = try learner()
    let task = try task(1)
    let start = try #require(imaml.model.namedParameters().values.first).tensor
    let end = try #require(imaml.adapt(task).params.values.first).detach()
    let leaf = try Parameter(end)
    let loss =
      try mse(linear(task.train.inputs, leaf.value), task.train.targets) + square(leaf.value - start).sum()
      * 0.25
    #expect(try gradient(of: loss, wrt: [leaf])[0].norm().item() < 1e-8)
  }

  @Test("the meta-gradient is the slope of the outer loss where the inner loop has converged")
  func metaGradient() throws {
    let imaml = try learner()
    let batch = try Batch([task(1), task(2)])
    let outer = try imaml.outerLoss(batch)
    #expect(try abs(outer.loss.item() - outer.meanOuterLoss) < 1e-9)
    let found = try #require(outer.gradients.values.first)
    let parameter = try #require(imaml.model.namedParameters().values.first)
    let start = parameter.tensor
    for index in 0..<3 {
      func shifted(_ size: Double) throws -> Double {
        var values = try start.toDoubles()
        values[index] += size
        try parameter.assign(Tensor(values, shape: start.shape, dtype: .float64))
        return try imaml.outerLoss(batch).meanOuterLoss
      }
      let slope = try (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      try parameter.assign(start)
      #expect(try abs(found.toDoubles()[index] - slope) < 1e-6)
    }
  }

  @Test("tasks together and one by one train the same, and training lowers the loss")
  func training() throws {
    let batches = try (0..<30).map { batch in
      try Batch((0..<3).map { try task(UInt64(3 * batch + $0)) })
    }
    let results = try [Strategy.batched, .looped].map { strategy in
      let imaml = try learner(steps: 8)
      imaml.strategy = strategy
      try imaml.train(batches, maxBatches: 30)
      return imaml.history.losses
    }
    #expect(largestDifference(results[0], results[1]) < 1e-9)
    #expect(throws: LearningError.self) { try IMAML(model(), lambda: 0) }
  }

  @Test("where the inner loss bends down more than λ holds it, a task keeps the slope at the end")
  func negativeCurvature() throws {
    let imaml = try IMAML(
      model(), stepSize: 0.01, numAdaptationSteps: 2, lambda: 0.5,
      lossFunction: .custom { prediction, _ in try square(prediction).sum() * -100 })
    let adapted = try imaml.adapt(task(1)).params
    let end = try #require(adapted.values.first).detach().asRecorded()
    let test = try #require(try task(1).test)
    let slope = try gradient(of: square(linear(test.inputs, end)).sum() * -100, wrt: [end])[0]
    let found = try #require(try imaml.outerLoss(Batch([task(1)])).gradients.values.first)
    #expect(try zip(found.toDoubles(), slope.toDoubles()).allSatisfy { abs($0 - $1) <= 1e-9 * abs($1) })
  }
}
