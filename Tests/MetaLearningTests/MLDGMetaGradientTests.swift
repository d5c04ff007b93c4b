import ArrayCore
import Autograd
import MetaLearning
import NN
import OrderedCollections
import TestSupport
import Testing

/// Two classes told apart by a direction that turns from domain to domain.
private func makeDomains(_ count: Int = 4, batchSize: Int? = 16) throws -> Domains {
  var domains: OrderedDictionary<String, Samples> = [:]
  for place in 0..<count {
    let x = try Tensor.randn([40, 4], seed: UInt64(place))
    let direction = try Tensor([1, 0.3 * Double(place), -0.5, 0.2], dtype: .float32)
    domains["d\(place)"] = try Samples(x, (x * direction).sum([1]).greater(0))
  }
  return try Domains(domains, batchSize: batchSize, seed: 2)
}

private func makeModel(_ dtype: DType = .float32) throws -> Module {
  try MetaSequential(MetaLinear(4, 5, seed: 1), MetaBatchNorm1d(5), Tanh(), MetaLinear(5, 2, seed: 2)).to(
    dtype)
}

@Suite("MLDG's gradient, taken apart and checked, and how far domains' gradients agree")
struct MLDGMetaGradientTests {
  @Test(
    "agrees with central differences in every variant that is a derivative",
    arguments: [MLDG.Variant.standard, .gradientCosine, .gradientNorm])
  func check(variant: MLDG.Variant) throws {
    let mldg = try MLDG(makeModel(), stepSize: 0.3, beta: 0.7, variant: variant)
    let domains = try makeDomains()
    let found = try MLDGMetaGradient(mldg, domains, metaTest: [.name("d3"), .index(1)])
    let checks = try found.check(elements: 4)
    #expect(checks.map(\.name) == Array(mldg.learnedParameters.keys))
    for check in checks { #expect(check.largestDifference < 1e-6, "\(check.name)") }
    #expect(
      mldg.model.namedParameters().values.allSatisfy { $0.dtype == .float32 && $0.replacement == nil })
    let outer = try mldg.outerLoss(domains, metaTest: [.index(1), .index(3)])
    #expect(try abs(found.loss - outer.loss.item()) < 1e-5)
    for (name, gradient) in try outer.gradients {
      #expect(try isClose(gradient, #require(found.gradients[name]).toDoubles(), 1e-4), "\(name)")
    }
    let all = try #require(try found.parts.last)
    #expect(all.secondOrderNorm > 1e-3 && (all.angle ?? 0) > 0)
  }

  @Test("of first order it differs from the slope by the second-order rest")
  func firstOrder() throws {
    let domains = try makeDomains()
    let whole = try MLDGMetaGradient(MLDG(makeModel(), stepSize: 0.3), domains, metaTest: [.index(0)])
    let first = try MLDGMetaGradient(
      MLDG(makeModel(), stepSize: 0.3, firstOrder: true), domains, metaTest: [.index(0)])
    #expect(try first.check(elements: 4).map(\.largestDifference).max() ?? 0 > 1e-3)
    for (name, gradient) in first.gradients {
      #expect(try isClose(gradient, #require(whole.firstOrder[name]).toDoubles()), "\(name)")
      let sum = try gradient + #require(first.secondOrder[name])
      #expect(try isClose(sum, #require(whole.gradients[name]).toDoubles()), "\(name)")
    }
    // Without a step there is nothing of second order.
    let still = try MLDGMetaGradient(MLDG(makeModel(), stepSize: 0), domains, metaTest: [.index(0)])
    #expect(try still.parts.allSatisfy { $0.secondOrderNorm == 0 })
  }

  @Test("what is no derivative is refused, and a check after the loss has changed as well")
  func refused() throws {
    let domains = try makeDomains()
    let bed = #expect(throws: LearningError.self) {
      try MLDGMetaGradient(MLDG(makeModel(), variant: .domainBed), domains, metaTest: [.index(0)])
    }
    #expect(bed?.description.contains("takes no derivative through its inner step") ?? false)
    for metaTest in [[], [DomainReference.index(9)], (0..<4).map { .index($0) }] {
      #expect(throws: LearningError.self) {
        try MLDGMetaGradient(MLDG(makeModel()), domains, metaTest: metaTest)
      }
    }
    // The weights of MAML++'s losses move with its iteration.
    let batch = try fifteenClasses().batch(2)
    let learner = try MAMLPlusPlus(
      MetaSequential(MetaLinear(4, 3, seed: 1)), optimizer: SGD(lr: 0.01), numAdaptationSteps: 2,
      multiStepIterations: 10)
    let before = try MetaGradient(learner, batch)
    #expect(try before.check(elements: 2).allSatisfy { $0.largestDifference < 1e-6 })
    try learner.train([batch], maxBatches: 1)
    let changed = #expect(throws: LearningError.self) { try before.check(elements: 2) }
    #expect(changed?.description.contains("make the meta-gradient again") ?? false)
  }

  @Test(
    "the inner product is the sum over layers of those of domains' gradients, and the loss's own",
    arguments: [[3], [0, 2]], [MLDG.Variant.standard, .domainBed])
  func sums(metaTest: [Int], variant: MLDG.Variant) throws {
    let mldg = try MLDG(makeModel(.float64), stepSize: 0.3, variant: variant)
    let domains = try makeDomains(batchSize: nil)
    let references = metaTest.map { DomainReference.index($0) }
    let own = try mldg.outerLoss(domains, metaTest: references).gradientInnerProduct
    let found = try mldg.alignment(domains, metaTest: references)
    #expect(found.layers.map(\.layer) == ["0", "1", "3"])
    #expect(abs(found.layers.map(\.innerProduct).reduce(0, +) - own) < 1e-12)
    #expect(abs(found.whole.innerProduct - own) < 1e-12)
    let rest = (0..<4).filter { !metaTest.contains($0) }
    let pairs = rest.flatMap { i in metaTest.map { found.totals[i][$0] } }
    #expect(abs(pairs.reduce(0, +) / Double(pairs.count) - own) < 1e-12)
    guard variant == .standard else { return }
    // On a minibatch, in float32 and with dropout, the meta-gradient has the loss's own.
    let dropped = try MLDG(
      MetaSequential(MetaLinear(4, 6, seed: 1), Dropout(0.5), MetaLinear(6, 2, seed: 2)), stepSize: 0.3)
    let some = try makeDomains()
    let part = try MLDGMetaGradient(dropped, some, metaTest: references).alignment.whole.innerProduct
    let expected = try dropped.outerLoss(some, metaTest: references).gradientInnerProduct
    #expect(abs(part - expected) < 1e-5 * max(1, abs(expected)))
  }

  @Test("a pair's entry is the product of the gradients of its domains' mean losses")
  func pairs() throws {
    let model = try MetaMLPModel(4, 2, hiddenSizes: [3], seed: 1, dtype: .float64)
    let domains = try makeDomains(3, batchSize: nil)
    let parameters = Array(model.namedParameters().values)
    let gradients = try (0..<3).map { place in
      try gradient(
        of: crossEntropy(model(domains[place].inputs.cast(to: .float64)), domains[place].targets),
        wrt: parameters
      )
      .values.flatMap { try $0.toDoubles() }
    }
    func product(_ i: Int, _ j: Int) -> Double {
      zip(gradients[i], gradients[j]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let found = try MLDG(model).alignment(domains)
    var splits: [Double] = []
    for i in 0..<3 {
      for j in 0..<3 {
        #expect(abs(found.totals[i][j] - product(i, j)) < 1e-12)
        let cosine = product(i, j) / (product(i, i) * product(j, j)).squareRoot()
        #expect(abs((found.cosines[i][j] ?? .nan) - cosine) < 1e-12)
      }
      splits.append(try MLDG(model).alignment(domains, metaTest: [.index(i)]).whole.innerProduct)
    }
    #expect(abs(found.whole.innerProduct - splits.reduce(0, +) / 3) < 1e-12)
    // The baseline's is that of the same model.
    let erm = try ERM(model).alignment(domains)
    #expect(erm.products == found.products)
    #expect(throws: LearningError.self) { try ERM(model).alignment(domains, metaTest: [.name("d7")]) }
    #expect(throws: LearningError.self) {
      try ERM(model).alignment(domains, metaTest: (0..<3).map { .index($0) })
    }
    #expect(throws: LearningError.self) { try ERM(model).alignment(makeDomains(1)) }
  }

  @Test("frozen parameters take no part, plain ones none for MLDG, and zero gradients have no cosine")
  func parts() throws {
    let model = try MetaSequential(
      Linear(4, 5, seed: 1), MetaLinear(5, 5, seed: 2), MetaLinear(5, 2, seed: 3))
    let domains = try makeDomains()
    #expect(try MLDG(model).alignment(domains).layers.map(\.layer) == ["1", "2"])
    #expect(try ERM(model).alignment(domains).layers.map(\.layer) == ["1", "2"])
    try model.freeze(["1.*"])
    #expect(try MLDG(model).alignment(domains).layers.map(\.layer) == ["2"])
    let plain = try Sequential(Linear(4, 2, seed: 1))
    #expect(try ERM(plain).alignment(domains).layers.map(\.layer) == ["0"])
    let flat = try ERM(MetaLinear(4, 2, seed: 1), lossFunction: .custom { p, _ in try (p * 0).sum() })
    let whole = try flat.alignment(domains).whole
    #expect(whole.innerProduct == 0 && whole.cosine == nil)
    #expect(try flat.alignment(domains).layers.map(\.layer) == ["MetaLinear"])
  }

  @Test("training by MLDG makes the domains' gradients agree more than training on all of them together")
  func training() throws {
    let domains = try makeDomains(batchSize: nil)
    func model() throws -> Module { try MetaMLPModel(4, 2, hiddenSizes: [8], seed: 1) }
    let mldg = try MLDG(model(), optimizer: SGD(lr: 0.1), stepSize: 2)
    let erm = try ERM(model(), optimizer: SGD(lr: 0.2))
    let before = try mldg.alignment(domains)
    try mldg.train(domains, maxBatches: 100)
    try erm.train(domains, maxBatches: 100)
    let (own, other) = try (mldg.alignment(domains), erm.alignment(domains))
    #expect(before.whole.cosine == (try ERM(model()).alignment(domains).whole.cosine))
    #expect(try #require(own.whole.cosine) > #require(other.whole.cosine))
  }
}
