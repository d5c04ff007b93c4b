import Display
import Interpreter
import MetaLearning

extension GradientAlignment: HostValue {
  var hostTypeName: String { "Alignment" }
  var hostSummary: String {
    let cosine = whole.cosine.map { ", cosine \(NumberText.compact($0))" } ?? ""
    return "F′·G′ \(NumberText.compact(whole.innerProduct))\(cosine), \(held)"
  }
  var hostBundle: MIMEBundle { (metaTest == nil ? pairTable : layerTable).mimeBundle }

  /// What makes G.
  private var held: String {
    guard let metaTest else { return "each domain held out in turn" }
    return "\(metaTest.map { domains[$0] }.joined(separator: ", ")) held out"
  }

  fileprivate var layerTable: DataTable {
    let rows = layers + [whole]
    return DataTable(
      [
        .init("layer", rows.map(\.layer)), .init("F′·G′", rows.map(\.innerProduct)),
        .init("cosine", rows.map(\.cosine)),
      ], note: metaTest == nil ? "the mean over splits: \(held)" : held)
  }

  fileprivate var pairTable: DataTable { matrix(cosines, note: "cosines of the gradients; \(hostSummary)") }
  fileprivate var productTable: DataTable { matrix(totals, note: "inner products of the gradients") }

  private func matrix(_ rows: [[Double?]], note: String) -> DataTable {
    let columns = domains.indices.map { place in DataTable.Column(domains[place], rows.map { $0[place] }) }
    return DataTable([.init("domain", domains)] + columns, note: note)
  }
}

extension InnerloopLanguage {
  /// `learner.alignment(domains)`.
  static func registerAlignment<L: HostObject & SendableMetatype>(
    of _: L.Type, in type: TypeBuilder, example: String,
    _ measure: @escaping @Sendable (L, Domains, [DomainReference]) throws -> GradientAlignment
  ) {
    type.method(
      "alignment",
      [
        .domains,
        .labelled(
          "metaTest", .any, default: nil,
          "indices or names of the domains that make G; nil takes each in turn"),
      ], returns: .named("Alignment"),
      Documentation(
        "How far the gradients of the domains' losses agree at θ, by layer and by pair of domains.",
        formula: "F′·G′, the mean of ∇Lᵢ·∇Lⱼ over meta-train domains i and meta-test domains j",
        example: example,
        paper: "Li et al. 2018",
        discussion: """
          In float64, on all samples of each domain, with the model as for `evaluate`, over the parameters that an inner \
          step moves. To first order in α, MLDG makes F + βG − αβ F′·G′ small: a cosine that rises says that a step for some \
          domains helps the others.
          """)
    ) { arguments, _ in
      try measure(
        arguments.receiver(as: L.self), arguments.domains(),
        arguments.optional("metaTest") == nil ? [] : arguments.metaTest()
      ).hosted
    }
  }

  static func registerAlignments(in builder: RegistryBuilder) {
    builder.type("Alignment", "How far the gradients of domains' losses agree.") { type in
      type.property(
        of: GradientAlignment.self, "layers", .named("Table"),
        "F′·G′ and its cosine by layer, and of all together."
      ) { $0.layerTable.hosted }
      type.property(
        of: GradientAlignment.self, "pairs", .named("Table"),
        "The cosine of the gradients of each pair of domains."
      ) { $0.pairTable.hosted }
      type.property(
        of: GradientAlignment.self, "products", .named("Table"),
        "The inner product of the gradients of each pair of domains; squared norms on the diagonal."
      ) { $0.productTable.hosted }
      type.property(of: GradientAlignment.self, "innerProduct", .double, "F′·G′ over all layers.") {
        .double($0.whole.innerProduct)
      }
      type.property(
        of: GradientAlignment.self, "cosine", .optional(.double),
        "F′·G′ / (‖F′‖ ‖G′‖) over all layers; nil where a gradient is 0."
      ) { $0.whole.cosine.map(Value.double) ?? .null }
    }
  }
}
