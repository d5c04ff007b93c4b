import Autograd
import Display
import Interpreter
import MetaLearning

extension MetaGradient: HostObject {
  public var typeName: String { self is MLDGMetaGradient ? "MLDGMetaGradient" : "MetaGradient" }
  public var summary: String { "the meta-gradient in float64, outer loss \(NumberText.compact(loss))" }
  public var mimeBundle: MIMEBundle { (try? partsTable.mimeBundle) ?? MIMEBundle(plain: summary) }
  public var memberKeys: [String: [String]] {
    let names = Array(gradients.keys)
    return ["gradients": names, "firstOrder": names, "secondOrder": names]
  }

  /// A row a parameter, and one for all.
  fileprivate var partsTable: DataTable {
    get throws {
      let parts = try parts
      return DataTable([
        .init("parameter", parts.map(\.name)), .init("shape", parts.map { "\($0.shape)" }),
        .init("‖gradient‖", parts.map(\.norm)), .init("‖first order‖", parts.map(\.firstOrderNorm)),
        .init("‖second order‖", parts.map(\.secondOrderNorm)), .init("angle in degrees", parts.map(\.angle)),
      ])
    }
  }
}

extension InnerloopLanguage {
  /// `maml.metaGradient(batch)` and `mldg.metaGradient(domains, metaTest: [3])`.
  static func registerMetaGradients(in builder: RegistryBuilder) {
    builder.type("MAML") { type in
      type.method(
        "metaGradient", [.positional("batch", .named("Batch"), "a Batch, or an array of tasks")],
        returns: .named("MetaGradient"),
        Documentation(
          "The gradient of the outer loss in float64, its first-order part and what second derivatives add.",
          formula: "∇L_test(θ′) (first order) + (∂θ′/∂θ − 1)ᵀ ∇L_test(θ′) (second order)",
          example: "maml.metaGradient(tasks.batch(4))", paper: "Finn et al. 2017")
      ) { arguments, _ in
        .object(try MetaGradient(arguments.receiver(as: MAML.self), arguments.boxed("batch")))
      }
    }
    builder.type("MLDG") { type in
      type.method(
        "metaGradient",
        [.domains, .labelled("metaTest", .any, "indices or names of the domains held out, in an array")],
        returns: .named("MLDGMetaGradient"),
        Documentation(
          "The gradient of one split's loss in float64, its first-order part and what second derivatives add.",
          formula: "F′ + β G′(θ − α F′) (first order) − αβ ∇²F G′(θ − α F′) (second order)",
          example: "mldg.metaGradient(domains, metaTest: [3])", paper: "Li et al. 2018",
          discussion: "Its `alignment` has F′·G′ by layer. DomainBed's variant has no such gradient.")
      ) { arguments, _ in
        .object(
          try MLDGMetaGradient(
            arguments.receiver(as: MLDG.self), arguments.domains(), metaTest: arguments.metaTest()))
      }
    }
    builder.type(
      "MLDGMetaGradient", parent: "MetaGradient", "The gradient of MLDG's loss, taken apart, with F′·G′."
    ) { type in
      type.property(
        "alignment", .named("Alignment"), "How far F′ and G′ agree at θ, by layer and by pair of domains."
      ) { (own: MLDGMetaGradient, _) in own.alignment.hosted }
    }
    builder.type("MetaGradient", "A gradient of the outer loss, taken apart.") { type in
      type.property("gradients", .dictionary(.tensor), "The learner's own, by parameter name.") {
        (own: MetaGradient, _) in .tensors(own.gradients)
      }
      type.property(
        "firstOrder", .dictionary(.tensor), "With the inner steps' gradients as constants."
      ) { (own: MetaGradient, _) in .tensors(own.firstOrder) }
      type.property("secondOrder", .dictionary(.tensor), "What the first order leaves out.") {
        (own: MetaGradient, _) in .tensors(own.secondOrder)
      }
      type.property("loss", .double, "The outer loss.") { (own: MetaGradient, _) in .double(own.loss) }
      type.property(
        "table", .named("Table"),
        "A row a parameter: the norms of the gradient and its two parts, and the angle."
      ) { (own: MetaGradient, _) in try own.partsTable.hosted }
      type.method(
        "check",
        [
          .labelled("elements", .int, default: 20, "of each parameter so many at most"),
          .labelled("step", .double, default: 1e-5, "how far the parameters are moved"),
        ], returns: .named("Table"),
        Documentation(
          "The gradient beside central differences of the outer loss, parameter by parameter.",
          formula: "(L(θ + h) − L(θ − h)) / 2h", example: "maml.metaGradient(tasks.batch(2)).check()",
          discussion:
            "About 1e-8 where the gradient is the derivative; first-order learners differ by what they leave out."
        )
      ) { arguments, _ in
        let checks = try arguments.receiver(as: MetaGradient.self).check(
          elements: try arguments.int("elements"), step: try arguments.double("step"))
        return DataTable([
          .init("parameter", checks.map(\.name)), .init("elements", checks.map(\.count)),
          .init("largest difference", checks.map(\.largestDifference)),
        ]).hosted
      }
    }
  }
}
