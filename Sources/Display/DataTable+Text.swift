extension DataTable {
  /// The table as aligned text without frames: numbers flush right, text flush left, `-` where nothing is.
  ///
  /// With a `width`, headers are broken over several lines where they would not fit; then columns in the middle are left
  /// out until the lines fit, with a note.
  public func text(width: Int? = nil, unicode: Bool = true, colour: Bool = false) -> String {
    if columns.isEmpty { return "(an empty table)" }
    // A column takes three places at least, so that no more than this fit.
    var columnLimit = max(min(columns.count, width.map { $0 / 3 + 1 } ?? .max), 1)
    if let width {
      let whole = Self.lines(shown(columnLimit: columnLimit), unicode: unicode, colour: colour, broken: false)
      if columnLimit == columns.count && whole.width <= width { return whole.text }
    }
    while true {
      let shown = shown(columnLimit: columnLimit)
      let lines = Self.lines(shown, unicode: unicode, colour: colour, broken: width != nil)
      let fits = width.map { lines.width <= $0 } ?? true
      if fits || columnLimit == 1 { return lines.text }
      columnLimit -= 1
    }
  }

  /// Cells longer than this are cut in text.
  private static let longestCell = 60

  private static func lines(
    _ shown: Shown, unicode: Bool, colour: Bool, broken: Bool
  ) -> (text: String, width: Int) {
    let ellipsis = unicode ? "…" : "..."
    func line(_ text: String, longest: Int = longestCell) -> String {
      let safe = Escaping.line(text)
      return TextWidth.cut(unicode ? safe : Escaping.ascii(safe), to: longest, mark: ellipsis)
    }
    var rows: [[String]] = []
    for index in 0..<(shown.columns.first?.cells.count ?? 0) {
      if index == shown.gap { rows.append(shown.columns.map { _ in ellipsis }) }
      rows.append(shown.columns.map { line($0.cells[index] ?? "-") })
    }
    func widest(_ column: Int) -> Int { rows.reduce(0) { max($0, TextWidth.columns($1[column])) } }
    let headers = shown.columns.indices.map { column in
      let header = line(shown.columns[column].header)
      return broken ? Self.broken(header, to: widest(column)) : [header]
    }
    let height = headers.map(\.count).max() ?? 0
    // The last lines of all headers stand right above the cells.
    let aligned = headers.map { Array(repeating: "", count: height - $0.count) + $0 }
    rows = (0..<height).map { row in aligned.map { $0[row] } } + rows
    let widths = shown.columns.indices.map(widest)
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
      text.append(number < height && colour ? "\u{1B}[1m" + joined + "\u{1B}[0m" : joined)
    }
    for note in shown.notes { text.append("(" + line(note, longest: 400) + ")") }
    let width = widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
    return (text.joined(separator: "\n"), width)
  }

  /// A header in lines no wider than its cells, as far as its words and the parts of a parameter's name allow that.
  private static func broken(_ header: String, to width: Int) -> [String] {
    let words = header.split(separator: " ").map { word in
      let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      return (parts.dropLast().map { $0 + "." } + parts.suffix(1)).filter { !$0.isEmpty }
    }
    let limit = words.joined().reduce(width) { max($0, TextWidth.columns($1)) }
    var lines = [""]
    for word in words {
      for (number, part) in word.enumerated() {
        let last = lines[lines.count - 1]
        let joined = last.isEmpty ? part : last + (number == 0 ? " " : "") + part
        if TextWidth.columns(joined) <= limit { lines[lines.count - 1] = joined } else { lines.append(part) }
      }
    }
    return lines
  }
}
