extension DataTable {
  /// The part of a table that is shown, as texts.
  struct Shown {
    struct Column {
      let header: String
      /// nil for a missing cell.
      let cells: [String?]
      let flushRight: Bool
    }
    let columns: [Column]
    /// After how many of the shown rows some are left out; nil when all are shown.
    let gap: Int?
    /// Remarks to put under the table.
    let notes: [String]
  }

  /// Tables longer than this are shown by their head and tail.
  static let longestShown = 40
  /// Rows shown at either end of a long table.
  static let rowsAtEnd = 10

  /// The first and last rows of a long table, the first and last columns of one with more than `columnLimit`.
  func shown(columnLimit: Int = 60) -> Shown {
    let isLong = rowCount > Self.longestShown
    let rows =
      isLong
      ? Array(0..<Self.rowsAtEnd) + Array(rowCount - Self.rowsAtEnd..<rowCount) : Array(0..<rowCount)
    var notes: [String] = []
    if isLong {
      notes.append(
        "\(NumberText.grouped(rowCount)) rows, of which the first and last \(Self.rowsAtEnd) are shown")
    }
    var chosen = columns.map { $0.shown(rows: rows) }
    if columns.count > columnLimit {
      let head = (columnLimit + 1) / 2
      let tail = columnLimit - head
      let filler = Shown.Column(
        header: "…", cells: rows.map { _ in "…" }, flushRight: false)
      chosen = chosen.prefix(head) + [filler] + chosen.suffix(tail)
      notes.append("\(NumberText.grouped(columns.count)) columns, of which \(columnLimit) are shown")
    }
    if let note { notes.append(note) }
    return Shown(columns: chosen, gap: isLong ? Self.rowsAtEnd : nil, notes: notes)
  }
}

extension DataTable.Column {
  fileprivate func shown(rows: [Int]) -> DataTable.Shown.Column {
    let texts: [String?]
    switch values {
    case .doubles(let values): texts = NumberText.column(rows.map { values[$0] })
    case .integers(let values): texts = rows.map { values[$0].map(String.init) }
    case .strings(let values): texts = rows.map { values[$0] }
    case .booleans(let values): texts = rows.map { values[$0].map { $0 ? "true" : "false" } }
    }
    return DataTable.Shown.Column(header: name, cells: texts, flushRight: !isText)
  }
}
