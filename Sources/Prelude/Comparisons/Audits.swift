import Diagnostics
import Display
import Interpreter
import MetaLearning
import NN
import OrderedCollections

/// What an audit has found, with the places in the program that it comes from.
struct AuditReport: HostValue {
  let diagnostics: [Diagnostic]
  let looked: [String]

  var hostTypeName: String { "Audit" }
  var hostSummary: String {
    diagnostics.isEmpty
      ? "no leak found" : "\(diagnostics.count) leak\(diagnostics.count == 1 ? "" : "s") found"
  }

  private var lookedAt: String { "looked at \(looked.joined(separator: "; "))" }

  private func text(_ renderer: DiagnosticRenderer) -> String {
    diagnostics.isEmpty
      ? "no leak found: \(lookedAt)" : renderer.render(diagnostics) + "\n\(hostSummary); \(lookedAt)"
  }

  var hostBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: text(DiagnosticRenderer(colour: false)))
    bundle.terminal = { [self] style in
      var renderer = DiagnosticRenderer(colour: style.colour)
      renderer.width = style.width
      return text(renderer)
    }
    return bundle
  }

  /// A row a leak.
  var table: DataTable {
    DataTable(
      [
        DataTable.Column("leak", diagnostics.map(\.id)),
        .init("place", diagnostics.map { $0.place }), .init("what", diagnostics.map(\.message)),
        .init("instead", diagnostics.map { $0.hints.first }),
      ], note: lookedAt)
  }
}

extension Diagnostic {
  /// `cell 3:2`: the source and the line.
  fileprivate var place: String? {
    position.flatMap { position in source.map { "\($0.name):\(position.line)" } }
  }
}

extension Arguments {
  /// The task sets, or the domains, that a call gives by any of its arguments.
  fileprivate func auditedSets() throws -> OrderedDictionary<String, Value> {
    var sets: OrderedDictionary<String, Value> = [:]
    switch self["sets"] {
    case .null: break
    case .array(let values):
      for (place, value) in values.enumerated() { sets["set \(place + 1)"] = value }
    case .dictionary(let entries):
      for (key, value) in entries { sets[key.value.description] = value }
    case let value: sets["the set"] = value
    }
    for name in ["train", "val", "test"] where !self[name].isNull { sets[name] = self[name] }
    return sets
  }

  fileprivate func audit(_ evaluation: Evaluation) throws -> Audit {
    guard case .object(let object) = self["learner"] else { throw notAudited("learner", self["learner"]) }
    let sets = try auditedSets()
    var limits = Audit.Limits()
    limits.tasks = try int("numTasks")
    let step = { try evaluation.endStep() }
    let domains = sets.compactMapValues { $0.object(as: Domains.self) }
    let tasks = sets.compactMapValues { $0.object(as: Tasks.self) }
    if let odd = sets.first(where: { domains[$0.key] == nil && tasks[$0.key] == nil }) {
      throw notAudited("sets", odd.value)
    }
    guard domains.isEmpty || tasks.isEmpty else {
      throw problem(message: "`audit` looks at tasks or at domains, not at both at once")
    }
    let model = (object as? any Learner)?.model ?? object as? Module
    guard let model else { throw notAudited("learner", self["learner"]) }
    if !domains.isEmpty { return try Audit(model: model, domains: domains, limits: limits, progress: step) }
    if let learner = object as? any Learner {
      return try Audit(of: learner, sets: tasks, limits: limits, progress: step)
    }
    return try Audit(model: model, sets: tasks, limits: limits, progress: step)
  }

  private func notAudited(_ name: String, _ value: Value) -> Diagnostic {
    name == "learner"
      ? problem(
        name, id: "type-mismatch",
        "`audit` looks at a learner or a model first, not \(value.typeDescription)",
        hints: ["`audit(maml, train: tasks, test: tests)`"])
      : problem(
        id: "type-mismatch", message: "`audit` looks at task sets or Domains, not \(value.typeDescription)",
        hints: value.object(as: Box<Batches>.self) == nil
          ? [] : ["give the tasks themselves, not batches of them"])
  }
}

extension Audit {
  /// The findings at the places that they come from.
  ///
  /// - Parameter model: where layers of a module of its own were made, that is the place.
  fileprivate func report(_ evaluation: Evaluation, model: Module?) -> AuditReport {
    let origins = Origins.of(evaluation)
    func site(_ object: AnyObject) -> CallSite? {
      if let own = origins.site(of: object) { return own }
      return object is Module ? model.flatMap { origins.site(of: $0) } : nil
    }
    return AuditReport(
      diagnostics: findings.map { finding in
        let place = site(finding.subject)
        var notes: [Diagnostic.Note] = []
        if let other = finding.other, let place = site(other.object) {
          notes = [Diagnostic.Note("\(other.name) is made here", at: place.span, in: place.source)]
        }
        return Diagnostic(
          id: finding.kind.rawValue, severity: .warning, message: finding.message, span: place?.span,
          source: place?.source, hints: [finding.hint], notes: notes)
      }, looked: looked)
  }
}

extension InnerloopLanguage {
  /// `audit`.
  static func registerAudits(in builder: RegistryBuilder) {
    builder.function(
      "audit",
      [
        .positional("learner", .any, "a learner, or a model"),
        .positional(
          "sets", .any, default: nil,
          "a task set or Domains, or several in an array or by name, which should have nothing in common"),
        .labelled("train", .any, default: nil, aliases: ["on"], "what is trained on"),
        .labelled("val", .any, default: nil, aliases: ["validation"], "what settings are chosen by"),
        .labelled("test", .any, default: nil, aliases: ["testing"], "what is measured on"),
        .labelled("numTasks", .int, default: 20, "how many tasks of each set are looked at"),
      ], returns: .named("Audit"),
      Documentation(
        "Looks for what makes a learner's numbers better than they are, and names the line that it comes from.",
        example: "audit(maml, train: tasks, test: Sinusoid(shots: 10, metaSplit: .test))",
        discussion:
          """
          Samples in both sets of a task or more than once in the data; classes, tasks or samples in two sets; one seed for \
          two sets or two layers; batch normalisation by the statistics of the query set. Samples are compared by their \
          numbers, in the first tasks of each set and in its classes. Nothing is trained or changed.
          """)
    ) { arguments, evaluation in
      let audit = try arguments.audit(evaluation)
      let object = arguments["learner"].object(as: Module.self)
      let model = object ?? arguments["learner"].learnerModel
      return audit.report(evaluation, model: model).hosted
    }
    builder.type("Audit", "The leaks that were found, each with its line.") { type in
      type.property(of: AuditReport.self, "isClean", .bool, "Whether no leak was found.") {
        .bool($0.diagnostics.isEmpty)
      }
      type.property(of: AuditReport.self, "count", .int, "How many leaks were found.") {
        .int($0.diagnostics.count)
      }
      type.property(
        of: AuditReport.self, "leaks", .array(.string), "Their kinds, such as \"shared-samples\"."
      ) {
        .strings($0.diagnostics.map(\.id))
      }
      type.property(
        of: AuditReport.self, "table", .named("Table"), "A row for each: kind, place, what, instead."
      ) {
        $0.table.hosted
      }
    }
  }
}

extension Value {
  fileprivate var learnerModel: Module? {
    guard case .object(let object) = self else { return nil }
    return (object as? any Learner)?.model
  }
}
