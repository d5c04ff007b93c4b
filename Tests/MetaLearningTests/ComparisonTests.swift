import Autograd
import MetaLearning
import NN
import OrderedCollections
import TestSupport
import Testing

@Suite("Comparing learners")
struct ComparisonTests {
  private func maml(_ seed: UInt64 = 1, firstOrder: Bool = false) throws -> MAML {
    try MAML(
      modelMLPSinusoid(hiddenSizes: [8], seed: seed), optimizer: Adam(lr: 0.01), stepSize: 0.05,
      firstOrder: firstOrder)
  }

  private func settings(_ batches: Int = 4) -> Comparison.Settings {
    var settings = Comparison.Settings()
    (settings.maxBatches, settings.batchSize, settings.testTasks) = (batches, 3, 7)
    return settings
  }

  @Test(
    "Student's t has the tables' quantiles",
    arguments: [
      // scipy.stats.t.ppf(0.975, n)
      (1, 12.706204736432095), (2, 4.302652729749464), (3, 3.182446305284264), (4, 2.7764451051977987),
      (9, 2.2621571627409915), (10, 2.2281388519649385), (30, 2.0422724563012373), (99, 1.9842169515086827),
    ])
  func quantiles(_ degrees: Int, _ expected: Double) {
    let found = StudentT.quantile(within: 0.95, degreesOfFreedom: degrees)
    #expect(abs(found - expected) < 1e-10 * expected)
  }

  @Test("a mean has the interval of its t test")
  func interval() {
    // Their variance is 0.125; scipy.stats.t.interval(0.95, 4, numpy.mean(x), scipy.stats.sem(x)) is 1.861 to 2.739.
    let found = MeanInterval(of: [2.1, 2.5, 1.9, 2.8, 2.2])
    #expect(abs(found.mean - 2.3) < 1e-15)
    #expect(abs(found.halfWidth - 2.7764451051977987 * (0.125 / 5).squareRoot()) < 1e-12)
    #expect(found.excludesZero)
    #expect(!MeanInterval(of: [1, -1, 2, -1.5]).excludesZero)
    #expect(MeanInterval(of: [3]).halfWidth.isNaN && !MeanInterval(of: [3]).excludesZero)
    #expect(!MeanInterval(of: [0, 0, 0]).excludesZero)
  }

  @Test("equal learners give equal runs, and the learners stay as they are")
  func equal() throws {
    let (a, b) = (try maml(), try maml(5))
    try b.train(Sinusoid().batches(of: 2), maxBatches: 2)
    func weights(_ learner: MAML) throws -> [[Double]] {
      try learner.model.namedParameters().values.map { try $0.tensor.toDoubles() }
    }
    let before = try weights(b)
    let comparison = try Comparison(
      ["a": a, "b": b], on: Sinusoid(shots: 5), seeds: [0, 1, 2], settings: settings())
    try comparison.run()
    #expect(try weights(b) == before && b.iteration == 2)
    let runs = comparison.runs
    for (one, other) in zip(runs["a"] ?? [], runs["b"] ?? []) {
      #expect(one.history == other.history && one.score == other.score)
    }
    let difference = try #require(comparison.differences.first)
    #expect(difference.loss.mean == 0 && difference.loss.halfWidth == 0 && !difference.loss.excludesZero)
    // Seeds differ in weights and in tasks.
    let losses = (runs["a"] ?? []).map(\.history.losses)
    #expect(Set(losses).count == 3)
    // And a seed gives the same alone.
    let alone = try Comparison(["a": a], on: Sinusoid(shots: 5), seeds: [2], settings: settings())
    try alone.run()
    #expect(alone.runs["a"]?.first?.history == runs["a"]?.last?.history)
    #expect(alone.runs["a"]?.first?.score == runs["a"]?.last?.score)
  }

  @Test(
    "a run is what training by hand gives: weights of the seed, tasks of their own, measured on the test split"
  )
  func byHand() throws {
    let tasks = try Sinusoid(shots: 5)
    let comparison = try Comparison(["a": maml()], on: tasks, seeds: [0, 3], settings: settings())
    try comparison.run()
    let hand = try maml()
    try hand.model.redraw(seed: 3)
    // Seed 3 has the fourth dozen of tasks.
    let batches = try (12..<16).map { try tasks.batch(3, from: 3 * $0) }
    try hand.train(batches, maxBatches: 4)
    let run = try #require(comparison.runs["a"]?.last)
    #expect(run.history.losses == hand.history.losses)
    let tests = try Sinusoid(shots: 5, metaSplit: .test)
    let held = try [3, 3, 1].enumerated().map { try tests.batch($0.element, from: 21 + 3 * $0.offset) }
    let measured = try hand.evaluate(held)
    #expect(measured.count == 7)
    #expect(run.score.loss == measured.losses.last)
  }

  @Test("tables hold the means and paired differences of the runs")
  func statistics() throws {
    let learners: OrderedDictionary<String, any Learner> = [
      "a": try maml(), "b": try maml(firstOrder: true),
      "proto": try PrototypicalNetworks(maml().model, optimizer: Adam()),
    ]
    let two = OrderedDictionary(uniqueKeysWithValues: Array(learners.elements.prefix(2)))
    let comparison = try Comparison(two, on: Sinusoid(shots: 5), seeds: [0, 1, 2, 3], settings: settings())
    try comparison.run()
    let a = try #require(comparison.runs["a"]).map(\.score.loss)
    let b = try #require(comparison.runs["b"]).map(\.score.loss)
    #expect(comparison.rows.map(\.loss) == [MeanInterval(of: a), MeanInterval(of: b)])
    let difference = try #require(comparison.differences.first)
    #expect(difference.loss == MeanInterval(of: zip(a, b).map { $0 - $1 }))
    #expect(difference.accuracy == nil)
    let curve = comparison.curve(of: "a")
    let losses = try #require(comparison.runs["a"]).map(\.history.losses)
    #expect(curve.mean.count == 4)
    #expect(curve.lowest[2] == losses.map { $0[2] }.min() && curve.highest[2] == losses.map { $0[2] }.max())
    #expect(abs(curve.mean[2] - losses.reduce(0) { $0 + $1[2] } / 4) < 1e-12)
  }

  @Test("learners of every kind can be compared")
  func kinds() throws {
    func model() throws -> Module {
      try MetaSequential(
        MetaLinear(4, 6, seed: 1), MetaBatchNorm1d(6), ReLU(), Dropout(0.2), MetaLinear(6, 3, seed: 2))
    }
    let learners = try OrderedDictionary(
      uniqueKeysWithValues: LearnerCase.all.map { ($0.testDescription, try $0.make(model()) as any Learner) })
    let comparison = try Comparison(
      learners, on: fifteenClasses(.train), seeds: [0, 1], settings: settings(2))
    try comparison.run()
    #expect(comparison.isComplete && comparison.rows.count == learners.count)
    #expect(comparison.rows.allSatisfy { $0.loss.mean.isFinite && $0.accuracy != nil })
  }

  @Test("domains: each seed has other minibatches, and the held-out domains are measured on")
  func domains() throws {
    func samples(_ seed: UInt64) throws -> Samples {
      try Samples(Tensor.randn([12, 4], seed: seed), Tensor((0..<12).map { $0 % 3 }, shape: [12]))
    }
    func model() throws -> Module { try MetaSequential(MetaLinear(4, 3, seed: 1)) }
    let all = try Domains(["a": samples(1), "b": samples(2), "c": samples(3)], batchSize: 4)
    let (source, target) = try all.leavingOut("c")
    let (mldg, erm) = (try MLDG(model(), optimizer: Adam()), try ERM(model(), optimizer: Adam()))
    let comparison = try Comparison(
      ["MLDG": mldg, "ERM": erm], on: source, testing: target, seeds: [0, 1], settings: settings())
    try comparison.run()
    let runs = try #require(comparison.runs["ERM"])
    #expect(runs[0].history != runs[1].history)
    let hand = try ERM(model(), optimizer: Adam())
    try hand.model.redraw(seed: 0)
    try hand.train(source.reordered(seed: derivedSeed(0, 0)), maxBatches: 4)
    #expect(hand.history == runs[0].history)
    #expect(try hand.score(on: target) == runs[0].score)
    #expect(throws: LearningError.self) {
      try Comparison(["MLDG": mldg], on: Sinusoid(), seeds: [0])
    }
    #expect(throws: LearningError.self) {
      try Comparison(["MAML": maml()], on: source, testing: target, seeds: [0])
    }
  }

  @Test("counted tasks without a test split keep some out; no task is trained and measured on")
  func counted() throws {
    final class Log { var asked: [Int] = [] }
    let log = Log()
    let source = try Sinusoid(shots: 5)
    let tasks = Tasks(seed: 0, count: 10) {
      log.asked.append($0)
      return try source[$0]
    }
    let comparison = try Comparison(["a": maml()], on: tasks, seeds: [0], settings: settings(5))
    try comparison.run()
    let (training, testing) = (log.asked.prefix(15), log.asked.dropFirst(15))
    #expect(Set(training).count == 8 && Set(testing).count == 2 && testing.count == 2)
    #expect(Set(training).isDisjoint(with: testing))
    log.asked = []
    // Without end: later tasks.
    let endless = Tasks {
      log.asked.append($0)
      return try source[$0]
    }
    let other = try Comparison(["a": maml()], on: endless, seeds: [0, 1], settings: settings(5))
    try other.run()
    #expect(log.asked == Array(0..<15) + Array(15..<22) + Array(22..<37) + Array(37..<44))
  }

  @Test("what stops it leaves the whole seeds, and it goes on from there with the same numbers")
  func resuming() throws {
    struct Stop: Error {}
    let learners: OrderedDictionary<String, any Learner> = ["a": try maml(), "b": try maml(firstOrder: true)]
    let whole = try Comparison(learners, on: Sinusoid(shots: 5), seeds: [0, 1, 2], settings: settings())
    try whole.run()
    let stopped = try Comparison(learners, on: Sinusoid(shots: 5), seeds: [0, 1, 2], settings: settings())
    #expect(throws: Stop.self) {
      try stopped.run { _, _, done, _ in if done == 14 { throw Stop() } }
    }
    #expect(stopped.seedsDone == 1 && !stopped.isComplete)
    #expect(stopped.rows.first?.loss.mean == whole.runs["a"]?.first?.score.loss)
    try stopped.run()
    #expect(stopped.isComplete)
    for name in ["a", "b"] {
      #expect(stopped.runs[name]?.map(\.history) == whole.runs[name]?.map(\.history))
      #expect(stopped.runs[name]?.map(\.score) == whole.runs[name]?.map(\.score))
    }
  }

  @Test("learners start with equal weights, normalisation and its statistics anew")
  func starts() throws {
    func model(_ seed: UInt64) throws -> Module {
      try MetaSequential(
        MetaLinear(4, 6, seed: seed), MetaBatchNorm1d(6, trackRunningStats: true), ReLU(),
        MetaLayerNorm([6]), MetaLinear(6, 3, seed: seed))
    }
    let (one, other) = (try model(1), try model(9))
    try ERM(one, optimizer: Adam(lr: 0.1)).train(
      Domains([Samples(Tensor.randn([12, 4], seed: 3), Tensor((0..<12).map { $0 % 3 }, shape: [12]))]),
      maxBatches: 5)
    _ = try one(Tensor.randn([5, 4], seed: 2))
    #expect(
      try one.stateDictionary()["1.running_mean"]?.toDoubles()
        != other.stateDictionary()["1.running_mean"]?.toDoubles())
    try one.redraw(seed: 4)
    try other.redraw(seed: 4)
    for (name, tensor) in one.stateDictionary() {
      #expect(try tensor.toDoubles() == other.stateDictionary()[name]?.toDoubles(), "\(name)")
    }
  }
}
