import Autograd
import Diagnostics
import Display
import Glibc
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  /// `sweep`.
  static func registerSweeps(in builder: RegistryBuilder) {
    builder.function(
      "sweep",
      [
        .keywords(
          "anyName", .oneOf([.array(.any), .range]),
          "what to vary, under names of one's own: numbers, strings or truth values, in an array or a range"),
        .labelled(
          "to", .optional(.string), default: nil,
          "a .csv file that finished rows are written to and read back from"),
        .positional(
          "body", .function("(p) -> Any"), "gets one combination, `p.anyName`, and gives its results"),
      ], returns: .named("Table"),
      Documentation(
        "Runs a closure for every combination of some values, and gives a table: a column for each name and result.",
        example:
          "let t = sweep(stepSize: [0.01, 0.1], steps: [1, 5]) { p in MAML(model.copy(), optimizer: optimizer, stepSize: p.stepSize, numAdaptationSteps: p.steps).train(batches, maxBatches: 20) }",
        discussion:
          """
          The closure gives a number, a dictionary or labelled tuple of them, a history (its last loss and accuracy) or an \
          evaluation. The last name changes first. Each combination draws its random numbers as a session that has just \
          begun, at the seed of `seed(…)`, so that a result depends neither on the others nor on their order. An \
          interrupt keeps the rows that are done. With `to: "sweep.csv"` they are kept on disk: the same call, in a new \
          session as well, runs what is missing, also of a grid that has grown; rows of other values stay in the file. \
          The ranks of a job run a combination each; the closure cannot change variables from outside it there.
          """)
    ) { arguments, evaluation in
      var rows = try arguments.sweepRows()
      let path = try arguments.optionalString("to")
      do {
        if let path { try rows.takeOver(path, arguments, evaluation) }
        try evaluation.run(&rows, try arguments.function("body"), path)
      } catch let problem as SweepProblem {
        throw arguments.problem(message: problem.message, hints: problem.hints)
      }
      return rows.table.hosted
    }
  }
}

extension Arguments {
  /// More combinations than this are not for a table.
  private static let combinationLimit = 100_000

  fileprivate func sweepRows() throws -> SweepRows {
    guard !self["anyName"].isNull else {
      throw problem(
        message: "`sweep` has nothing to vary",
        hints: ["`sweep(stepSize: [0.01, 0.1], steps: [1, 5]) { p in … }`"])
    }
    var count = 1
    let all = try dictionary("anyName").map { key, value -> (String, [Value]) in
      let name = key.value.description
      var values = value.arrayValue ?? []
      if case .range(let range) = value, let integers = range.integers {
        guard integers.count <= Self.combinationLimit else { throw tooMany }
        values = integers.map { .int($0) }
      }
      guard !values.isEmpty else { throw problem(message: "`\(name):` has no values to take") }
      if let odd = values.first(where: { $0.sweepCell == nil }) {
        throw problem(
          id: "type-mismatch",
          message: "`\(name):` takes numbers, strings or truth values, not \(odd.typeDescription)",
          hints: ["vary a name or a number, and look the rest up in the closure"])
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: values.count)
      guard !overflow, product <= Self.combinationLimit else { throw tooMany }
      count = product
      return (name, values)
    }
    return SweepRows(names: all.map(\.0), values: all.map(\.1))
  }

  private var tooMany: Diagnostic {
    problem(message: "the sweep has more than \(NumberText.grouped(Self.combinationLimit)) combinations")
  }
}

extension SweepRows {
  /// Reads the rows of an earlier run, if there are any.
  fileprivate mutating func takeOver(
    _ path: String, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws {
    guard path.lowercased().hasSuffix(".csv") else {
      throw arguments.problem("to", "`to:` names a .csv file, not \"\(path)\"")
    }
    let isThere = access(path, F_OK) == 0
    // All ranks have looked before the first one writes, and have read before it writes again.
    try Ranks.once {}
    if isThere {
      try take(over: arguments.table("to", evaluation), from: path)
      try Ranks.once {}
    } else {
      // Found out before the work that would be lost.
      try Ranks.once { try fileTable.save(path) }
    }
  }
}

extension Evaluation {
  /// Runs the combinations that are missing. An interrupt keeps what is done; the statement after the running one does
  /// not begin.
  fileprivate func run(_ rows: inout SweepRows, _ body: FunctionValue, _ path: String?) throws {
    let combinations = rows.combinations
    let missing = combinations.filter { !rows.has($0) }
    let progress = TrainingProgress(
      title: "sweep", total: combinations.count, start: combinations.count - missing.count, sink: output)
    let (isFirst, areSeveral) = (Ranks.isFirst, Ranks.together > 1)
    try keepingWhatIsDone(under: progress) {
      try Ranks.spread(missing) { combination, words in
        // What other ranks write, show and remark is handed to the first one.
        let recording = isFirst ? nil : RecordingSink()
        var row = SweepRow()
        defer {
          row.output = recording?.record ?? []
          words = row.words
        }
        progress.update(iteration: rows.count, detail: rows.point(combination))
        try endStep()
        func value() throws -> Value {
          try withOutput(recording ?? QuietSink(output)) {
            try result(of: body, for: TupleValue(combination, labels: rows.names), onOneRank: areSeveral)
          }
        }
        row.cells = try (isFirst ? value() : handingNotes(to: { row.notes = $0 }, value)).sweepResults()
      } taking: { combination, words, isDone in
        let row = try SweepRow(words: words)
        RecordingSink.play(row.output, on: output)
        for remark in row.notes { note(remark) }
        guard isDone else { return }
        try rows.add(row.cells, for: combination)
        if let path { try Ranks.once { try rows.fileTable.save(path) } }
        progress.update(iteration: rows.count, detail: rows.point(combination))
      }
    } stopped: {
      Diagnostic(
        id: "sweep-stopped", severity: .warning,
        message: "the sweep has stopped: \(rows.count) of \(combinations.count) combinations are done",
        hints: [
          path == nil
            ? "`to: \"sweep.csv\"` keeps what is done, so that the same call goes on"
            : "the same call goes on with the rest"
        ])
    }
  }
}

extension Evaluation {
  /// What the closure gives for one combination, as in a session that has just begun.
  private func result(
    of body: FunctionValue, for combination: TupleValue, onOneRank: Bool
  ) throws -> Value {
    func call() throws -> Value {
      try SeedState.of(self).fromTheStart { try self.call(body, [.tuple(combination)]) }
    }
    return onOneRank ? try keepingOuterVariables(Self.rankHint, call) : try call()
  }
}

extension SweepRows {
  fileprivate func point(_ combination: [Value]) -> String {
    zip(names, combination).map { "\($0) \($1.description)" }.joined(separator: ", ")
  }
}

extension Value {
  /// Results by name, as a row of a table holds them.
  fileprivate func sweepResults() throws -> [(name: String, cell: DataTable.Cell)] {
    func row(_ loss: Double?, _ accuracy: Double?) -> [(name: String, cell: DataTable.Cell)] {
      [("loss", loss.map { .double($0) } ?? .missing)] + (accuracy.map { [("accuracy", .double($0))] } ?? [])
    }
    func cell(_ value: Value, _ name: String) throws -> DataTable.Cell {
      if value.isNull { return .missing }
      if let cell = value.sweepCell { return cell }
      if let tensor = value.object(as: Tensor.self), tensor.count == 1 { return .double(try tensor.item()) }
      throw SweepProblem(
        message: "a result of the sweep, `\(name)`, is no number or string but \(value.typeDescription)")
    }
    switch self {
    case .dictionary(let entries):
      return try entries.map { key, value in
        let name = key.value.description
        return (name, try cell(value, name))
      }
    case .tuple(let tuple):
      return try tuple.values.enumerated().map { place, value in
        let name = (tuple.labels.indices.contains(place) ? tuple.labels[place] : nil) ?? "result \(place + 1)"
        return (name, try cell(value, name))
      }
    case .object(let box as Box<History>):
      return row(box.value.losses.last, box.value.accuracies.last)
    case .object(let box as Box<EvaluationResult>):
      return row(box.value.losses.last, box.value.accuracies?.last)
    case .object(let box as Box<DomainEvaluation>):
      return row(box.value.meanLoss, box.value.meanAccuracy)
    case .void, .null:
      throw SweepProblem(
        message: "the closure of `sweep` gives nothing",
        hints: ["end it with `return` and a number, a dictionary of numbers, a history or an evaluation"])
    default: return [("result", try cell(self, "result"))]
    }
  }
}
