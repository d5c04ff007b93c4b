import Display

/// A table read from comma-separated text (RFC 4180: quotes, doubled quotes, line ends within quotes; `\n`, `\r\n` or `\r`; a byte-order mark is
/// skipped). The first line names the columns. A column is Int, Double, Bool or String, the narrowest that all its cells fit;
/// an empty cell of a number column is missing.
struct CSVTable {
  struct Failure: Error {
    /// From 1, in the file.
    var line: Int
    var message: String
  }

  var columns: [DataTable.Column]

  init(parsing bytes: [UInt8]) throws(Failure) {
    var reader = Reader(bytes: bytes)
    guard let header = try reader.record() else {
      throw Failure(line: 1, message: "the file is empty; its first line must name the columns")
    }
    var names: [String] = []
    for (index, name) in header.enumerated() {
      let trimmed = Self.trimmed(name)
      guard !names.contains(trimmed) else {
        throw Failure(line: 1, message: "column \(index + 1) repeats the name “\(trimmed)”")
      }
      names.append(trimmed)
    }
    var cells = [[String]](repeating: [], count: names.count)
    while let record = try reader.record() {
      // A line with nothing on it is not a row, unless there is but one column.
      if record == [""], names.count > 1 { continue }
      guard record.count == names.count else {
        throw Failure(
          line: reader.recordLine,
          message:
            "\(record.count) \(record.count == 1 ? "cell" : "cells") in a table of \(names.count) columns")
      }
      for (column, cell) in record.enumerated() { cells[column].append(cell) }
    }
    columns = zip(names, cells).map(Self.column)
  }

  private static func trimmed(_ text: String) -> String {
    var view = Substring(text)
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }

  private static func column(_ name: String, _ cells: [String]) -> DataTable.Column {
    let words = cells.map(trimmed)
    let isMissing = words.map { $0.isEmpty || $0 == "NA" }
    if !isMissing.contains(false) { return DataTable.Column(name, cells) }
    func all<T>(_ convert: (String) -> T?) -> [T?]? {
      var values: [T?] = []
      values.reserveCapacity(words.count)
      for (word, missing) in zip(words, isMissing) {
        if missing {
          values.append(nil)
        } else if let value = convert(word) {
          values.append(value)
        } else {
          return nil
        }
      }
      return values
    }
    if let values = all({ Int($0) }) { return DataTable.Column(name, values) }
    if let values = all({ Self.double($0) }) { return DataTable.Column(name, values) }
    if let values = all({ Self.bool($0) }) { return DataTable.Column(name, values) }
    return DataTable.Column(name, cells)
  }

  /// Decimal notation, `nan` and `inf` only: Swift would read `0x1p3` and `infinity` too, which in a file are words.
  private static func double(_ word: String) -> Double? {
    switch word.lowercased() {
    case "nan": return .nan
    case "inf", "+inf": return .infinity
    case "-inf": return -.infinity
    default:
      guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else {
        return nil
      }
      return Double(word)
    }
  }

  private static func bool(_ word: String) -> Bool? {
    switch word.lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }
}

extension CSVTable {
  /// Reads records one after the other, counting lines.
  private struct Reader {
    let bytes: [UInt8]
    var index = 0
    var line = 1
    /// The line the last record began on.
    var recordLine = 1

    init(bytes: [UInt8]) {
      self.bytes = bytes
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    mutating func record() throws(Failure) -> [String]? {
      guard index < bytes.count else { return nil }
      recordLine = line
      var cells: [String] = []
      while true {
        cells.append(try cell())
        guard index < bytes.count else { return cells }
        let byte = bytes[index]
        index += 1
        if byte == UInt8(ascii: ",") { continue }
        if byte == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
        line += 1
        return cells
      }
    }

    /// One cell, up to its comma, line end or the end of the file.
    private mutating func cell() throws(Failure) -> String {
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") { return try quotedCell() }
      let start = index
      while index < bytes.count, !Self.endsCell(bytes[index]) { index += 1 }
      return try decoded(Array(bytes[start..<index]))
    }

    private mutating func quotedCell() throws(Failure) -> String {
      let firstLine = line
      index += 1
      var content: [UInt8] = []
      while true {
        guard index < bytes.count else {
          throw Failure(line: firstLine, message: "a quoted cell is not closed")
        }
        let byte = bytes[index]
        index += 1
        if byte == UInt8(ascii: "\"") {
          guard index < bytes.count, bytes[index] == byte else { break }
          index += 1
        } else if byte == UInt8(ascii: "\n") {
          line += 1
        }
        content.append(byte)
      }
      guard index == bytes.count || Self.endsCell(bytes[index]) else {
        throw Failure(line: line, message: "text follows the closing quote of a cell")
      }
      return try decoded(content)
    }

    private func decoded(_ content: [UInt8]) throws(Failure) -> String {
      guard let text = String(validating: content, as: UTF8.self) else {
        throw Failure(line: line, message: "a cell is not UTF-8 text")
      }
      return text
    }

    private static func endsCell(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
  }
}
