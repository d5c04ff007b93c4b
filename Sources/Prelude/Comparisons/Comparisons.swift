import Diagnostics
import Display
import Interpreter
import MetaLearning
import OrderedCollections

extension Comparison: HostObject {
  public var typeName: String { "Comparison" }
  public var summary: String {
    "\(names.joined(separator: ", ")): \(seedsDone) of \(seeds.count) seed\(seeds.count == 1 ? "" : "s") done"
  }

  /// The learners, and below them their differences.
  public var mimeBundle: MIMEBundle {
    let tables = [rowTable] + (names.count > 1 ? [differenceTable] : [])
    guard seedsDone > 0 else { return MIMEBundle(plain: "Comparison(\(summary))") }
    let bundles = tables.map(\.mimeBundle)
    var bundle = MIMEBundle(
      plain: bundles.map(\.plainText).joined(separator: "\n\n"),
      html: tables.map { $0.html() }.joined(separator: "\n"))
    bundle.terminal = { style in bundles.map { $0.terminalText(style) }.joined(separator: "\n\n") }
    return bundle
  }

  private var place: String { isOnDomains ? "held-out" : "test (query)" }

  private func columns(_ losses: [MeanInterval], _ accuracies: [MeanInterval?]) -> [DataTable.Column] {
    var columns = [
      DataTable.Column("\(place) loss", losses.map(\.mean)), .init("± 95%", losses.map(\.shownHalfWidth)),
    ]
    if !accuracies.isEmpty, accuracies.allSatisfy({ $0 != nil }) {
      columns += [
        .init("\(place) accuracy", accuracies.map { $0?.mean }),
        .init("± 95% of accuracy", accuracies.map { $0?.shownHalfWidth }),
      ]
    }
    return columns
  }

  var rowTable: DataTable {
    let rows = rows
    return DataTable(
      [DataTable.Column("learner", rows.map(\.name))] + columns(rows.map(\.loss), rows.map(\.accuracy)),
      note: "over \(done); ± by Student's t; each measured on \(measured)")
  }

  var differenceTable: DataTable {
    let all = differences
    var table = [DataTable.Column("difference", all.map { "\($0.first) − \($0.second)" })]
    for (offset, column) in columns(all.map(\.loss), all.map(\.accuracy)).enumerated() {
      table.append(column)
      if offset == 1 { table.append(.init("excludes 0", all.map(\.loss.excludesZero))) }
      if offset == 3 {
        table.append(.init("accuracy excludes 0", all.map { $0.accuracy?.excludesZero ?? false }))
      }
    }
    return DataTable(table, note: "paired over \(done)")
  }

  /// A row for each learner and seed.
  var runTable: DataTable {
    let all = runs.flatMap { name, runs in runs.map { (name: name, run: $0) } }
    var columns = [
      DataTable.Column("learner", all.map(\.name)), .init("seed", all.map(\.run.seed)),
      .init("\(place) loss", all.map(\.run.score.loss)),
    ]
    let accuracies = all.compactMap(\.run.score.accuracy)
    if !accuracies.isEmpty { columns.append(.init("\(place) accuracy", accuracies)) }
    return DataTable(columns)
  }

  private var done: String {
    let count = "\(seedsDone) seed\(seedsDone == 1 ? "" : "s")"
    return isComplete ? count : "\(count) of \(seeds.count), the rest not run"
  }

  private var measured: String {
    isOnDomains ? heldOut : "\(NumberText.grouped(settings.testTasks)) \(heldOut)"
  }

  /// The mean curves, and bands around them.
  func series(_ band: String) -> [Plot.Series] {
    var lines: [Plot.Series] = []
    var bands: [Plot.Series] = []
    for name in names {
      let curve = curve(of: name)
      let x = curve.mean.indices.map { Double($0 + 1) }
      lines.append(Plot.Series(name, x: x, y: curve.mean))
      guard seedsDone > 1 else { continue }
      switch band {
      case "range": bands.append(Plot.Series(name, x: x, lower: curve.lowest, upper: curve.highest))
      case "confidence":
        let pairs = zip(curve.mean, curve.halfWidths)
        bands.append(Plot.Series(name, x: x, lower: pairs.map { $0 - $1 }, upper: pairs.map { $0 + $1 }))
      default: break
      }
    }
    return lines + bands
  }
}

extension MeanInterval {
  /// nil where there is none.
  fileprivate var shownHalfWidth: Double? { halfWidth.isNaN ? nil : halfWidth }
}

extension Evaluation {
  /// Does long work under its progress line. An interrupt ends it without an error, and `stopped` tells how far it came.
  func keepingWhatIsDone(
    under progress: TrainingProgress, _ work: () throws -> Void, stopped: () -> Diagnostic
  ) throws {
    do {
      try work()
      progress.finish()
    } catch {
      progress.finish(interrupted: true)
      guard wasInterrupted else { throw error }
      note(stopped())
    }
  }

  /// Whether the user has asked to stop.
  private var wasInterrupted: Bool {
    do { try checkInterruption() } catch { return true }
    return false
  }

  /// Runs what is left of a comparison. An interrupt keeps what is done; the statement after the running one does not
  /// begin.
  fileprivate func run(_ comparison: Comparison) throws {
    let progress = TrainingProgress(title: "comparing", total: comparison.totalBatches, sink: output)
    try keepingWhatIsDone(under: progress) {
      try sharedByRanks {
        try comparison.run { name, seed, done, _ in
          progress.update(iteration: done, detail: "\(name), seed \(seed)")
          try endStep()
        }
      }
    } stopped: {
      Diagnostic(
        id: "comparison-stopped", severity: .warning,
        message:
          "the comparison has stopped: \(comparison.seedsDone) of \(comparison.seeds.count) seeds are done for all learners",
        hints: ["its method `resume()` runs the rest"])
    }
  }
}

extension Arguments {
  fileprivate func learners() throws -> OrderedDictionary<String, any Learner> {
    var learners: OrderedDictionary<String, any Learner> = [:]
    for (key, value) in try dictionary("learners") {
      guard case .object(let object) = value, let learner = object as? any Learner else {
        throw problem(
          "learners", id: "type-mismatch", "`compare` takes learners by name, not \(value.typeDescription)",
          hints: ["`compare([\"MAML\": maml, \"FOMAML\": fomaml], on: tasks)`"])
      }
      learners[key.value.description] = learner
    }
    return learners
  }

  /// So many seeds from 0 on, or those in an array.
  fileprivate func seeds() throws -> [Int] {
    if let seeds = self["seeds"].arrayValue { return seeds.compactMap(\.intValue) }
    let count = try int("seeds")
    guard (1...1000).contains(count) else {
      throw problem("seeds", "`seeds:` is how many, 1 to 1,000, or an array of them; not \(count)")
    }
    return Array(0..<count)
  }

  fileprivate func comparison() throws -> Comparison {
    var settings = Comparison.Settings()
    settings.maxBatches = try int("maxBatches")
    settings.batchSize = try int("batchSize")
    settings.testTasks = try int("testTasks")
    settings.numAdaptationSteps = try optionalInt("numAdaptationSteps")
    settings.newWeights = try bool("newWeights")
    let testing = self["testing"]
    if let domains = self["on"].object(as: Domains.self) {
      guard let held = testing.object(as: Domains.self) else {
        throw problem(
          "testing", id: "missing-argument",
          "a comparison on domains needs `testing:`, the domains that are held out",
          hints: ["`let (source, target) = domains.leavingOut(\"\(domains.names.last ?? "name")\")`"])
      }
      return try Comparison(learners(), on: domains, testing: held, seeds: seeds(), settings: settings)
    }
    func tasks(_ name: String) throws -> Tasks {
      guard let tasks = self[name].object(as: Tasks.self) else {
        throw problem(
          name, id: "type-mismatch",
          "`\(name):` takes tasks or Domains, not \(self[name].typeDescription)",
          hints: self[name].object(as: Box<Batches>.self) == nil
            ? [] : ["give the tasks themselves: `batchSize:` says how many are in a batch"])
      }
      return tasks
    }
    return try Comparison(
      learners(), on: tasks("on"), testing: testing.isNull ? nil : tasks("testing"), seeds: seeds(),
      settings: settings)
  }
}

extension InnerloopLanguage {
  /// `compare`, `sweep`, `audit` and what they give.
  static func registerComparisons(in builder: RegistryBuilder) {
    registerSweeps(in: builder)
    registerAudits(in: builder)
    builder.enumeration(
      "Band", "What is shaded around a mean curve.",
      cases: [
        "range": "from the least to the largest of the seeds",
        "confidence": "the 95% confidence interval by Student's t", "none": "nothing",
      ])
    builder.function(
      "compare",
      [
        .positional("learners", .dictionary(.any), "learners by name; they are copied and stay as they are"),
        .labelled("on", .any, "tasks to train on, or Domains for MLDG and ERM"),
        .labelled(
          "testing", .any, default: nil,
          "what to measure on; nil takes the set's test split, or tasks that are not trained on"),
        .labelled(
          "seeds", .oneOf([.int, .array(.int)]), default: 5, "how many seeds, 0, 1, …, or an array of them"),
        .labelled("maxBatches", .int, default: 200, "meta-updates of each run"),
        .labelled("batchSize", .int, default: 25, "tasks in a batch"),
        .labelled("testTasks", .int, default: 200, "held-out tasks that each trained learner is measured on"),
        .labelled(
          "numAdaptationSteps", .optional(.int), default: nil,
          "steps of the inner loop when measured, instead of the learner's"),
        .labelled(
          "newWeights", .bool, default: true,
          "draw starting weights for each seed; false starts at the learners' own"),
      ], returns: .named("Comparison"),
      Documentation(
        "Trains learners on the same tasks with several seeds, and tells whether they differ.",
        formula: "mean ± t₀.₉₇₅ · s / √seeds, and the same of the differences seed by seed",
        example:
          "let c = compare([\"MAML\": maml, \"FOMAML\": maml.branch(firstOrder: true)], on: tasks, seeds: 5)",
        discussion:
          """
          For each seed all learners start with new weights of that seed, equal where their models have the same parts, \
          and train on the same tasks in the same order, other ones than for another seed; they are measured on the \
          same held-out tasks. Parameters of one's own that no layer draws start as they are. An interrupt keeps the \
          seeds that are done, and `resume()` runs the rest.
          """)
    ) { arguments, evaluation in
      let comparison = try arguments.comparison()
      try evaluation.run(comparison)
      return .object(comparison)
    }
    builder.type("Comparison", "Learners on the same tasks, again for each of some seeds.") { type in
      registerComparisonMembers(in: type)
    }
  }

  private static func registerComparisonMembers(in type: TypeBuilder) {
    type.property(
      "table", .named("Table"), "A row a learner: the mean over the seeds on held-out tasks, ± 95%."
    ) { (comparison: Comparison, _) in comparison.rowTable.hosted }
    type.property(
      "differences", .named("Table"),
      "A row a pair of learners: the mean of their differences seed by seed, ± 95%, and whether that excludes 0."
    ) { (comparison: Comparison, _) in comparison.differenceTable.hosted }
    type.property("runs", .named("Table"), "A row for each learner and seed.") {
      (comparison: Comparison, _) in
      comparison.runTable.hosted
    }
    type.property(
      "histories", .dictionary(.array(.named("History"))), "The training of each learner, one entry a seed."
    ) { (comparison: Comparison, _) in
      .dictionary(comparison.runs.map { name, runs in (name, .array(runs.map(\.history.hosted))) })
    }
    type.property("seeds", .array(.int), "The seeds that are done for all learners.") {
      (comparison: Comparison, _) in
      .array(comparison.seeds.prefix(comparison.seedsDone).map { .int($0) })
    }
    type.property("isComplete", .bool, "Whether all seeds are done.") { (comparison: Comparison, _) in
      .bool(comparison.isComplete)
    }
    type.method(
      "resume", returns: .named("Comparison"),
      Documentation(
        "Runs what an interrupt has left undone.", example: "compare([\"MAML\": maml], on: tasks).resume()")
    ) { arguments, evaluation in
      let comparison = try arguments.receiver(as: Comparison.self)
      try evaluation.run(comparison)
      return .object(comparison)
    }
    type.method(
      "plot",
      [.labelled("band", .named("Band"), default: .case("range"), "what is shaded around each mean")]
        + plotOptions, returns: .named("Plot"),
      Documentation(
        "The mean training loss of each learner, with a band over the seeds.",
        example: "compare([\"MAML\": maml], on: tasks).plot(smooth: 0.9, logY: true)")
    ) { arguments, _ in
      let comparison = try arguments.receiver(as: Comparison.self)
      return try plot(
        comparison.series(arguments.enumCase("band")), arguments, x: "meta-iteration", y: "loss"
      ).hosted
    }
  }
}
