import ArrayCore
import Autograd
import MetaLearning
import NN
import OrderedCollections
import TestSupport
import Testing

private func makeDomains(_ counts: [Int] = [40, 40, 40, 40], batchSize: Int? = 16) throws -> Domains {
  var domains: OrderedDictionary<String, Samples> = [:]
  for (place, count) in counts.enumerated() {
    let x = try Tensor.randn([count, 4], seed: UInt64(place))
    let labels = try (x.sum([1]) + Double(place) * 0.1).greater(0)
    domains["d\(place)"] = try Samples(x, labels)
  }
  return try Domains(domains, batchSize: batchSize, seed: 2)
}

@Suite("MLDG and domains")
struct MLDGTests {
  @Test("domains by index and name are the same; unknown ones are refused with a suggestion")
  func references() throws {
    let mldg = try MLDG(MetaSequential(MetaLinear(4, 2, seed: 1)))
    let domains = try makeDomains()
    let a = try mldg.outerLoss(domains, metaTest: [.index(3)])
    let b = try mldg.outerLoss(domains, metaTest: [.name("d3")])
    #expect(try a.loss.item() == b.loss.item() && a.metaTest == ["d3"])
    #expect(try abs(a.loss.item() - (a.metaTrainLoss + a.metaTestLoss)) < 1e-6)
    let error = #expect(throws: LearningError.self) { try mldg.outerLoss(domains, metaTest: [.name("d33")]) }
    #expect(error?.description.contains("did you mean") ?? false)
    #expect(throws: LearningError.self) { try mldg.outerLoss(domains, metaTest: []) }
    #expect(throws: LearningError.self) { try mldg.outerLoss(domains, metaTest: [.index(4)]) }
  }

  @Test(
    "every variant is its formula, and its gradient the slope of it",
    arguments: MLDG.Variant.allCases.filter { $0 != .domainBed })
  func variants(variant: MLDG.Variant) throws {
    let model = try MetaMLPModel(4, 2, hiddenSizes: [3], seed: 1).to(.float64)
    let mldg = try MLDG(model, stepSize: 0.2, beta: 0.7, lossFunction: .crossEntropy, variant: variant)
    let domains = try makeDomains(batchSize: nil)
    func outer() throws -> MLDGResult { try mldg.outerLoss(domains, metaTest: [.index(1), .index(2)]) }
    let found = try outer()
    func meanLoss(_ places: [Int], _ params: NamedTensors? = nil) throws -> Tensor {
      let losses = try places.map { place in
        try crossEntropy(
          model(domains[place].inputs.cast(to: .float64), params: params), domains[place].targets)
      }
      return try losses.dropFirst().reduce(losses[0]) { try $0 + $1 } / Double(places.count)
    }
    let parameters = Array(model.namedParameters().values)
    let (f, g) = try (meanLoss([0, 3]), meanLoss([1, 2]))
    let (forF, forG) = try (gradient(of: f, wrt: parameters), gradient(of: g, wrt: parameters))
    func product(_ a: Gradients, _ b: Gradients) throws -> Double {
      try zip(a.values, b.values).reduce(0) { try $0 + ($1.0 * $1.1).sum().item() }
    }
    let fast = try gradientUpdateParameters(model, f, stepSize: .scalar(0.2))
    let expected: Double
    switch variant {
    case .standard: expected = try f.item() + 0.7 * meanLoss([1, 2], fast).item()
    case .gradientCosine:
      let sizes = try (product(forF, forF) * product(forG, forG)).squareRoot()
      expected = try f.item() + g.item() - 0.2 * 0.7 * product(forF, forG) / sizes
    case .gradientNorm:
      let slope = try gradient(of: meanLoss([1, 2], fast), wrt: Array(fast.values))
      expected = try f.item() + 0.7 * product(slope, slope)
    case .domainBed: expected = .nan  // of first order, with a test of its own
    }
    #expect(try abs(found.loss.item() - expected) < 1e-9)
    let gradients = try found.gradients
    for (index, (name, parameter)) in model.namedParameters().enumerated() {
      let direction = try Tensor(
        NDArray.normal(parameter.shape, key: RandomKey(seed: 4, stream: UInt64(index)), .float64))
      let start = parameter.tensor
      func shifted(_ size: Double) throws -> Double {
        try parameter.assign(start + direction * size)
        return try outer().loss.item()
      }
      let slope = try (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      try parameter.assign(start)
      let analytic = try (#require(gradients[name]) * direction).sum().item()
      // DomainBed's inner step, nearly a sign, counts as a constant.
      let tolerance = variant == .domainBed ? 1e-4 : 1e-6
      #expect(abs(slope - analytic) < tolerance * max(1, abs(analytic)), "\(name)")
    }
  }

  @Test(
    "DomainBed's variant steps by a fresh Adam on a copy, a pair of domains at a time", arguments: [1, 2, 3])
  func domainBed(held: Int) throws {
    // A plain part takes part as well.
    let model = try Sequential(Linear(4, 5, seed: 1), Tanh(), MetaLinear(5, 2, seed: 2)).to(.float64)
    let mldg = try MLDG(model, stepSize: 0.05, beta: 0.7, lossFunction: .crossEntropy, variant: .domainBed)
    let domains = try makeDomains(batchSize: nil)
    let metaTest = [[2], [3, 1], [1, 2, 3]][held - 1]
    let metaTrain = (0..<4).filter { !metaTest.contains($0) }
    let found = try mldg.outerLoss(domains, metaTest: metaTest.map { .index($0) })
    var (loss, sums): (Double, [[Double]]) = (0, [])
    let names = Array(model.namedParameters().keys)
    for (place, i) in metaTrain.enumerated() {
      let copy = try model.copy()
      func measured(_ place: Int) throws -> Tensor {
        try crossEntropy(copy(domains[place].inputs.cast(to: .float64)), domains[place].targets)
      }
      func slopes(_ loss: Tensor) throws -> [[Double]] {
        try gradient(of: loss, wrt: Array(copy.namedParameters().values)).values.map { try $0.toDoubles() }
      }
      let own = try measured(i)
      let first = try slopes(own)
      try Adam(lr: 0.05).step(copy, loss: own)
      let tested = try measured(metaTest[place % held])
      loss += try (own.item() + 0.7 * tested.item()) / 4
      let both = try zip(first, slopes(tested)).map { zip($0, $1).map { ($0 + 0.7 * $1) / 4 } }
      sums = sums.isEmpty ? both : zip(sums, both).map { zip($0, $1).map { $0 + $1 } }
    }
    #expect(try abs(found.loss.item() - loss) < 1e-10)
    #expect(found.metaTest == metaTest.sorted().map { "d\($0)" })
    let gradients = try found.gradients
    for (name, sum) in zip(names, sums) {
      let own = try #require(gradients[name]).toDoubles()
      #expect(zip(own, sum).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name)")
    }
    #expect(try found.gradientInnerProduct.isFinite)
  }

  @Test(
    "any number of domains is held out, at random or in turn, the same each time",
    arguments: MLDG.Variant.allCases, [MLDG.Selection.random, .cyclic])
  func selections(variant: MLDG.Variant, selection: MLDG.Selection) throws {
    func run(_ held: Int) throws -> (chosen: [[String]], losses: [Double]) {
      let mldg = try MLDG(
        MetaSequential(MetaLinear(4, 2, seed: 1)), optimizer: SGD(lr: 0.01), stepSize: 0.01,
        numMetaTestDomains: held, variant: variant, selection: selection, seed: 3)
      let steps = mldg.trainIter(try makeDomains(), maxBatches: 12)
      var chosen: [[String]] = []
      while let step = try steps.next() { chosen.append(step.metaTest) }
      return (chosen, mldg.history.losses)
    }
    for held in 1...3 {
      let (chosen, losses) = try run(held)
      #expect(chosen.allSatisfy { $0.count == held && $0 == $0.sorted() && Set($0).count == held })
      #expect(Set(chosen.joined()).count == 4)
      #expect(losses.allSatisfy { $0.isFinite })
      let again = try run(held)
      #expect(again.chosen == chosen && again.losses == losses)
    }
    #expect(throws: LearningError.self) { try run(4) }
  }

  @Test("domains of different sizes give the mean over domains as well")
  func sizes() throws {
    let mldg = try MLDG(MetaSequential(MetaLinear(4, 2, seed: 1)), beta: 0)
    let domains = try makeDomains([10, 20, 30], batchSize: nil)
    let loss = try mldg.outerLoss(domains, metaTest: [.index(2)])
    let single = try (0..<2).map { index in
      try crossEntropy(mldg.model(domains[index].inputs), domains[index].targets).item()
    }
    #expect(abs(loss.metaTrainLoss - (single[0] + single[1]) / 2) < 1e-6)
  }

  @Test("training lowers the loss, reports the inner product, and repeats from its seed")
  func training() throws {
    func run() throws -> (MLDG, History) {
      let mldg = try MLDG(
        MetaMLPModel(4, 2, hiddenSizes: [8], seed: 1), optimizer: Adam(lr: 0.02), stepSize: 0.1)
      return (mldg, try mldg.train(makeDomains(), maxBatches: 60))
    }
    let (mldg, history) = try run()
    let start: Double = history.losses.prefix(5).reduce(0, +)
    let end: Double = history.losses.suffix(5).reduce(0, +)
    #expect(end < 0.5 * start)
    #expect(try run().1 == history)
    let evaluation = try mldg.evaluate(makeDomains())
    #expect(evaluation.accuracies.map { Array($0.keys) } == ["d0", "d1", "d2", "d3"])
    #expect(try #require(evaluation.meanAccuracy) > 0.85)
    let steps = mldg.trainIter(try makeDomains(), maxBatches: 1)
    let result = try #require(try steps.next())
    #expect(!result.loss.isRecorded)
    // Computed with the parameters from before the update.
    #expect(try result.gradientInnerProduct.isFinite)
  }

  @Test("the inner product is the first-order term of the objective")
  func taylor() throws {
    let model = try MetaMLPModel(4, 2, hiddenSizes: [5], seed: 1, dtype: .float64)
    let domains = try makeDomains([12, 12, 12], batchSize: nil)
    func outer(_ stepSize: Double) throws -> MLDGResult {
      try MLDG(model, stepSize: stepSize).outerLoss(domains, metaTest: [.index(1)])
    }
    let small = 1e-6
    let slope = try (outer(small).loss.item() - outer(-small).loss.item()) / (2 * small)
    #expect(try abs(slope + outer(0).gradientInnerProduct) < 1e-6)
  }

  @Test("minibatches use each sample once before any again, and do not depend on what is left out")
  func minibatches() throws {
    let domains = try makeDomains([20, 12], batchSize: 4)
    var seen: Set<[Double]> = []
    for iteration in 0..<5 {
      let x = try domains.minibatch(at: iteration)[0].inputs
      for row in 0..<4 { seen.insert(try x.at(row).toDoubles()) }
    }
    #expect(seen.count == 20)
    let kept = try domains.leavingOut("d0")
    #expect(kept.source.names == ["d1"] && kept.target.names == ["d0"])
    #expect(
      try kept.source.minibatch(at: 7)[0].inputs.toDoubles() == domains.minibatch(at: 7)[1].inputs.toDoubles()
    )
    #expect(throws: LearningError.self) { try domains.leavingOut("d0", "d1") }
    #expect(throws: LearningError.self) { try domains.minibatch(at: Int.max) }
  }

  @Test("a split cuts each domain in two by the seed, whatever is left out")
  func splits() throws {
    let domains = try makeDomains([20, 12], batchSize: 4)
    let (first, rest) = try domains.split(0.75)
    for (place, sizes) in [(15, 5), (9, 3)].enumerated() {
      #expect(try first[place].count == sizes.0 && rest[place].count == sizes.1)
      func rows(_ samples: Samples) throws -> Set<[Double]> {
        Set(try (0..<samples.count).map { try samples.inputs.at($0).toDoubles() })
      }
      let parts = try rows(first[place]).union(rows(rest[place]))
      #expect(try parts == rows(domains[place]))
    }
    let alone = try domains.leavingOut("d0").source.split(0.75).first
    #expect(try alone[0].inputs.toDoubles() == first[1].inputs.toDoubles())
    for fraction in [0, 1, -0.5, .nan, 0.001] {
      #expect(throws: LearningError.self) { try domains.split(fraction) }
    }
  }

  @Test("empirical risk minimisation is one more learner")
  func baseline() throws {
    let erm = try ERM(MetaMLPModel(4, 2, hiddenSizes: [8], seed: 1), optimizer: Adam(lr: 0.02))
    let history = try erm.train(makeDomains(), maxBatches: 60)
    #expect(try #require(history.losses.last) < 0.6 * #require(history.losses.first))
    #expect(try #require(erm.evaluate(makeDomains()).meanAccuracy) > 0.85)
  }
}
