extension Plot {
  /// The plot in characters, as wide as the terminal and at most 20 rows high.
  ///
  /// Lines are drawn in braille dots where the terminal has them and colour (or a single curve) tells the series
  /// apart, else with one letter for each series.
  public func characters(_ style: TerminalStyle) -> String {
    let width = min(style.width, 160)
    let (strokes, _) = drawn(limit: max(4 * width, 400))
    let visible = strokes.filter { !$0.isFaint }
    let rows = min(max(style.height - 8, 5), 16)
    let vertical = verticalAxis(visible, tickCount: max(rows / 4, 2))
    let labels = vertical.tickTexts
    let margin = (labels.map(TextWidth.columns).max() ?? 1) + 2
    let columns = max(width - margin - 1, 8)
    let horizontal = horizontalAxis(visible, tickCount: max(columns / 12, 2))
    let usesBraille = style.unicode && (style.colour || Set(visible.map(\.index)).count <= 1)
    var canvas = CharacterCanvas(
      columns: columns, rows: rows, horizontal: horizontal, vertical: vertical, usesBraille: usesBraille,
      unicode: style.unicode)
    let barWidth = Self.barWidth(visible)
    for stroke in visible { canvas.draw(stroke, bar: barSpan(stroke.index, width: barWidth)) }

    func clean(_ text: String, _ limit: Int) -> String {
      let safe = Escaping.line(text)
      return TextWidth.cut(
        style.unicode ? safe : Escaping.ascii(safe), to: limit, mark: style.unicode ? "…" : ".")
    }
    var lines: [String] = []
    let indent = String(repeating: " ", count: margin)
    if let title { lines.append(indent + clean(title, columns)) }
    if let subtitle { lines.append(indent + clean(subtitle, columns)) }
    if let yLabel { lines.append(clean(yLabel, width)) }
    var labelAtRow: [Int: String] = [:]
    for (tick, label) in zip(vertical.ticks, labels) {
      if let row = canvas.row(tick), labelAtRow[row] == nil { labelAtRow[row] = label }
    }
    for row in 0..<rows {
      let label = labelAtRow[row] ?? ""
      let stem = style.unicode ? (label.isEmpty ? "│" : "┤") : (label.isEmpty ? "|" : "+")
      let line = TextWidth.padded(label, to: margin - 2, flushRight: true) + " " + stem
      lines.append(line + canvas.text(row: row, colour: style.colour))
    }
    lines += axisLines(horizontal, canvas, margin: margin, unicode: style.unicode)
    if let xLabel {
      let label = clean(xLabel, columns)
      let space = max((columns - TextWidth.columns(label)) / 2, 0)
      lines.append(indent + String(repeating: " ", count: space) + label)
    }
    lines += legendLines(style, usesBraille: usesBraille, width: columns, clean: clean).map { indent + $0 }
    return lines.map { line in
      var line = line
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  /// The horizontal axis and the numbers under it.
  private func axisLines(
    _ axis: AxisScale, _ canvas: CharacterCanvas, margin: Int, unicode: Bool
  ) -> [String] {
    var rule = Array(repeating: unicode ? "─" : "-", count: canvas.columns)
    var numbers = Array(repeating: " ", count: canvas.columns + margin + 8)
    var free = 0
    for (tick, text) in zip(axis.ticks, axis.tickTexts) {
      guard let column = canvas.column(tick) else { continue }
      rule[column] = unicode ? "┬" : "+"
      let start = max(margin + column - text.count / 2, 0)
      guard start >= free, start + text.count <= margin + canvas.columns + 1 else { continue }
      for (offset, character) in text.enumerated() { numbers[start + offset] = String(character) }
      free = start + text.count + 1
    }
    let corner = String(repeating: " ", count: margin - 1) + (unicode ? "└" : "+")
    return [corner + rule.joined(), numbers.joined()]
  }

  private func legendLines(
    _ style: TerminalStyle, usesBraille: Bool, width: Int, clean: (String, Int) -> String
  ) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for (index, name) in legend {
      let isDotted = series[index].mark == .points
      let plain = CharacterCanvas.marker(index, unicode: style.unicode, dotted: usesBraille)
      let mark = usesBraille && !isDotted ? "━━" : plain
      let shown = clean(name, max(width - 4, 4))
      let size = TextWidth.columns(mark) + 1 + TextWidth.columns(shown)
      if used > 0 && used + 3 + size > width {
        lines.append(line)
        line = ""
        used = 0
      }
      if used > 0 { line += "   " }
      line += (style.colour ? CharacterCanvas.coloured(mark, index) : mark) + " " + shown
      used += size + (used > 0 ? 3 : 0)
    }
    if used > 0 { lines.append(line) }
    return lines
  }
}
