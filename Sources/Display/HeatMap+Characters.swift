extension HeatMap {
  /// The map in characters, one panel under another: coloured cells where the terminal has colour, else shades that
  /// grow with the value. Steps of a path are their last digits, a single point is a cross.
  public func characters(_ style: TerminalStyle) -> String {
    let range = range
    func clean(_ text: String, _ limit: Int) -> String {
      let safe = Escaping.line(text)
      return TextWidth.cut(
        style.unicode ? safe : Escaping.ascii(safe), to: limit, mark: style.unicode ? "…" : ".")
    }
    let width = min(style.width, 160)
    let rows = Self.shown(y.count, limit: min(max(style.height - 7, 5), 25))
    let labels = rows.map { NumberText.compact(y[$0], digits: 3) }
    let margin = (labels.map(TextWidth.columns).max() ?? 1) + 2
    // A character is about twice as high as wide.
    let columnCount = max(min(width - margin - 1, rows.count * 2), 4)
    var lines: [String] = []
    let indent = String(repeating: " ", count: margin)
    for text in [title, subtitle].compactMap({ $0 }) { lines.append(indent + clean(text, width - margin)) }
    for panel in panels {
      if !panel.title.isEmpty { lines.append(indent + clean(panel.title, width - margin)) }
      var cells = grid(panel, rows, columnCount, range, style)
      drawPaths(&cells, rows.count, columnCount, style)
      for (place, row) in cells.enumerated().reversed() {
        let isLabelled = place == 0 || place == rows.count - 1 || place == rows.count / 2
        let label = TextWidth.padded(isLabelled ? labels[place] : "", to: margin - 1, flushRight: true)
        lines.append("\(label) \(row.joined())")
      }
      let ends = (NumberText.compact(x.first ?? 0, digits: 3), NumberText.compact(x.last ?? 0, digits: 3))
      let space = max(columnCount - TextWidth.columns(ends.0) - TextWidth.columns(ends.1), 1)
      lines.append(indent + ends.0 + String(repeating: " ", count: space) + ends.1)
    }
    let (low, high) = (NumberText.compact(range.low, digits: 3), NumberText.compact(range.high, digits: 3))
    let sample = (0..<10).map { cell((Double($0) + 0.5) / 10, style) }.joined()
    lines.append(
      indent + clean(valueLabel, width / 2) + " \(low) \(sample) \(high)"
        + (isLogarithmic ? ", logarithmic" : ""))
    for (place, path) in paths.enumerated() {
      let sign =
        path.x.count == 1 ? Self.cross(style) : "0\(style.unicode ? "–" : "-")\((path.x.count - 1) % 10)"
      let shown = style.colour ? overlaid(sign, place) : sign
      lines.append("\(indent)\(shown) \(clean(path.name, width - margin - 4))")
    }
    return lines.joined(separator: "\n")
  }

  private func grid(
    _ panel: Panel, _ rows: [Int], _ columns: Int, _ range: (low: Double, high: Double),
    _ style: TerminalStyle
  ) -> [[String]] {
    rows.map { row in
      (0..<columns).map { column in
        let place = column * x.count / columns
        guard panel.values.indices.contains(row), panel.values[row].indices.contains(place),
          let share = share(panel.values[row][place], range)
        else { return " " }
        return cell(share, style)
      }
    }
  }

  private func drawPaths(_ cells: inout [[String]], _ rows: Int, _ columns: Int, _ style: TerminalStyle) {
    let (edgesX, edgesY) = (Self.edges(x), Self.edges(y))
    guard let lowX = edgesX.first, let highX = edgesX.last, let lowY = edgesY.first, let highY = edgesY.last,
      highX > lowX, highY > lowY
    else { return }
    // Marks come last, so that a path does not cover them.
    let order = paths.indices.sorted {
      (paths[$0].x.count == 1 ? 1 : 0, $0) < (paths[$1].x.count == 1 ? 1 : 0, $1)
    }
    for place in order {
      let path = paths[place]
      for (step, point) in zip(path.x, path.y).enumerated() {
        guard point.0 >= lowX, point.0 <= highX, point.1 >= lowY, point.1 <= highY else { continue }
        let column = min(Int((point.0 - lowX) / (highX - lowX) * Double(columns)), columns - 1)
        let row = min(Int((point.1 - lowY) / (highY - lowY) * Double(rows)), rows - 1)
        let sign = path.x.count == 1 ? Self.cross(style) : "\(step % 10)"
        cells[row][column] = style.colour ? overlaid(sign, place) : sign
      }
    }
  }

  private static func cross(_ style: TerminalStyle) -> String { style.unicode ? "✚" : "X" }

  /// Dark on the path's colour.
  private func overlaid(_ sign: String, _ place: Int) -> String {
    let codes = paths[place].x.count == 1 ? [255] : [208, 213, 252, 159]
    return "\u{1B}[38;5;232;48;5;\(codes[place % codes.count])m\(sign)\u{1B}[0m"
  }

  private func cell(_ share: Double, _ style: TerminalStyle) -> String {
    if style.colour {
      let (red, green, blue) = Self.colour(share)
      // The colour cube of 256 colours: six steps of each.
      func step(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
      return "\u{1B}[48;5;\(16 + 36 * step(red) + 6 * step(green) + step(blue))m \u{1B}[0m"
    }
    let shades =
      style.unicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]
    return shades[min(max(Int(share * Double(shades.count)), 0), shades.count - 1)]
  }
}
