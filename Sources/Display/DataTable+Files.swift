import JSONCoding
import OrderedCollections

extension DataTable {
  /// The table as CSV (RFC 4180 with plain newlines): every row, numbers that read back exactly, missing cells
  /// empty. An empty text is quoted, to tell it from a missing one.
  public func csv() -> String {
    var csv = columns.map { Self.csvField($0.name) }.joined(separator: ",") + "\n"
    for row in 0..<rowCount {
      for (index, column) in columns.enumerated() {
        if index > 0 { csv += "," }
        switch column[row] {
        case .missing: break
        case .string(let text): csv += Self.csvField(text)
        case let cell: csv += cell.exactText ?? ""
        }
      }
      csv += "\n"
    }
    return csv
  }

  /// The table as one JSON object, column name to values: `{"step": [0, 1], "loss": [0.5, null]}`.
  /// NaN, infinities and missing cells are null; a repeated name gets a number (`loss 2`).
  public func json() -> JSONValue {
    var object: OrderedDictionary<String, JSONValue> = [:]
    for column in columns {
      var name = column.name
      var copy = 2
      while object[name] != nil {
        name = "\(column.name) \(copy)"
        copy += 1
      }
      object[name] = .array(column.cells.map(\.json))
    }
    return .object(object)
  }

  /// Writes the table as `.csv` or `.json`, by the path's extension; replaces the file whole or not at all.
  public func save(_ path: String) throws(SaveError) {
    switch SavedFile.fileExtension(path) {
    case "csv": try SavedFile.write(csv(), to: path)
    case "json": try SavedFile.write(json().serialized() + "\n", to: path)
    case let other: throw .unknownExtension(other, path: path, known: ["csv", "json"])
    }
  }

  private static func csvField(_ text: String) -> String {
    let special: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
    let needsQuotes =
      text.isEmpty || text.utf8.contains(where: special.contains)
      || text.utf8.first == 0x20 || text.utf8.last == 0x20
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

extension DataTable.Cell {
  fileprivate var json: JSONValue {
    switch self {
    case .missing: .null
    case .double(let value): value.isFinite ? .double(value) : .null
    case .integer(let value): .int(value)
    case .string(let value): .string(value)
    case .boolean(let value): .bool(value)
    }
  }
}
