extension DataTable {
  /// The table as aligned text without frames: numbers flush right, text flush left, `-` where nothing is.
  ///
  /// With a `width`, columns in the middle are left out until the lines fit, with a note.
  public func text(width: Int? = nil, unicode: Bool = true, colour: Bool = false) -> String {
    if columns.isEmpty { return "(an empty table)" }
    // A column takes three places at least, so that no more than this fit.
    var columnLimit = max(min(columns.count, width.map { $0 / 3 + 1 } ?? .max), 1)
    while true {
      let shown = shown(columnLimit: columnLimit)
      let lines = Self.lines(shown, unicode: unicode, colour: colour)
      let fits = width.map { lines.width <= $0 } ?? true
      if fits || columnLimit == 1 { return lines.text }
      columnLimit -= 1
    }
  }

  /// Cells longer than this are cut in text.
  private static let longestCell = 60

  private static func lines(_ shown: Shown, unicode: Bool, colour: Bool) -> (text: String, width: Int) {
    let ellipsis = unicode ? "…" : "..."
    func line(_ text: String, longest: Int = longestCell) -> String {
      let safe = Escaping.line(text)
      return TextWidth.cut(unicode ? safe : Escaping.ascii(safe), to: longest, mark: ellipsis)
    }
    var rows: [[String]] = [[]]
    for index in 0..<(shown.columns.first?.cells.count ?? 0) {
      if index == shown.gap { rows.append([]) }
      rows.append(shown.columns.map { line($0.cells[index] ?? "-") })
    }
    rows[0] = shown.columns.map { line($0.header) }
    if let gap = shown.gap, rows.indices.contains(gap + 1) {
      rows[gap + 1] = shown.columns.map { _ in ellipsis }
    }
    let widths = shown.columns.indices.map { column in
      rows.reduce(0) { max($0, TextWidth.columns($1[column])) }
    }
    var text: [String] = []
    for (number, row) in rows.enumerated() {
      var cells: [String] = []
      for (column, cell) in row.enumerated() {
        cells.append(
          TextWidth.padded(cell, to: widths[column], flushRight: shown.columns[column].flushRight))
      }
      while let last = cells.last, last.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) { cells.removeLast() }
      var joined = cells.joined(separator: "  ")
      while joined.utf8.last == UInt8(ascii: " ") { joined.removeLast() }
      text.append(number == 0 && colour ? "\u{1B}[1m" + joined + "\u{1B}[0m" : joined)
    }
    for note in shown.notes { text.append("(" + line(note, longest: 400) + ")") }
    let width = widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
    return (text.joined(separator: "\n"), width)
  }
}
