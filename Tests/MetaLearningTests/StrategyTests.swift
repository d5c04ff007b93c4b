import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

private func classification(_ count: Int, dtype: DType = .float64) throws -> Batch {
  try Batch(
    (0..<count).map { task in
      let seed = UInt64(100 * task)
      func set(_ rows: Int, _ offset: UInt64) throws -> (Tensor, Tensor) {
        (
          try Tensor.randn([rows, 1, 16, 16], seed: seed + offset, dtype: dtype),
          try Tensor((0..<rows).map { $0 % 3 }, shape: [rows])
        )
      }
      return try Task(train: set(6, 1), test: set(9, 2))
    })
}

private func sinusoids(_ count: Int) throws -> Batch {
  try Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: .float64).batch(count)
}

@Suite("All ways to go through the tasks agree")
struct StrategyTests {
  enum Kind: CaseIterable { case mlp, mlpDropout, conv, convDropout }

  private func model(_ kind: Kind) throws -> Module {
    let dtype = DType.float64
    switch kind {
    case .mlp: return try modelMLPSinusoid(hiddenSizes: [8, 8], seed: 1, dtype: dtype)
    case .mlpDropout:
      return try MetaSequential(
        MetaLinear(1, 16, seed: 1, dtype: dtype), Tanh(), Dropout(0.3, seed: 4), Dropout(0.1, seed: 4),
        MetaLinear(16, 1, seed: 2, dtype: dtype))
    case .conv: return try MetaConvModel(1, 3, hiddenSize: 4, featureSize: 4, seed: 1, dtype: dtype)
    case .convDropout:
      return try MetaSequential(
        MetaConv2d(1, 4, kernelSize: 3, stride: 2, seed: 1, dtype: dtype), MetaBatchNorm2d(4, dtype: dtype),
        Tanh(), AvgPool2d(2), Flatten(), Dropout(0.5, seed: 9), MetaLinear(36, 3, seed: 2, dtype: dtype))
    }
  }

  @Test(
    "to 1e-12 in float64: losses, accuracies and meta-gradients", arguments: Kind.allCases, [false, true])
  func agreement(kind: Kind, firstOrder: Bool) throws {
    let isImage = kind == .conv || kind == .convDropout
    let batch = try isImage ? classification(5) : sinusoids(5)
    let maml = try MAML(model(kind), stepSize: 0.05, numAdaptationSteps: 2, firstOrder: firstOrder)
    maml.strategy = .looped
    let expected = try maml.outerLoss(batch)
    let expectedEvaluation = try maml.evaluate([batch], maxBatches: 1)
    for strategy in [Strategy.batched, .chunked(2), .chunked(1), .automatic] {
      maml.strategy = strategy
      let found = try maml.outerLoss(batch)
      #expect(largestDifference(found.outerLosses, expected.outerLosses) <= 1e-12)
      #expect(try largestDifference(found.loss, expected.loss) <= 1e-12)
      for (a, b) in zip(found.innerLosses, expected.innerLosses) { #expect(largestDifference(a, b) <= 1e-12) }
      #expect(found.accuraciesBefore == expected.accuraciesBefore)
      #expect(found.accuraciesAfter == expected.accuraciesAfter)
      #expect((found.accuraciesAfter?.count == 5) == isImage)
      let step = try #require(try maml.step(at: 0, from: [batch]))
      for (name, gradient) in try expected.gradients {
        #expect(
          try largestDifference(#require(found.gradients[name]), gradient) <= 1e-12, "\(strategy) \(name)")
        #expect(
          try largestDifference(#require(step.gradients[name]), gradient) <= 1e-12, "\(strategy) \(name)")
      }
      let evaluation = try maml.evaluate([batch], maxBatches: 1)
      #expect(largestDifference(evaluation.losses, expectedEvaluation.losses) <= 1e-12)
      #expect(evaluation.isTransductive == isImage)
    }
  }

  @Test("tasks of different shapes run one by one")
  func shapes() throws {
    let tasks = try [5, 8, 3].map { try Sinusoid(shots: $0, testShots: 4, dtype: .float64)[$0] }
    let maml = try MAML(model(.mlp))
    let outer = try maml.outerLoss(Batch(tasks))
    for (index, task) in tasks.enumerated() {
      #expect(try abs(maml.outerLoss(Batch([task])).meanOuterLoss - outer.outerLosses[index]) < 1e-14)
    }
    #expect(throws: LearningError.self) { try Batch(tasks).train }
  }

  @Test("a loss that looks at numbers falls back to the loop")
  func numbers() throws {
    let batch = try sinusoids(4)
    var calls = 0
    let loss = LossFunction.custom { prediction, target in
      calls += 1
      let value = try mse(prediction, target)
      return try value.item() > 1 ? value * 2 : value
    }
    let maml = try MAML(model(.mlp), stepSize: 0.01, lossFunction: loss)
    let first = try maml.outerLoss(batch)
    #expect(calls == 1 + 8)
    #expect(first.outerLosses.count == 4)
    maml.strategy = .looped
    #expect(try maml.outerLoss(batch).outerLosses == first.outerLosses)
  }

  @Test("an error in a task is passed on and leaves the model's parameters in place")
  func errors() throws {
    struct Stop: Error {}
    let model = try model(.mlp)
    var calls = 0
    let maml = try MAML(
      model,
      lossFunction: .custom { prediction, target in
        calls += 1
        if calls > 1 { throw Stop() }
        return try mse(prediction, target)
      })
    #expect(throws: Stop.self) { try maml.outerLoss(sinusoids(2)) }
    #expect(model.namedParameters().values.allSatisfy { $0.replacement == nil })
  }
}
