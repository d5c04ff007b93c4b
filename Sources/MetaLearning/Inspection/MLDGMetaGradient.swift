import ArrayCore
import Autograd
import NN

/// The gradient of MLDG's objective on one split of the domains, taken apart and checked as ``MetaGradient`` is, with F'·G'.
///
/// The first-order part takes F' as a constant: F' + β G'(Θ − α F') in the standard variant. The rest is what the derivative
/// of F' adds, −αβ H_F G'(Θ − α F'), which turns the step towards where F' and G' agree.
public final class MLDGMetaGradient: MetaGradient {
  /// F' and G' at Θ, on the same samples.
  public let alignment: GradientAlignment

  /// - Parameters:
  ///   - learner: nothing of it is changed.
  ///   - domains: all of F and G.
  ///   - metaTest: the domains of G; the others make F.
  /// - Throws: ``LearningError/argument(type:reason:)`` for DomainBed's variant, whose step is no derivative of its objective.
  public init(_ learner: MLDG, _ domains: Domains, metaTest: [DomainReference]) throws {
    guard learner.variant != .domainBed else {
      throw LearningError.argument(
        type: "metaGradient",
        reason:
          "DomainBed's variant takes no derivative through its inner step; use .standard, with firstOrder: true for what comes nearest"
      )
    }
    let split = try learner.split(domains, metaTest: metaTest)
    let exact = try split.with(split.tensors.map { try $0.inFloat64() }[...])
    let (moving, _) = try learner.adapted
    let pass = learner.pass
    // The passes of the objective: F is the first, G the second.
    let sets =
      exact.train.indices.map { (exact.train[$0], number: 0, first: $0) }
      + exact.test.indices.map { (exact.test[$0], number: 1, first: $0) }
    let trained = domains.names.indices.filter { !split.metaTest.contains($0) }
    alignment = try GradientAlignment(
      (trained + split.metaTest).map { domains.names[$0] }, over: moving, of: learner.model,
      metaTest: Array(trained.count..<domains.count)
    ) { place, leaves in
      let (samples, number, first) = sets[place]
      return try gradient(of: pass.loss(samples, [], number, first: first), wrt: leaves).values
    }
    try super.init(of: learner, isFirstOrder: learner.firstOrder) {
      try learner.objective(exact, firstOrder: $0).loss
    }
  }
}
