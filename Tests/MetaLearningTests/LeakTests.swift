import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

/// A kind of learner over tasks, on a model with running statistics.
struct LeakCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable (_ model: Module) throws -> EpisodicLearner
  let outerLoss: @Sendable (EpisodicLearner, Batch) throws -> OuterResult
  let adapt: @Sendable (EpisodicLearner, MetaLearning.Task) throws -> NamedTensors
  let evaluate: @Sendable (EpisodicLearner, any BatchSource) throws -> EvaluationResult

  private init<L: EpisodicLearner & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L,
    _ outerLoss: @escaping @Sendable (L, Batch) throws -> OuterResult,
    _ adapt: @escaping @Sendable (L, MetaLearning.Task) throws -> NamedTensors,
    _ evaluate: @escaping @Sendable (L, any BatchSource) throws -> EvaluationResult
  ) {
    testDescription = name
    self.make = make
    self.outerLoss = { try outerLoss(#require($0 as? L), $1) }
    self.adapt = { try adapt(#require($0 as? L), $1) }
    self.evaluate = { try evaluate(#require($0 as? L), $1) }
  }

  private static func maml<L: MAML & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L
  ) -> LeakCase {
    LeakCase(name, make, { try $0.outerLoss($1) }, { try $0.adapt($1).params }, { try $0.evaluate($1) })
  }

  private static func embedding<L: EmbeddingLearner & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L
  ) -> LeakCase {
    LeakCase(name, make, { try $0.outerLoss($1) }, { try $0.adapt($1).params }, { try $0.evaluate($1) })
  }

  static let all = [
    maml("MAML") { try MAML($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2) },
    maml("FOMAML") { try FOMAML($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2) },
    maml("MetaSGD") { try MetaSGD($0, optimizer: AdamW(), initStepSize: 0.1) },
    maml("ANIL") { try ANIL($0, optimizer: Adam(), stepSize: 0.1, adapting: ["4.*"]) },
    maml("Reptile") { try Reptile($0, optimizer: SGD(lr: 0.1, momentum: 0.9), stepSize: 0.1) },
    maml("IMAML") { try IMAML($0, optimizer: Adam(), stepSize: 0.1) },
    maml("MAMLPlusPlus") {
      try MAMLPlusPlus($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2, perStepStatistics: true)
    },
    embedding("PrototypicalNetworks") { try PrototypicalNetworks($0, optimizer: Adam(), ways: 3) },
    embedding("MatchingNetworks") { try MatchingNetworks($0, optimizer: Adam(), ways: 3) },
    embedding("R2D2") { try R2D2($0, optimizer: Adam(), ways: 3) },
  ]
}

@Suite("Nothing leaks")
struct LeakTests {
  private func tasks(_ split: MetaSplit = .train) throws -> ClassTasks {
    try ClassTasks(
      Tensor.randn([150, 4], seed: 1), Tensor((0..<150).map { $0 % 15 }, shape: [150]), ways: 3, shots: 2,
      testShots: 3, metaSplit: split, seed: 4)
  }

  private func model(dropout: Double) throws -> Module {
    try MetaSequential(
      MetaLinear(4, 6, seed: 1), MetaBatchNorm1d(6, trackRunningStats: true), ReLU(), Dropout(dropout),
      MetaLinear(6, 3, seed: 2))
  }

  /// Everything that a learner knows: parameters, statistics, optimizer, learned rates, iteration.
  private func state(_ learner: EpisodicLearner) throws -> Data {
    try withTemporaryFolder { folder in
      try learner.save(path: "\(folder)/state.safetensors")
      return try Data(contentsOf: URL(fileURLWithPath: "\(folder)/state.safetensors"))
    }
  }

  @Test("measuring and adapting leave a learner as it was", arguments: LeakCase.all)
  func measuring(_ kind: LeakCase) throws {
    let learner = try kind.make(model(dropout: 0.3))
    try learner.train(tasks().batches(of: 4), maxBatches: 3)
    let before = try state(learner)
    _ = try kind.evaluate(learner, tasks(.test).batches(of: 4).prefix(2))
    _ = try learner.score(on: tasks(.val).batches(of: 4).prefix(2))
    _ = try kind.adapt(learner, tasks()[5])
    _ = try kind.outerLoss(learner, tasks().batch(3))
    #expect(try state(learner) == before)
    // And training goes on as if nothing had been measured.
    try learner.train(tasks().batches(of: 4), maxBatches: 2)
    let other = try kind.make(model(dropout: 0.3))
    try other.train(tasks().batches(of: 4), maxBatches: 3)
    try other.train(tasks().batches(of: 4), maxBatches: 2)
    #expect(try state(learner) == state(other))
  }

  @Test(
    "a task's loss depends neither on the other tasks of its batch nor on its place", arguments: LeakCase.all)
  func neighbours(_ kind: LeakCase) throws {
    let learner = try kind.make(model(dropout: 0))
    let own = try (0..<4).map { try tasks()[$0] }
    let together = try kind.outerLoss(learner, Batch(own)).outerLosses
    let turned = try kind.outerLoss(learner, Batch([own[2], own[0], own[3], own[1]])).outerLosses
    for (place, index) in [2, 0, 3, 1].enumerated() {
      #expect(abs(turned[place] - together[index]) < 1e-5)
    }
    for (index, task) in own.enumerated() {
      #expect(abs(try kind.outerLoss(learner, Batch([task])).outerLosses[0] - together[index]) < 1e-5)
    }
  }

  @Test("adaptation sees nothing of the test set", arguments: LeakCase.all)
  func testSet(_ kind: LeakCase) throws {
    let learner = try kind.make(model(dropout: 0))
    let (task, other) = (try tasks()[0], try tasks()[1])
    let adapted = try kind.adapt(learner, task)
    let blind = try kind.adapt(learner, Task(train: task.train, test: other.test))
    #expect(!adapted.isEmpty && adapted.keys == blind.keys)
    for (name, value) in adapted {
      #expect(try value.toDoubles() == #require(blind[name]).toDoubles(), "\(name)")
    }
  }
}
