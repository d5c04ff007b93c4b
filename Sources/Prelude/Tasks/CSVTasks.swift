import ArrayCore
import Autograd
import Diagnostics
import Display
import Interpreter
import MetaLearning
import NN

/// Tasks from the rows of a table: one for each value of a column.
private struct TableRows: Sendable {
  let inputs: Tensor
  let targets: Tensor
  /// The rows of each task, cut into its classes for classification.
  let parts: [[[Int]]]

  /// Draws the rows of one task; no row is in both sets.
  func task(_ index: Int, shots: Int, testShots: Int, seed: UInt64) throws -> MetaLearning.Task {
    var train: [Int] = []
    var test: [Int] = []
    for (number, rows) in parts[index].enumerated() {
      let key = RandomKey(seed: derivedSeed(seed, index), stream: UInt64(number))
      let order = key.permutation(rows.count).map { rows[$0] }
      train += order.prefix(shots)
      test += order.dropFirst(shots).prefix(testShots)
    }
    return MetaLearning.Task(train: try samples(train), test: testShots == 0 ? nil : try samples(test))
  }

  private func samples(_ rows: [Int]) throws -> Samples {
    let index = try Tensor(rows, shape: [rows.count])
    return try Samples(inputs.index([.tensor(index)]), targets.index([.tensor(index)]))
  }
}

extension InnerloopLanguage {
  /// `CSVTasks`.
  static func registerTableTasks(in builder: RegistryBuilder) {
    builder.function(
      "CSVTasks",
      [
        .positional(
          "file", .oneOf([.string, .named("CSVFile")]), "the path of a CSV file, or what `readCSV` gave"),
        .labelled("task", .string, "the column that says which task a row belongs to"),
        .labelled("inputs", .array(.string), "columns of numbers"),
        .labelled("targets", .array(.string), "columns of numbers, or one of words: classes"),
        .labelled("shots", .int, default: 5, "support samples a task, of each class for classes"),
        .labelled("testShots", .int, default: 5, "query samples a task, of each class for classes"),
        .labelled("seed", .int, default: 0, "decides which rows are drawn"),
      ], returns: .named("Tasks"),
      Documentation(
        "Tasks from a table: one for each value of a column, in the order they first appear.",
        shapes: "inputs [n, columns]; targets [n, columns], for classes int64 [n]",
        example:
          "CSVTasks(\"f.csv\", task: \"city\", inputs: [\"x\"], targets: [\"y\"], shots: 5, testShots: 5)",
        discussion: "One target column of words holds classes, numbered in alphabetical order.")
    ) { arguments, evaluation in
      let table = try arguments.table("file", evaluation)
      let (shots, testShots) = (try arguments.count("shots"), try arguments.count("testShots"))
      let rows = try arguments.rows(of: table, atLeast: shots + testShots)
      let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
      return .object(
        Tasks.concurrent(seed: seed, count: rows.parts.count) {
          try rows.task($0, shots: shots, testShots: testShots, seed: seed)
        })
    }
  }
}

extension Arguments {
  /// What an argument holds as `readCSV` gave it, or names as a path.
  func table(_ name: String, _ evaluation: Evaluation) throws -> DataTable {
    if let file = self[name].object(as: CSVFile.self) { return file.table }
    guard case .function(let read)? = evaluation.registry.global("readCSV"),
      let file = try evaluation.call(FunctionValue(read), [self[name]]).object(as: CSVFile.self)
    else { throw problem(name, "`\(name)` must be the path of a CSV file") }
    return file.table
  }

  fileprivate func rows(of table: DataTable, atLeast least: Int) throws -> TableRows {
    var groups: [DataTable.Cell: [Int]] = [:]
    var order: [DataTable.Cell] = []
    for (row, cell) in try column(string("task"), "task", of: table).cells.enumerated() {
      if groups[cell] == nil { order.append(cell) }
      groups[cell, default: []].append(row)
    }
    guard !order.isEmpty else { throw problem("file", "the table has no rows") }
    let classes = try classes(of: table)
    var parts: [[[Int]]] = []
    for cell in order {
      let rows = groups[cell] ?? []
      let own = classes.map { labels in
        Set(rows.map { labels[$0] }).sorted().map { label in rows.filter { labels[$0] == label } }
      }
      for part in own ?? [rows] where part.count < least {
        throw problem(
          "file",
          "task \(cell.text) has \(part.count) rows\(own == nil ? "" : " of a class"), fewer than \(least)",
          hints: ["`shots:` and `testShots:` say how many it needs"])
      }
      parts.append(own ?? [rows])
    }
    return TableRows(
      inputs: try numbers("inputs", of: table),
      targets: try classes.map { try Tensor($0, shape: [$0.count]) } ?? numbers("targets", of: table),
      parts: parts)
  }

  /// The number of each row's class, when the one target column holds words.
  private func classes(of table: DataTable) throws -> [Int]? {
    let names = try array("targets").compactMap(\.stringValue)
    guard names.count == 1, case .strings(let words) = try column(names[0], "targets", of: table).values
    else {
      return nil
    }
    let known = Set(words.map { $0 ?? "" }).sorted()
    return words.map { known.firstIndex(of: $0 ?? "") ?? 0 }
  }

  private func column(_ name: String, _ argument: String, of table: DataTable) throws -> DataTable.Column {
    if let column = table[name] { return column }
    let hint =
      suggestion(for: name, among: table.columnNames).map { "did you mean \"\($0)\"?" }
      ?? "its columns are \(table.columnNames.joined(separator: ", "))"
    throw problem(argument, id: "unknown-column", "the table has no column \"\(name)\"", hints: [hint])
  }

  /// Columns side by side: [rows, columns].
  private func numbers(_ argument: String, of table: DataTable) throws -> Tensor {
    let names = try array(argument).compactMap(\.stringValue)
    guard !names.isEmpty else { throw problem(argument, "`\(argument):` needs a column at least") }
    let columns = try names.map { name in
      try column(name, argument, of: table).cells.enumerated().map { row, cell in
        switch cell {
        case .double(let number): return number
        case .integer(let number): return Double(number)
        case .boolean(let flag): return flag ? 1.0 : 0.0
        default:
          throw problem(argument, "column \"\(name)\" holds no number in row \(row + 1)")
        }
      }
    }
    let flat = (0..<table.rowCount).flatMap { row in columns.map { $0[row] } }
    return try Tensor(flat, shape: [table.rowCount, columns.count])
  }
}

extension DataTable.Cell {
  fileprivate var text: String {
    switch self {
    case .missing: "without a name"
    case .double(let number): "\(number)"
    case .integer(let number): "\(number)"
    case .string(let text): "\"\(text)\""
    case .boolean(let flag): "\(flag)"
    }
  }
}
