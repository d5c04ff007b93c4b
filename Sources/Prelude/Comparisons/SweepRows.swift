import Diagnostics
import Display
import Interpreter
import OrderedCollections

/// The combinations of some values by name, and what has been found for them.
struct SweepRows {
  let names: [String]
  /// What each name takes, in the order of `names`.
  let values: [[Value]]
  private var found: [[String]: OrderedDictionary<String, DataTable.Cell>] = [:]
  /// Rows of the file that this grid does not have.
  private var others: [OrderedDictionary<String, DataTable.Cell>] = []
  /// Names of results, in the order in which they came up.
  private var resultNames: OrderedSet<String> = []

  init(names: [String], values: [[Value]]) {
    self.names = names
    self.values = values
  }

  /// All combinations; the last name changes first.
  var combinations: [[Value]] {
    values.reduce([[]]) { heads, own in heads.flatMap { head in own.map { head + [$0] } } }
  }

  var count: Int { found.count }

  func has(_ combination: [Value]) -> Bool { found[key(combination.compactMap(\.sweepCell))] != nil }

  /// - Throws: ``SweepProblem`` when a result has the name of what is varied.
  mutating func add(_ results: [(name: String, cell: DataTable.Cell)], for combination: [Value]) throws {
    var row: OrderedDictionary<String, DataTable.Cell> = [:]
    for (name, cell) in results {
      guard !names.contains(name) else {
        throw SweepProblem(message: "the closure gives `\(name)`, which is one of the names that are varied")
      }
      row[name] = cell
      resultNames.append(name)
    }
    found[key(combination.compactMap(\.sweepCell))] = row
  }

  /// Equal values have equal keys, also after a file has been written and read.
  private func key(_ cells: [DataTable.Cell]) -> [String] {
    cells.map { cell in
      switch cell {
      case .missing: ""
      case .double(let number): "\(number)"
      case .integer(let number): "\(Double(number))"
      case .boolean(let flag): "\(flag)"
      case .string(let text): Double(text).map { "\($0)" } ?? text
      }
    }
  }

  // MARK: Tables

  /// A row for each combination that is done, in the order of the grid.
  var table: DataTable { table(of: gridRows) }

  /// The same, and the rows of earlier grids behind them.
  var fileTable: DataTable { table(of: gridRows + others) }

  private var gridRows: [OrderedDictionary<String, DataTable.Cell>] {
    combinations.compactMap { combination in
      let cells = combination.compactMap(\.sweepCell)
      guard let results = found[key(cells)] else { return nil }
      var row = OrderedDictionary(uniqueKeysWithValues: zip(names, cells))
      row.merge(results) { own, _ in own }
      return row
    }
  }

  private func table(of rows: [OrderedDictionary<String, DataTable.Cell>]) -> DataTable {
    DataTable(
      (names + resultNames).map { name in DataTable.Column(name, cells: rows.map { $0[name] ?? .missing }) })
  }

  /// Takes over what an earlier run has written.
  ///
  /// - Throws: ``SweepProblem`` when the table is not of a sweep over the same names.
  mutating func take(over table: DataTable, from path: String) throws {
    let columns = table.columnNames
    guard Array(columns.prefix(names.count)) == names else {
      throw SweepProblem(
        message:
          "\(path) is not of this sweep: its columns are \(columns.joined(separator: ", ")), and those of this one begin with \(names.joined(separator: ", "))",
        hints: ["name another file, or remove this one"])
    }
    let results = columns.dropFirst(names.count)
    let wanted = Set(combinations.map { key($0.compactMap(\.sweepCell)) })
    var seen: Set<[String]> = []
    for name in results { resultNames.append(name) }
    for row in 0..<table.rowCount {
      let own = key(names.map { table[row, $0] })
      guard seen.insert(own).inserted else {
        let place = zip(names, own).map { "\($0) \($1)" }.joined(separator: ", ")
        throw SweepProblem(
          message:
            "\(path) is not of this sweep: it has several rows for \(place), as of a sweep over further names",
          hints: ["name another file, or remove this one"])
      }
      var cells: OrderedDictionary<String, DataTable.Cell> = [:]
      for name in results where table[row, name] != .missing { cells[name] = table[row, name] }
      if wanted.contains(own) {
        found[own] = cells
      } else {
        for (place, name) in names.enumerated() {
          cells.updateValue(table[row, name], forKey: name, insertingAt: place)
        }
        others.append(cells)
      }
    }
  }
}

/// What is wrong with a sweep, before it has a place.
struct SweepProblem: Error, CustomStringConvertible {
  var message: String
  var hints: [String] = []

  var description: String { ([message] + hints).joined(separator: "; ") }
}

extension Value {
  /// A value that a table can hold and a file bring back; nil for others.
  var sweepCell: DataTable.Cell? {
    switch self {
    case .int(let number): .integer(number)
    case .double(let number): .double(number)
    case .bool(let flag): .boolean(flag)
    case .string(let text): .string(text)
    case .enumCase(let name): .string(".\(name)")
    default: nil
    }
  }
}
