import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension Arguments {
  /// Domains, or an array of pairs.
  fileprivate enum DomainsArgument {
    case domains(Domains)
    case list([Samples])
  }

  fileprivate func domainsArgument(_ name: String = "domains") throws -> DomainsArgument {
    if let domains = self[name].object(as: Domains.self) { return .domains(domains) }
    let list = try (self[name].arrayValue ?? []).compactMap { value in
      try value.object(as: Box<Samples>.self)?.value ?? Samples.pair(value)?()
    }
    guard !list.isEmpty else {
      throw problem(
        name, id: "type-mismatch", "`\(name)` takes Domains or an array of pairs `(inputs, targets)`")
    }
    return .list(list)
  }

  func domains(_ name: String = "domains") throws -> Domains {
    switch try domainsArgument(name) {
    case .domains(let domains): domains
    case .list(let list):
      try Domains(.init(uniqueKeysWithValues: list.enumerated().map { ("\($0.offset)", $0.element) }))
    }
  }

  func metaTest() throws -> [DomainReference] {
    try (self["metaTest"].arrayValue ?? [self["metaTest"]]).map { value in
      switch value {
      case .int(let index): return .index(index)
      case .string(let name): return .name(name)
      default:
        throw problem(
          "metaTest", id: "type-mismatch",
          "`metaTest:` takes indices or names of domains, not \(value.typeDescription)")
      }
    }
  }
}

extension Interpreter.Parameter {
  static let domains = positional(
    "domains", .any, "Domains, or an array of pairs (inputs, targets)")
}

extension InnerloopLanguage {
  /// MLDG and its baseline.
  static func registerDomainLearners(in builder: RegistryBuilder) {
    registerMLDG(in: builder)
    registerAlignments(in: builder)
    registerERM(in: builder)
  }

  private static func registerMLDG(in builder: RegistryBuilder) {
    builder.enumeration(
      "DomainSelection", "Which domains are held out at a step.",
      cases: ["random": "drawn anew at each step", "cyclic": "one after the other"])
    builder.enumeration(
      "MLDGVariant", "What MLDG makes small.",
      cases: [
        "standard": "F + β G(θ − α ∇F)", "gradientCosine": "F + G − αβ cos(∇F, ∇G), MLDG-GC",
        "gradientNorm": "F + β ‖∇G(θ − α ∇F)‖², MLDG-GN",
        "domainBed":
          "each meta-train domain with a step of a fresh Adam on a copy, first order, as DomainBed does",
      ])
    let documentation = Documentation(
      "Meta-learning for domain generalisation: a step on some domains must help on the others.",
      formula: "F(θ) + β · G(θ − α ∇F(θ)); to first order F + βG − βα ∇F·∇G",
      example: "let mldg = MLDG(model, optimizer: Adam(lr: 0.001), stepSize: 0.1)", paper: "Li et al. 2018")
    builder.type("MLDG", documentation) { type in
      type.initializer(
        [
          .positional("model", .module, "the model to train"), .optimizer,
          .labelled("stepSize", .double, default: 0.1, "α"),
          .labelled("beta", .double, default: 1, "β, the weight of the meta-test loss"),
          .labelled("numMetaTestDomains", .int, default: 1, "how many domains are held out at a step"),
          .labelled("firstOrder", .bool, default: false, "leave second derivatives out"), .lossFunction,
          .labelled(
            "variant", .named("MLDGVariant"), default: .case("standard"), "which of the objectives"),
          .labelled(
            "selection", .named("DomainSelection"), default: .case("random"),
            "which domains are held out at a step"),
          .labelled("seed", .int, default: 0, "decides the random selection"),
        ], documentation
      ) { arguments, evaluation in
        .object(
          try MLDG(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"), beta: try arguments.double("beta"),
            numMetaTestDomains: try arguments.int("numMetaTestDomains"),
            firstOrder: try arguments.bool("firstOrder"),
            lossFunction: try arguments.lossFunction(evaluation),
            variant: MLDG.Variant(rawValue: try arguments.enumCase("variant")) ?? .standard,
            selection: try arguments.enumCase("selection") == "cyclic" ? .cyclic : .random,
            seed: UInt64(bitPattern: Int64(try arguments.int("seed")))))
      }
      registerMLDGMethods(in: type)
      registerAlignment(of: MLDG.self, in: type, example: "mldg.alignment(domains)") {
        try $0.alignment($1, metaTest: $2)
      }
    }
  }

  private static func registerMLDGMethods(in type: TypeBuilder) {
    type.method(
      "outerLoss",
      [.domains, .labelled("metaTest", .any, "indices or names of the domains held out, in an array")],
      returns: .named("MLDGLoss"),
      Documentation(
        "The loss of one split of the domains.", formula: "F + β G(θ − α ∇F)",
        example: "mldg.outerLoss(domains, metaTest: [3])",
        paper: "Li et al. 2018, algorithm 1")
    ) { arguments, _ in
      let mldg = try arguments.receiver(as: MLDG.self)
      switch try arguments.domainsArgument() {
      case .domains(let domains):
        return .object(try mldg.outerLoss(domains, metaTest: try arguments.metaTest()))
      case .list(let list):
        let positions = try arguments.metaTest().map { reference in
          guard case .index(let index) = reference else {
            throw arguments.problem(
              "metaTest", id: "type-mismatch", "domains without names are named by index")
          }
          return index
        }
        return .object(try mldg.outerLoss(list, metaTest: positions))
      }
    }
    type.method(
      "profile", [.domains, .repeats], returns: .named("Table"), .profile(example: "mldg.profile(domains)")
    ) { arguments, _ in
      try arguments.receiver(as: MLDG.self).profile(
        try arguments.domains(), repeats: try arguments.int("repeats")
      ).dataTable.hosted
    }
    registerDomainTraining(
      of: MLDG.self, in: type, varying: Interpreter.Parameter.mldgChanges, named: "mldg"
    ) {
      .object($0)
    } evaluate: {
      try $0.evaluate($1)
    }
  }

  /// What MLDG is compared with: all domains together.
  private static func registerERM(in builder: RegistryBuilder) {
    let documentation = Documentation(
      "Empirical risk minimisation: the mean loss over all domains.", formula: "mean over domains of L(θ)",
      example: "let erm = ERM(model, optimizer: Adam(lr: 0.001))", paper: "Gulrajani and Lopez-Paz 2021")
    builder.type("ERM", documentation) { type in
      type.initializer(
        [.positional("model", .module, "the model to train"), .optimizer, .lossFunction], documentation
      ) {
        arguments, evaluation in
        .object(
          ERM(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            lossFunction: try arguments.lossFunction(evaluation)))
      }
      type.method(
        "outerLoss", [.domains], returns: .named("ERMLoss"),
        Documentation(
          "The mean loss on one minibatch of each domain.", example: "ERM(model).outerLoss(domains)")
      ) { arguments, _ in
        .object(try arguments.receiver(as: ERM.self).outerLoss(try arguments.domains()))
      }
      registerAlignment(of: ERM.self, in: type, example: "ERM(model).alignment(domains)") {
        try $0.alignment($1, metaTest: $2)
      }
      registerDomainTraining(of: ERM.self, in: type, named: "ERM(model)") {
        .object($0)
      } evaluate: {
        try $0.evaluate($1)
      }
    }
    builder.type("ERMLoss", "The objective of ERM.") { type in
      type.property("loss", .tensor, "The mean over domains; differentiable.") { (result: ERMResult, _) in
        .object(result.loss)
      }
      type.property("meanLoss", .double, "The loss as a number.") { (result: ERMResult, _) in
        .double(result.meanLoss)
      }
      type.property("iteration", .int, "The iteration it belongs to.") { (result: ERMResult, _) in
        .int(result.iteration)
      }
      type.property("gradients", .dictionary(.tensor), "The gradient of the loss by parameter name.") {
        (result: ERMResult, _) in
        .tensors(try result.gradients)
      }
    }
  }

  private static func registerDomainTraining<L: Learner & HostObject & SendableMetatype>(
    of learner: L.Type, in type: TypeBuilder, varying changes: [Interpreter.Parameter] = [],
    named name: String, hosted: @escaping @Sendable (L.Outcome) -> Value,
    evaluate: @escaping @Sendable (L, Domains) throws -> DomainEvaluation
  ) where L.Source == Domains {
    registerTraining(of: learner, in: type, on: .domains, varying: changes, named: name) {
      arguments, name, _ in
      try arguments.domains(name)
    } hosted: {
      hosted($0)
    }
    type.method(
      "evaluate", [.domains], returns: .named("DomainEvaluation"),
      "Loss and accuracy on each domain; adapts nothing."
    ) { arguments, _ in
      try evaluate(try arguments.receiver(as: L.self), try arguments.domains()).hosted
    }
  }
}

extension ERM: HostObject {
  public var typeName: String { "ERM" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: summary) }
  public var summary: String { "ERM(\(model.className)), \(NumberText.grouped(iteration)) iterations" }
}

extension ERMResult: HostObject {
  public var typeName: String { "ERMLoss" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: summary) }
  public var summary: String { "mean loss \(NumberText.compact(meanLoss))" }
}
