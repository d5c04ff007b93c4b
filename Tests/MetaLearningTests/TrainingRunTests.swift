import ArrayCore
import Autograd
import Foundation
import MetaLearning
import NN
import TestSupport
import Testing

/// Ends a training from outside.
private struct Stop: Error {}

private func sinusoids(_ split: MetaSplit = .train) throws -> Batches {
  try Sinusoid(shots: 5, testShots: 5, metaSplit: split, seed: 3).batches(of: 4)
}

/// A model whose passes draw random numbers and keep running statistics.
private func noisyModel() throws -> Module {
  try MetaSequential(
    MetaLinear(1, 8, seed: 1), MetaBatchNorm1d(8, trackRunningStats: true), Dropout(0.3), ReLU(),
    MetaLinear(8, 1, seed: 2))
}

private func domains() throws -> Domains {
  let sets = try (0..<3).map { place in
    (
      "\(place)",
      try Samples(
        Tensor.randn([30, 4], seed: UInt64(place)),
        Tensor((0..<30).map { ($0 + place) % 3 }, shape: [30]))
    )
  }
  return try Domains(.init(uniqueKeysWithValues: sets), batchSize: 8, seed: 1)
}

/// A kind of learner, made anew at each call.
struct RunCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Trains to the end in a folder, with a break after `stop` meta-updates, as two processes would; the bytes of the
  /// two checkpoints.
  let run: @Sendable (_ folder: String, _ stop: Int?) throws -> [Data]

  init<L: Learner>(
    _ name: String, _ make: @escaping @Sendable () throws -> L,
    _ source: @escaping @Sendable (MetaSplit) throws -> L.Source
  ) where L: SendableMetatype, L.Outcome: SendableMetatype {
    testDescription = name
    run = { folder, stop in
      if let stop {
        let learner = try make()
        let run = try TrainingRun(learner, folder: folder, every: 4)
        #expect(throws: Stop.self) {
          try run.train(source(.train), until: 20, validation: source(.val)) { _ in
            if learner.iteration == stop { throw Stop() }
          }
        }
        #expect(learner.iteration == stop)
      }
      let run = try TrainingRun(make(), folder: folder, every: 4)
      #expect(run.resumedFrom == stop ?? 0)
      try run.train(source(.train), until: 20, validation: source(.val))
      return try ["last", "best"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0).safetensors"))
      }
    }
  }

  static let all = [
    RunCase(
      "MAML with a learned step size, dropout and running statistics",
      { try MAML(noisyModel(), optimizer: Adam(), stepSize: 0.05, learnStepSize: true) },
      { try sinusoids($0).prefix(40) }),
    RunCase(
      "MetaSGD with AdamW", { try MetaSGD(modelMLPSinusoid(hiddenSizes: [6]), optimizer: AdamW()) },
      { try sinusoids($0) }),
    RunCase(
      "MAML with a warm-up and a cosine",
      {
        let rates = try LinearWarmUp(over: 6, then: LearningRate(CosineSchedule(from: 0.01, over: 10)))
        return try MAML(
          modelMLPSinusoid(hiddenSizes: [6]), optimizer: Adam(lr: LearningRate(rates)), stepSize: 0.01)
      },
      { try sinusoids($0) }),
    RunCase(
      "Reptile with momentum",
      {
        try Reptile(
          modelMLPSinusoid(hiddenSizes: [6]), optimizer: SGD(lr: 0.1, momentum: 0.9), stepSize: 0.01)
      },
      { try sinusoids($0) }),
    RunCase(
      "MAML on batches that come one after the other",
      { try MAML(modelMLPSinusoid(hiddenSizes: [6]), optimizer: Adam(), stepSize: 0.01) },
      { split -> any BatchSource in
        let batches = try sinusoids(split)
        if split == .val { return batches }
        var next = -1
        return GeneratedBatches { _ in
          next += 1
          return next < 40 ? try batches.batch(at: next) : nil
        }
      }),
    RunCase(
      "MAML++ with all its parts, which change on the way",
      {
        let model = try MetaSequential(
          MetaLinear(1, 6, seed: 1), MetaBatchNorm1d(6), ReLU(), MetaLinear(6, 1, seed: 2))
        let rates = try CosineSchedule(from: 0.01, over: 15)
        return try MAMLPlusPlus(
          model, optimizer: Adam(lr: LearningRate(rates)), stepSize: 0.05, numAdaptationSteps: 3,
          multiStepIterations: 10, firstOrderIterations: 5, perStepStatistics: true)
      },
      { try sinusoids($0) }),
    RunCase(
      "R2-D2",
      {
        try R2D2(MetaMLPModel(1, 4, hiddenSizes: [6]), optimizer: Adam(lr: 0.01))
      },
      { try sinusoids($0) }),
    RunCase(
      "MLDG",
      { try MLDG(MetaMLPModel(4, 3, hiddenSizes: [6]), optimizer: Adam(), stepSize: 0.1, seed: 5) },
      { _ in try domains() }),
  ]
}

@Suite("A training run")
struct TrainingRunTests {
  private func learner() throws -> MAML {
    try MAML(modelMLPSinusoid(hiddenSizes: [6]), optimizer: Adam(lr: 0.01), stepSize: 0.01)
  }

  @Test(
    "is bit for bit the same with a break, at a checkpoint or between two", arguments: RunCase.all, [8, 11])
  func resumes(_ kind: RunCase, stop: Int) throws {
    try withTemporaryFolder { folder in
      let whole = try kind.run("\(folder)/whole", nil)
      let broken = try kind.run("\(folder)/broken", stop)
      #expect(whole == broken)
    }
  }

  @Test("keeps the checkpoint with the best validation, and its table")
  func best() throws {
    try withTemporaryFolder { folder in
      let maml = try learner()
      let run = try TrainingRun(maml, folder: folder, every: 3)
      try run.train(sinusoids(), until: 14, validation: sinusoids(.val).prefix(3))
      #expect(maml.validations.map(\.iteration) == [3, 6, 9, 12, 14])
      let best = try #require(maml.validations.best)
      #expect(best.score.loss == maml.validations.map(\.score.loss).min())
      let kept = try learner()
      try kept.load(path: "\(folder)/best.safetensors")
      #expect(kept.iteration == best.iteration)
      #expect(try kept.score(on: sinusoids(.val).prefix(3)) == best.score)
    }
  }

  @Test("logs each meta-update once, also those that a break threw away")
  func logs() throws {
    try withTemporaryFolder { folder in
      func lines(_ file: String) throws -> [String] {
        try String(contentsOfFile: "\(folder)/\(file).csv", encoding: .utf8).split(separator: "\n").map(
          String.init)
      }
      var run: TrainingRun? = try TrainingRun(learner(), folder: folder, every: 5)
      try run?.train(sinusoids(), until: 12, validation: sinusoids(.val).prefix(2))
      let (training, validation) = (try lines("training"), try lines("validation"))
      #expect(training.count == 13 && validation.count == 4)
      #expect(training[0] == "iteration,loss,accuracy" && training[12].hasPrefix("12,"))
      // Rows of an end that left no checkpoint.
      run = nil
      let file = try #require(FileHandle(forWritingAtPath: "\(folder)/training.csv"))
      try file.seekToEnd()
      try file.write(contentsOf: Data("13,0.5,\n14,0.5,\n".utf8))
      try TrainingRun(learner(), folder: folder, every: 5).train(sinusoids(), until: 13)
      #expect(try lines("training").count == 14 && lines("training").prefix(13) == training[...])
      #expect(try lines("validation") == validation)
    }
  }

  @Test("has a folder to itself, and refuses one of another learner or of an earlier time")
  func refusals() throws {
    try withTemporaryFolder { folder in
      var run: TrainingRun<MAML>? = try TrainingRun(learner(), folder: "\(folder)/a/b", every: 5)
      #expect {
        try TrainingRun(learner(), folder: "\(folder)/a/b", every: 5)
      } throws: {
        "\($0)".contains("another training run")
      }
      try run?.train(sinusoids(), until: 3)
      run = nil
      #expect {
        try TrainingRun(
          MetaSGD(modelMLPSinusoid(hiddenSizes: [6]), optimizer: Adam()), folder: "\(folder)/a/b")
      } throws: {
        "\($0)".contains("no checkpoint of MetaSGD")
      }
      let further = try learner()
      try further.train(sinusoids(), maxBatches: 4)
      #expect {
        try TrainingRun(further, folder: "\(folder)/a/b")
      } throws: {
        "\($0)".contains("of meta-update 3, but the learner has done 4")
      }
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/file"))
      for path in ["\(folder)/file", "\(folder)/file/below", "", "a\0b"] {
        #expect(throws: LearningError.self) { try TrainingRun(learner(), folder: path) }
      }
      // A checkpoint that is cut off is refused, and stays as it is.
      let last = "\(folder)/a/b/last.safetensors"
      let whole = try Data(contentsOf: URL(fileURLWithPath: last))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: last))
      #expect(throws: (any Error).self) { try TrainingRun(learner(), folder: "\(folder)/a/b") }
      #expect(try Data(contentsOf: URL(fileURLWithPath: last)).count == whole.count / 2)
    }
  }

  @Test("measures a list of batches once each")
  func lists() throws {
    let batches = try (0..<3).map { try sinusoids().batch(at: $0) }.compactMap(\.self)
    #expect(try learner().evaluate(batches).count == 12)
    #expect(try learner().evaluate(batches, maxBatches: 2).count == 8)
    let counted = Tasks(count: 10) { try Sinusoid(shots: 5, testShots: 5, seed: 3)[$0] }
    #expect(try learner().evaluate(counted.batches(of: 4)).count == 10)
    #expect(try learner().evaluate(counted.batches(of: 4), maxBatches: 1).count == 4)
  }

  @Test("a score is better by accuracy, then by loss, and never by what is no number")
  func scores() {
    #expect(Score(loss: 2, accuracy: 0.9).isBetter(than: Score(loss: 1, accuracy: 0.8)))
    #expect(Score(loss: 1, accuracy: 0.9).isBetter(than: Score(loss: 2, accuracy: 0.9)))
    #expect(Score(loss: 1).isBetter(than: Score(loss: 2)))
    #expect(!Score(loss: .nan).isBetter(than: Score(loss: 2)))
    #expect(Score(loss: 2).isBetter(than: Score(loss: .nan)))
    #expect(!Score(loss: 1, accuracy: .nan).isBetter(than: Score(loss: 1, accuracy: 0.5)))
  }
}
