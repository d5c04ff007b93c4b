import Diagnostics
import Display
import JSONCoding
import MetaLearning

/// What the closure of a sweep gives for one combination, as ranks hand it on.
struct SweepRow {
  var cells: [(name: String, cell: DataTable.Cell)] = []
  /// What the closure has written and shown where nobody sees it.
  var output: [JSONValue] = []
  /// Its notes and warnings.
  var notes: [Diagnostic] = []

  init() {}

  init(words: [Int64]) throws {
    let json = try JSONValue(parsing: Ranks.text(of: words))
    output = json["output"]?.array ?? []
    notes = (json["notes"]?.array ?? []).map { note in
      Diagnostic(
        id: note["id"]?.string ?? "",
        severity: note["severity"]?.string.flatMap(Diagnostic.Severity.init) ?? .note,
        message: note["message"]?.string ?? "", hints: (note["hints"]?.array ?? []).compactMap(\.string))
    }
    cells = (json["cells"]?.array ?? []).map { entry in
      (entry[0]?.string ?? "", entry[1].map(Self.cell) ?? .missing)
    }
  }

  var words: [Int64] {
    let cells = cells.map { name, cell in JSONValue.array([.string(name), Self.json(cell)]) }
    let notes = notes.map { note -> JSONValue in
      [
        "id": .string(note.id), "severity": .string(note.severity.rawValue), "message": .string(note.message),
        "hints": .array(note.hints.map { .string($0) }),
      ]
    }
    let json: JSONValue = ["cells": .array(cells), "output": .array(output), "notes": .array(notes)]
    return Ranks.words(of: json.serialized())
  }

  /// Numbers with a fraction go by their bits: JSON has no NaN.
  private static func json(_ cell: DataTable.Cell) -> JSONValue {
    switch cell {
    case .missing: .null
    case .double(let number): ["bits": .int(Int(truncatingIfNeeded: number.bitPattern))]
    case .integer(let number): .int(number)
    case .boolean(let flag): .bool(flag)
    case .string(let text): .string(text)
    }
  }

  private static func cell(_ json: JSONValue) -> DataTable.Cell {
    switch json {
    case .bool(let flag): .boolean(flag)
    case .int(let number): .integer(number)
    case .string(let text): .string(text)
    default:
      json["bits"]?.int.map { .double(Double(bitPattern: UInt64(truncatingIfNeeded: $0))) } ?? .missing
    }
  }
}
