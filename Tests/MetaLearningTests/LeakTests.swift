import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

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

  @Test("measuring and adapting leave a learner as it was", arguments: LearnerCase.all)
  func measuring(_ kind: LearnerCase) throws {
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
    "a task's loss depends neither on the other tasks of its batch nor on its place",
    arguments: LearnerCase.all)
  func neighbours(_ kind: LearnerCase) throws {
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

  @Test("adaptation sees nothing of the test set", arguments: LearnerCase.all)
  func testSet(_ kind: LearnerCase) throws {
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
