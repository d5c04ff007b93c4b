import ArrayCore
import Autograd
import MetaLearning
import NN
import OrderedCollections
import TestSupport
import Testing

/// Training replays captured kernels. A loss given as a closure is never replayed, so that the same loss as a closure
/// trains step by step as it stands, and must end at the same numbers.
@Suite("Replayed training")
struct ReplayTests {
  enum Kind: CaseIterable { case mlp, conv, plainParts, normalised, metaSGD, learnedRate, firstOrder, steps }

  private func images(_ tasks: Int, _ seed: UInt64, train: Int = 6) throws -> Batch {
    try Batch(
      (0..<tasks).map { task in
        func set(_ rows: Int, _ stream: UInt64) throws -> (Tensor, Tensor) {
          (
            try Tensor.randn([rows, 1, 16, 16], seed: seed &* 100 &+ UInt64(task), stream: stream),
            try Tensor((0..<rows).map { ($0 + Int(seed)) % 3 }, shape: [rows])
          )
        }
        return try Task(train: set(train, 1), test: set(9, 2))
      })
  }

  private func source(_ kind: Kind, tasks: Int = 5) throws -> any BatchSource {
    switch kind {
    case .conv, .plainParts: GeneratedBatches { try self.images(tasks, UInt64($0)) }
    default: try Sinusoid(shots: 5, testShots: 7, seed: 3).batches(of: tasks)
    }
  }

  private func learner(_ kind: Kind, loss: LossFunction?) throws -> MAML {
    let adam = try Adam(lr: 0.01)
    let mlp = try modelMLPSinusoid(hiddenSizes: [8, 8], seed: 1)
    switch kind {
    case .mlp: return try MAML(mlp, optimizer: adam, stepSize: 0.05, lossFunction: loss)
    case .firstOrder: return try FOMAML(mlp, optimizer: adam, stepSize: 0.05, lossFunction: loss)
    case .steps:
      return try MAML(mlp, optimizer: adam, stepSize: 0.05, numAdaptationSteps: 3, lossFunction: loss)
    case .metaSGD: return try MetaSGD(mlp, optimizer: adam, initStepSize: 0.05, lossFunction: loss)
    case .learnedRate:
      return try MAML(mlp, optimizer: adam, stepSize: 0.05, learnStepSize: true, lossFunction: loss)
    case .conv:
      return try MAML(
        MetaConvModel(1, 3, hiddenSize: 4, featureSize: 4, seed: 1), optimizer: adam, stepSize: 0.05,
        lossFunction: loss)
    case .plainParts:
      let model = try MetaSequential(
        Conv2d(1, 4, kernelSize: 3, stride: 2, seed: 1), BatchNorm2d(4), Tanh(), AvgPool2d(2), Flatten(),
        MetaLinear(36, 3, seed: 2))
      return try MAML(model, optimizer: adam, stepSize: 0.05, lossFunction: loss)
    case .normalised:
      let model = try MetaSequential(
        MetaLinear(1, 8, seed: 1), MetaBatchNorm1d(8), GELU(), MetaLinear(8, 8, seed: 2), MetaLayerNorm([8]),
        ELU(), MetaLinear(8, 1, seed: 3))
      return try MAML(model, optimizer: adam, stepSize: 0.05, lossFunction: loss)
    }
  }

  private func closure(_ kind: Kind) -> LossFunction {
    kind == .conv || kind == .plainParts
      ? .custom { try crossEntropy($0, $1) } : .custom { try mse($0, $1) }
  }

  private func numbers(_ learner: some Learner) throws -> [[Double]] {
    try learner.learnedParameters.values.map { try $0.tensor.toDoubles() }
  }

  @Test("equals training that computes every step anew, bit for bit", arguments: Kind.allCases)
  func equality(kind: Kind) throws {
    let replayed = try learner(kind, loss: nil)
    let anew = try learner(kind, loss: closure(kind))
    for one in [replayed, anew] {
      one.strategy = .chunked(3)
      try one.train(source(kind), maxBatches: 6)
    }
    #expect(try numbers(replayed) == numbers(anew))
    #expect(replayed.history == anew.history)
  }

  @Test("gives each step's own losses, accuracies and gradients")
  func results() throws {
    let (replayed, anew) = (try learner(.conv, loss: nil), try learner(.conv, loss: closure(.conv)))
    for one in [replayed, anew] { one.strategy = .chunked(1) }
    let (a, b) = (
      replayed.trainIter(try source(.conv), maxBatches: 4), anew.trainIter(try source(.conv), maxBatches: 4)
    )
    var kept: [(OuterResult, OuterResult)] = []
    while let first = try a.next(), let second = try b.next() { kept.append((first, second)) }
    #expect(kept.count == 4)
    // Read when later steps have been replayed over the same memory.
    for (first, second) in kept {
      #expect(first.outerLosses == second.outerLosses && first.innerLosses == second.innerLosses)
      #expect(first.accuraciesBefore == second.accuraciesBefore)
      #expect(first.accuraciesAfter == second.accuraciesAfter && first.notes == second.notes)
      let (g, h) = (try first.gradients, try second.gradients)
      #expect(g.keys == h.keys)
      for (x, y) in zip(g.values, h.values) { #expect(try x.toDoubles() == y.toDoubles()) }
    }
  }

  @Test("follows batches whose shapes change")
  func changingShapes() throws {
    let batches = GeneratedBatches {
      try self.images($0 % 3 == 2 ? 2 : 3, UInt64($0), train: $0 % 2 == 0 ? 6 : 4)
    }
    let (replayed, anew) = (try learner(.conv, loss: nil), try learner(.conv, loss: closure(.conv)))
    for one in [replayed, anew] {
      one.strategy = .chunked(2)
      try one.train(batches, maxBatches: 9)
    }
    #expect(try numbers(replayed) == numbers(anew))
  }

  @Test("leaves dropout its own mask at each step")
  func dropout() throws {
    func trained(_ loss: LossFunction?) throws -> [[Double]] {
      let model = try MetaSequential(
        MetaLinear(1, 16, seed: 1), Tanh(), Dropout(0.3, seed: 4), MetaLinear(16, 1, seed: 2))
      let maml = try MAML(model, optimizer: Adam(lr: 0.01), stepSize: 0.05, lossFunction: loss)
      maml.strategy = .chunked(2)
      try maml.train(source(.mlp), maxBatches: 5)
      return try numbers(maml)
    }
    #expect(try trained(nil) == trained(closure(.mlp)))
  }

  @Test("refuses a label that is out of range and keeps the last whole step")
  func wrongLabels() throws {
    let maml = try learner(.conv, loss: nil)
    let batches = GeneratedBatches { index in
      let good = try self.images(2, UInt64(index))
      guard index == 4 else { return good }
      let task = try good[1]
      let labels = try Tensor(Array(repeating: 3, count: 6), shape: [6])
      return try Batch([try good[0], Task(train: Samples(task.train.inputs, labels), test: task.test)])
    }
    #expect(throws: TensorError.self) { try maml.train(batches, maxBatches: 9) }
    #expect(maml.iteration == 4)
    let reference = try learner(.conv, loss: nil)
    try reference.train(batches, maxBatches: 4)
    #expect(try numbers(maml) == numbers(reference))
  }

  @Test("of MLDG equals computing every step anew")
  func mldg() throws {
    func trained(_ loss: LossFunction) throws -> ([[Double]], History) {
      var domains: OrderedDictionary<String, Samples> = [:]
      for place in 0..<4 {
        let x = try Tensor.randn([40, 4], seed: UInt64(place))
        domains["\(place)"] = try Samples(x, (x.sum([1]) + Double(place) * 0.1).greater(0))
      }
      let mldg = try MLDG(
        MetaMLPModel(4, 2, hiddenSizes: [8], seed: 1), optimizer: Adam(lr: 0.02), lossFunction: loss)
      try mldg.train(Domains(domains, batchSize: 16, seed: 2), maxBatches: 8)
      return (try numbers(mldg), mldg.history)
    }
    let (replayed, anew) = (try trained(.crossEntropy), try trained(.custom { try crossEntropy($0, $1) }))
    #expect(replayed.0 == anew.0 && replayed.1 == anew.1)
  }

  @Test("of an adaptation equals computing it anew, derivatives included", arguments: Kind.allCases)
  func adaptations(kind: Kind) throws {
    let (replayed, anew) = (try learner(kind, loss: nil), try learner(kind, loss: closure(kind)))
    let batch = try #require(try source(kind).batch(at: 0))
    for task in try batch.tasks {
      let test = try #require(task.test)
      func outcome(_ maml: MAML) throws -> (AdaptationResult, [[Double]]) {
        let result = try maml.adapt(task)
        let output = try maml.model.withReplacements(result.params) { try maml.model(test.inputs) }
        let loss = try LossFunction.standard(for: test.targets)(output, test.targets)
        let gradients = try gradient(of: loss, wrt: Array(maml.learnedParameters.values))
        return (result, try gradients.values.map { try $0.toDoubles() })
      }
      let ((a, g), (b, h)) = (try outcome(replayed), try outcome(anew))
      #expect(a.innerLosses == b.innerLosses && a.accuracyBefore == b.accuracyBefore && a.notes == b.notes)
      #expect(a.params.keys == b.params.keys)
      for (x, y) in zip(a.params.values, b.params.values) { #expect(try x.toDoubles() == y.toDoubles()) }
      let (table, other) = (try a.table, try b.table)
      #expect(table.trainLosses == other.trainLosses && table.testLosses == other.testLosses)
      for (x, y) in zip(g, h) { #expect(largestDifference(x, y) <= 1e-5) }
    }
  }

  @Test("of an adaptation keeps its numbers when later ones and new parameters come")
  func keptAdaptation() throws {
    let maml = try learner(.steps, loss: nil)
    let tasks = try Sinusoid(shots: 5, testShots: 7, seed: 3)
    let first = try (0..<4).map { try maml.adapt(tasks[$0]) }
    let numbers = try first.map { try $0.params.values.map { try $0.toDoubles() } }
    let table = try maml.adapt(tasks[2]).table
    for parameter in maml.learnedParameters.values { try parameter.assign(parameter.tensor * 2.0) }
    _ = try maml.adapt(tasks[5])
    #expect(try first.map { try $0.params.values.map { try $0.toDoubles() } } == numbers)
    #expect(try first[2].table.trainLosses == table.trainLosses)
    #expect(try first[2].table.testLosses == table.testLosses)
    #expect(try maml.adapt(tasks[2]).innerLosses != first[2].innerLosses)
  }

  @Test("a profile names the operations and their times, and changes nothing")
  func profile() throws {
    let maml = try learner(.conv, loss: nil)
    let before = try numbers(maml)
    let profile = try maml.profile(images(3, 1), repeats: 2)
    #expect(profile.rows.contains { $0.operation == "convolution" && $0.calls > 0 && $0.seconds > 0 })
    #expect(profile.isReplayed && profile.stepSeconds > 0)
    #expect(profile.rows.reduce(0) { $0 + $1.seconds } <= profile.stepSeconds)
    let closure = try learner(.conv, loss: closure(.conv)).profile(images(3, 1), repeats: 2)
    #expect(!closure.isReplayed && closure.rows.contains { $0.operation == "convolution" })
    #expect(try numbers(maml) == before && maml.iteration == 0)
  }
}
