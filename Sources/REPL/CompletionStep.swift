import Display

/// What one press of Tab does.
package enum CompletionStep: Hashable {
  /// Nothing fits.
  case nothing
  /// Replaces that many characters (Unicode scalars) before the cursor.
  case replace(count: Int, with: String)
  /// The choice is open: show it. `details` say what each is, or are empty.
  case list([String], details: [String] = [])

  /// - Parameters:
  ///   - text: all of the input
  ///   - cursor: a UTF-8 offset into it
  package init(_ completions: CompletionList, text: String, cursor: Int) {
    let bytes = Array(text.utf8.prefix(max(cursor, 0)))
    let start = min(max(completions.start, 0), bytes.count)
    let typed = String(decoding: bytes[start...], as: UTF8.self)
    guard let first = completions.matches.first else {
      self = .nothing
      return
    }
    var common = Array(first.unicodeScalars)
    for match in completions.matches.dropFirst() {
      let scalars = match.unicodeScalars
      common = zip(common, scalars).prefix { $0 == $1 }.map(\.0)
    }
    var shared = ""
    shared.unicodeScalars.append(contentsOf: common)
    let isUnique = Set(completions.matches).count == 1
    if isUnique || (common.count > typed.unicodeScalars.count && shared.hasPrefix(typed)) {
      self =
        shared == typed ? .nothing : .replace(count: typed.unicodeScalars.count, with: shared)
    } else {
      self = .list(completions.matches, details: completions.details)
    }
  }
}

/// Sets short texts in columns, down and then across, as `ls` does.
package enum ColumnLayout {
  /// A few names with what each is, a line for each; more of them, or names alone, in columns.
  package static func lines(_ items: [String], details: [String], width: Int) -> [String] {
    guard items.count <= 24, details.count == items.count, details.contains(where: { !$0.isEmpty }) else {
      return lines(items, width: width)
    }
    return aligned(zip(items, details).map { [$0, $1] }, width: width)
  }

  /// A line for each row, its cells below those of the row before.
  package static func aligned(_ rows: [[String]], width: Int) -> [String] {
    let rows = rows.map { $0.map(Escaping.line) }
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? TextWidth.columns($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let shown = row.lastIndex { !$0.isEmpty }.map { row[...$0] } ?? []
      let cells = shown.enumerated().map { index, cell in
        index == shown.count - 1 ? cell : TextWidth.padded(cell, to: widths[index])
      }
      return TextWidth.cut(cells.joined(separator: "  "), to: max(width - 1, 8), mark: "...")
    }
  }

  package static func lines(_ items: [String], width: Int, limit: Int = 200) -> [String] {
    let shown = items.prefix(limit).map {
      TextWidth.cut(Escaping.line($0), to: max(width - 1, 8), mark: "...")
    }
    let sizes = shown.map(TextWidth.columns)
    guard !shown.isEmpty else { return [] }
    // The fewest rows whose columns, each as wide as its widest text and two spaces, fit.
    var rows = 1
    while rows < shown.count && total(sizes, rows: rows) >= width { rows += 1 }
    var lines = (0..<rows).map { row -> String in
      var line = ""
      for index in stride(from: row, to: shown.count, by: rows) {
        let isLast = index + rows >= shown.count
        line +=
          isLast
          ? shown[index] : TextWidth.padded(shown[index], to: columnWidth(sizes, index / rows, rows) + 2)
      }
      return line
    }
    if items.count > limit { lines.append("... and \(items.count - limit) more") }
    return lines
  }

  private static func columnWidth(_ sizes: [Int], _ column: Int, _ rows: Int) -> Int {
    sizes[(column * rows)..<min((column + 1) * rows, sizes.count)].max() ?? 0
  }

  private static func total(_ sizes: [Int], rows: Int) -> Int {
    let columns = (sizes.count + rows - 1) / rows
    return (0..<columns).reduce(0) { $0 + columnWidth(sizes, $1, rows) + 2 } - 2
  }
}
