import ArrayCore
import Autograd
import NN
import OrderedCollections

/// How far the gradients of domains' losses agree, in float64: their inner products by layer and by pair of domains.
///
/// To first order in α, MLDG's G(Θ − α F'(Θ)) is G(Θ) − α F'·G', so that it makes F'·G' large (Li et al. 2018). F' and G' are
/// means of the domains' gradients, and so F'·G' is the mean of ∇Lᵢ·∇Lⱼ over i of meta-train and j of meta-test.
public struct GradientAlignment: Sendable {
  public let domains: [String]
  /// Of each layer, by its module's name, ∇Lᵢ·∇Lⱼ of all pairs of domains, row by row.
  public let products: OrderedDictionary<String, [[Double]]>
  /// The places of the domains that make G; nil for each one in turn, and the mean over these splits.
  public let metaTest: [Int]?

  /// - Parameters:
  ///   - parameters: whose gradients are compared.
  ///   - gradients: of the loss on the domain at a place, with respect to leaves that stand for `parameters`.
  init(
    _ domains: [String], over parameters: NamedParameters, of model: Module, metaTest: [Int]?,
    _ gradients: (_ place: Int, _ leaves: [Tensor]) throws -> [Tensor]
  ) throws {
    let others = model.namedParameters().values.filter { other in
      !parameters.values.contains { $0 === other }
    }
    let constants = try others.map { ($0, try $0.tensor.inFloat64()) }
    let leaves = try parameters.values.map { try $0.tensor.inFloat64().asRecorded() }
    let found = try withReplacedParameters(Array(zip(parameters.values, leaves)) + constants) {
      try domains.indices.map { place in
        try Cancellation.check("alignment")
        return try gradients(place, leaves).map { try $0.toDoubles() }
      }
    }
    var products: OrderedDictionary<String, [[Double]]> = [:]
    for (index, name) in parameters.keys.enumerated() {
      let layer = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? model.className
      let zeros = domains.map { _ in domains.map { _ in 0.0 } }
      var sums = products[layer] ?? zeros
      for i in domains.indices {
        for j in 0...i {
          let own = zip(found[i][index], found[j][index]).reduce(0.0) { $0 + $1.0 * $1.1 }
          sums[i][j] += own
          if i != j { sums[j][i] += own }
        }
      }
      products[layer] = sums
    }
    (self.domains, self.products, self.metaTest) = (domains, products, metaTest)
  }

  /// ∇Lᵢ·∇Lⱼ over all layers.
  public var totals: [[Double]] {
    domains.indices.map { i in
      domains.indices.map { j in products.values.reduce(0.0) { $0 + $1[i][j] } }
    }
  }

  /// The cosine of each pair of domains over all layers; nil where a gradient is 0.
  public var cosines: [[Double?]] {
    let all = totals
    return domains.indices.map { i in domains.indices.map { Self.cosine(all[i][$0], all[i][i], all[$0][$0]) }
    }
  }

  /// F'·G' of a layer, or of all together.
  public struct Part: Sendable {
    public let layer: String
    public let innerProduct: Double
    /// F'·G' / (‖F'‖ ‖G'‖); nil where one of them is 0.
    public let cosine: Double?
  }

  /// The parts of all layers. With each domain held out in turn, the means over these splits.
  public var layers: [Part] { products.map { part($0.key, $0.value) } }

  /// All layers together.
  public var whole: Part { part("all", totals) }

  private func part(_ layer: String, _ products: [[Double]]) -> Part {
    let splits = metaTest.map { [$0] } ?? domains.indices.map { [$0] }
    let found = splits.map { test in
      let train = domains.indices.filter { !test.contains($0) }
      func mean(_ rows: [Int], _ columns: [Int]) -> Double {
        let sum = rows.reduce(0.0) { sum, row in columns.reduce(sum) { $0 + products[row][$1] } }
        return sum / Double(rows.count * columns.count)
      }
      let product = mean(train, test)
      return (product, Self.cosine(product, mean(train, train), mean(test, test)))
    }
    let cosines = found.compactMap(\.1)
    return Part(
      layer: layer, innerProduct: mean(found.map(\.0)),
      cosine: cosines.count == found.count ? mean(cosines) : nil)
  }

  private static func cosine(_ product: Double, _ a: Double, _ b: Double) -> Double? {
    let sizes = a.squareRoot() * b.squareRoot()
    return sizes > 0 ? max(-1, min(1, product / sizes)) : nil
  }
}

extension GradientAlignment {
  /// The gradients of the mean losses over all samples of each domain, with the model in evaluation mode as for
  /// `evaluate`, in parts that bound the memory.
  fileprivate init(
    _ domains: Domains, metaTest: [DomainReference], over parameters: NamedParameters, _ pass: DomainPass
  ) throws {
    let chosen = try OrderedSet(metaTest.map { try $0.place(in: domains.names) })
    guard chosen.count < domains.count, domains.count > 1 else {
      throw LearningError.argument(
        type: "alignment",
        reason:
          "\(chosen.count) of \(domains.count) domains for meta-test; both sides need one at least")
    }
    try self.init(
      domains.names, over: parameters, of: pass.model, metaTest: chosen.isEmpty ? nil : chosen.sorted()
    ) { place, leaves in
      let samples = try domains[place]
      var sums: [Tensor]?
      for part in try samples.parts(ofAtMost: 512) {
        let loss = try pass.model.evaluating { try pass.loss(part.inFloat64(), [], 0, first: place) }
        let share = try loss * (Double(part.count) / Double(samples.count))
        let own = try gradient(of: share, wrt: leaves).values
        sums = try sums.map { try zip($0, own).map { try $0 + $1 } } ?? own
      }
      return sums ?? []
    }
  }
}

extension MLDG {
  /// How far the domains' gradients with respect to what the inner step moves agree, on all samples.
  ///
  /// - Parameters:
  ///   - domains: all of F and G.
  ///   - metaTest: the domains of G; without any, each in turn.
  public func alignment(_ domains: Domains, metaTest: [DomainReference] = []) throws -> GradientAlignment {
    try GradientAlignment(domains, metaTest: metaTest, over: adapted.moving, pass)
  }
}

extension ERM {
  /// How far the domains' gradients agree, as ``MLDG/alignment(_:metaTest:)`` of the same model: on all samples, with respect
  /// to what an inner step would move, or to all that is learned where no module is adapted.
  public func alignment(_ domains: Domains, metaTest: [DomainReference] = []) throws -> GradientAlignment {
    let meta = model.metaNamedParameters().filter { !$0.value.isFrozen }
    let pass = DomainPass(model: model, lossFunction: lossFunction, round: iteration)
    return try GradientAlignment(
      domains, metaTest: metaTest, over: meta.isEmpty ? learnedParameters : meta, pass)
  }
}
