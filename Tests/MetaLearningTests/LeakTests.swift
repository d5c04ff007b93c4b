import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Nothing leaks")
struct LeakTests {
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
    try learner.train(fifteenClasses(.train).batches(of: 4), maxBatches: 3)
    let before = try state(learner)
    _ = try kind.evaluate(learner, fifteenClasses(.test).batches(of: 4).prefix(2))
    _ = try learner.score(on: fifteenClasses(.val).batches(of: 4).prefix(2))
    _ = try kind.adapt(learner, fifteenClasses(.train)[5])
    _ = try kind.outerLoss(learner, fifteenClasses(.train).batch(3))
    #expect(try state(learner) == before)
    // And training goes on as if nothing had been measured.
    try learner.train(fifteenClasses(.train).batches(of: 4), maxBatches: 2)
    let other = try kind.make(model(dropout: 0.3))
    try other.train(fifteenClasses(.train).batches(of: 4), maxBatches: 3)
    try other.train(fifteenClasses(.train).batches(of: 4), maxBatches: 2)
    #expect(try state(learner) == state(other))
  }

  @Test(
    "a task's loss depends neither on the other tasks of its batch nor on its place",
    arguments: LearnerCase.all)
  func neighbours(_ kind: LearnerCase) throws {
    let learner = try kind.make(model(dropout: 0))
    // So that statistics of its own, where it keeps some, are no longer those of the start.
    try learner.train(fifteenClasses(.train).batches(of: 4), maxBatches: 2)
    let own = try (0..<4).map { try fifteenClasses(.train)[$0] }
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
    let (task, other) = (try fifteenClasses(.train)[0], try fifteenClasses(.train)[1])
    let adapted = try kind.adapt(learner, task)
    let blind = try kind.adapt(learner, Task(train: task.train, test: other.test))
    #expect(!adapted.isEmpty && adapted.keys == blind.keys)
    for (name, value) in adapted {
      #expect(try value.toDoubles() == #require(blind[name]).toDoubles(), "\(name)")
    }
  }

  @Test("measuring keeps the mode that the model is in", arguments: LearnerCase.all)
  func mode(_ kind: LearnerCase) throws {
    let learner = try kind.make(model(dropout: 0.3))
    for isTraining in [true, false] {
      learner.model.train(isTraining)
      _ = try kind.evaluate(learner, fifteenClasses(.test).batches(of: 4).prefix(1))
      _ = try learner.score(on: fifteenClasses(.val).batches(of: 4).prefix(1))
      #expect(learner.model.namedModules().allSatisfy { $0.module.isTraining == isTraining })
    }
  }

  @Test("MLDG and ERM: measuring leaves them as they were")
  func domains() throws {
    func domains() throws -> Domains {
      try Domains(
        (0..<4).map {
          try Samples(
            Tensor.randn([12, 4], seed: $0), Tensor((0..<12).map { $0 % 3 }, shape: [12]))
        })
    }
    func check<L: Learner>(_ make: () throws -> L, _ measure: (L) throws -> Void) throws
    where L.Source == Domains {
      func state(_ learner: L) throws -> Data {
        try withTemporaryFolder { folder in
          try learner.save(path: "\(folder)/state.safetensors")
          return try Data(contentsOf: URL(fileURLWithPath: "\(folder)/state.safetensors"))
        }
      }
      let learner = try make()
      try learner.train(domains(), maxBatches: 3)
      let before = try state(learner)
      for isTraining in [false, true] {
        learner.model.train(isTraining)
        try measure(learner)
        #expect(learner.model.isTraining == isTraining)
      }
      #expect(try state(learner) == before)
      try learner.train(domains(), maxBatches: 2)
      let other = try make()
      try other.train(domains(), maxBatches: 3)
      try other.train(domains(), maxBatches: 2)
      #expect(try state(learner) == state(other))
    }
    for variant in MLDG.Variant.allCases {
      try check {
        try MLDG(model(dropout: 0.3), optimizer: Adam(), stepSize: 0.05, variant: variant)
      } _: {
        _ = try $0.evaluate(domains())
        _ = try $0.score(on: domains())
        _ = try $0.outerLoss(domains(), metaTest: [.index(2)]).gradientInnerProduct
      }
    }
    try check {
      try ERM(model(dropout: 0.3), optimizer: Adam())
    } _: {
      _ = try $0.evaluate(domains())
      _ = try $0.score(on: domains())
      _ = try $0.outerLoss(domains()).gradients
    }
  }
}
