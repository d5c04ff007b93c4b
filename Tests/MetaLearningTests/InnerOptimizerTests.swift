import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Inner optimizers")
struct InnerOptimizerTests {
  private static let all: [InnerOptimizer] = [
    .sgd, .momentum(0.9), .adam(beta1: 0.9, beta2: 0.999, eps: 1e-8),
  ]

  private func task(_ seed: UInt64) throws -> Task {
    func samples(_ stream: UInt64) throws -> (Tensor, Tensor) {
      let x = try Tensor(NDArray.normal([5, 2], key: RandomKey(seed: seed, stream: stream), .float64))
      return (x, try sin(x.sum([1], keepDims: true)))
    }
    return try Task(train: samples(1), test: samples(2))
  }

  private func learner(_ inner: InnerOptimizer, steps: Int = 3, optimizer: Optimizer? = nil) throws -> MAML {
    let model = try MetaSequential([MetaLinear(2, 4, seed: 1), Tanh(), MetaLinear(4, 1, seed: 2)]).to(
      .float64)
    return try MAML(
      model, optimizer: optimizer, stepSize: 0.05, numAdaptationSteps: steps, innerOptimizer: inner)
  }

  @Test("the inner loop takes the steps that PyTorch's optimizer takes", arguments: [1, 2])
  func steps(choice: Int) throws {
    let maml = try learner(Self.all[choice])
    let task = try task(1)
    let adapted = try maml.adapt(task)
    let model = try maml.model.copy()
    let outer: Optimizer = choice == 1 ? try SGD(lr: 0.05, momentum: 0.9) : try Adam(lr: 0.05)
    for _ in 0..<3 { try outer.step(model, loss: mse(model(task.train.inputs), task.train.targets)) }
    for (name, parameter) in model.namedParameters() {
      #expect(
        try isClose(#require(adapted.params[name]).detach(), parameter.tensor.toDoubles(), 1e-5), "\(name)")
    }
  }

  @Test("the meta-gradient is the slope of the outer loss", arguments: all)
  func metaGradient(inner: InnerOptimizer) throws {
    let maml = try learner(inner)
    let batch = try Batch([task(1), task(2)])
    let gradients = try maml.outerLoss(batch).gradients
    for (index, (name, parameter)) in maml.model.namedParameters().enumerated() {
      let direction = try Tensor(
        NDArray.normal(parameter.shape, key: RandomKey(seed: 5, stream: UInt64(index)), .float64))
      let start = parameter.tensor
      func shifted(_ size: Double) throws -> Double {
        try parameter.assign(start + direction * size)
        return try maml.outerLoss(batch).meanOuterLoss
      }
      let slope = try (shifted(1e-6) - shifted(-1e-6)) / 2e-6
      try parameter.assign(start)
      let analytic = try (#require(gradients[name]) * direction).sum().item()
      #expect(abs(slope - analytic) < 1e-5 * max(1, abs(analytic)), "\(name)")
    }
  }

  @Test("a gradient of zero gives no NaN, in the step and in its derivatives", arguments: all)
  func zeros(inner: InnerOptimizer) throws {
    let maml = try learner(inner)
    let x = try Tensor.zeros([3, 2], dtype: .float64)
    // The model's own outputs as targets: nothing to learn.
    let targets = try maml.model(x).detach()
    let outer = try maml.outerLoss(Batch([Task(train: (x, targets), test: (x, targets + 1))]))
    #expect(try outer.gradients.values.allSatisfy { try $0.allFinite() })
    #expect(outer.meanOuterLoss == 1)
  }

  @Test("training repeats in every strategy, and recompute is refused beside a state")
  func training() throws {
    let batches = try (0..<4).map { batch in try Batch((0..<3).map { try task(UInt64(3 * batch + $0)) }) }
    for inner in Self.all.dropFirst() {
      let losses = try [Strategy.batched, .looped].map { strategy in
        let maml = try learner(inner, optimizer: Adam(lr: 0.01))
        maml.strategy = strategy
        try maml.train(batches + batches, maxBatches: 8)
        return maml.history.losses
      }
      #expect(largestDifference(losses[0], losses[1]) < 1e-9)
    }
    #expect(throws: LearningError.self) {
      try MAML(MetaLinear(1, 1), recompute: true, innerOptimizer: .momentum(0.9))
    }
  }
}
