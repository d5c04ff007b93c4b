extension Plot {
  /// Colours of the series, in their order, that read on white and on black.
  static let palette = [
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#d6a72c", "#9d755d",
  ]

  static func colour(_ index: Int) -> String { palette[index % palette.count] }

  /// Points of a series drawn at most in a picture; fewer where there are many series.
  var pictureLimit: Int { min(max(20_000 / max(series.count, 1), 100), 1000) }

  /// The plot as a standalone SVG document, transparent, in neutral greys that suit light and dark pages.
  public func svg() -> String { svg(width: 640) }

  /// The same at another size.
  public func svg(width: Int, height: Int = 400) -> String {
    let (strokes, note) = drawn(limit: pictureLimit)
    let frame = SVGFrame(plot: self, strokes: strokes, note: note, width: width, height: height)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(frame.width) \(frame.height)\" "
        + "width=\"\(frame.width)\" height=\"\(frame.height)\" role=\"img\" "
        + "font-family=\"system-ui, 'Helvetica Neue', Helvetica, Arial, sans-serif\" font-size=\"12\">"
    ]
    lines.append("<title>" + Escaping.markup(title ?? summary) + "</title>")
    lines += frame.headings()
    lines += frame.axes()
    for stroke in strokes { lines += frame.marks(stroke) }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What the plot shows in a few words, for those who cannot see it.
  var summary: String {
    let names = legend.map(\.name).joined(separator: ", ")
    return names.isEmpty ? "plot" : "plot of " + names
  }
}

/// The geometry of one SVG drawing: where the plotting area is and how values map into it.
private struct SVGFrame {
  let plot: Plot
  let note: String?
  let width: Int
  let height: Int
  let horizontal: AxisScale
  let vertical: AxisScale
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let legendRows: [[(index: Int, name: String)]]
  let barWidth: Double

  /// About the width of a digit at the font size used.
  private static let characterWidth = 6.9
  private static let longestName = 40
  private static let legendLimit = 20

  init(plot: Plot, strokes: [Plot.Drawn], note: String?, width: Int, height: Int) {
    self.plot = plot
    self.note = note
    self.width = min(max(width, 160), 10_000)
    self.height = min(max(height, 120), 10_000)
    horizontal = plot.horizontalAxis(strokes, tickCount: self.width / 90)
    vertical = plot.verticalAxis(strokes, tickCount: self.height / 60)
    barWidth = Plot.barWidth(strokes)
    let tickColumns = vertical.tickTexts.map(TextWidth.columns).max() ?? 1
    left = 14 + Double(tickColumns) * Self.characterWidth + (plot.yLabel == nil ? 0 : 20)
    right = Double(self.width) - 18
    var rows: [[(index: Int, name: String)]] = []
    var used = Double.infinity
    for (index, name) in plot.legend.prefix(Self.legendLimit) {
      let size = 38 + Double(min(TextWidth.columns(name), Self.longestName)) * Self.characterWidth
      if used + size > right - left {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append((index, name))
      used += size
    }
    legendRows = rows
    top =
      14 + (plot.title == nil ? 0 : 22) + (plot.subtitle == nil ? 0 : 18) + (note == nil ? 0 : 18)
      + 20 * Double(rows.count)
    bottom = Double(self.height) - (plot.xLabel == nil ? 30 : 50)
  }

  private func text(
    _ content: String, _ x: Double, _ y: Double, anchor: String = "start", attributes: String = ""
  ) -> String {
    let fill = attributes.contains("fill") ? "" : " fill=\"#808080\""
    let place = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
    return "<text x=\"\(number(x))\" y=\"\(number(y))\"\(place)\(fill)\(attributes)>"
      + Escaping.markup(Escaping.line(content)) + "</text>"
  }

  /// Title, subtitle, note and legend, from the top down.
  func headings() -> [String] {
    var lines: [String] = []
    var y = 8.0
    if let title = plot.title {
      y += 16
      lines.append(text(title, left, y, attributes: " font-size=\"15\" font-weight=\"600\""))
      y += 6
    }
    for remark in [plot.subtitle, note].compactMap({ $0 }) {
      y += 12
      lines.append(text(remark, left, y))
      y += 6
    }
    for row in legendRows {
      var x = left
      for (index, name) in row {
        let shown = TextWidth.cut(name, to: Self.longestName)
        lines.append(swatch(index, x, y + 10))
        lines.append(text(shown, x + 20, y + 14))
        x += 38 + Double(TextWidth.columns(shown)) * Self.characterWidth
      }
      y += 20
    }
    return lines
  }

  private func swatch(_ index: Int, _ x: Double, _ y: Double) -> String {
    let colour = Plot.colour(index)
    switch plot.series[index].mark {
    case .line:
      let dashes = dashes(plot.series[index].isDashed)
      return "<path d=\"M\(number(x)) \(number(y))h14\" stroke=\"\(colour)\" stroke-width=\"2\"\(dashes)/>"
    case .points:
      return "<circle cx=\"\(number(x + 7))\" cy=\"\(number(y))\" r=\"3.5\" fill=\"\(colour)\"/>"
    case .band, .area, .bars:
      let opacity = plot.series[index].mark == .bars ? "0.85" : "0.3"
      return "<rect x=\"\(number(x + 1))\" y=\"\(number(y - 5))\" width=\"12\" height=\"10\" "
        + "fill=\"\(colour)\" fill-opacity=\"\(opacity)\"/>"
    }
  }

  /// Grid, ticks and labels.
  func axes() -> [String] {
    var lines: [String] = []
    var grid = ""
    for (tick, label) in zip(vertical.ticks, vertical.tickTexts) {
      guard let y = y(tick) else { continue }
      grid += "M\(number(left)) \(number(y))H\(number(right))"
      lines.append(text(label, left - 8, y + 4, anchor: "end"))
    }
    for (tick, label) in zip(horizontal.ticks, horizontal.tickTexts) {
      guard let x = x(tick) else { continue }
      grid += "M\(number(x)) \(number(top))V\(number(bottom))"
      lines.append(text(label, x, bottom + 18, anchor: "middle"))
    }
    lines.insert("<path d=\"\(grid)\" stroke=\"#808080\" stroke-opacity=\"0.18\" fill=\"none\"/>", at: 0)
    let axis = "M\(number(left)) \(number(bottom))H\(number(right))"
    lines.append("<path d=\"\(axis)\" stroke=\"#808080\" stroke-opacity=\"0.7\" fill=\"none\"/>")
    if let label = plot.xLabel {
      lines.append(text(label, (left + right) / 2, bottom + 38, anchor: "middle"))
    }
    if let label = plot.yLabel {
      let middle = (top + bottom) / 2
      lines.append(
        text(
          label, 14, middle, anchor: "middle",
          attributes: " transform=\"rotate(-90 14 \(number(middle)))\""))
    }
    return lines
  }

  /// The drawing of one stroke.
  func marks(_ stroke: Plot.Drawn) -> [String] {
    let colour = Plot.colour(stroke.index)
    switch stroke.mark {
    case .line: return line(stroke, colour)
    case .points:
      let dots = stroke.unbroken.joined().compactMap { place -> String? in
        guard let x = x(stroke.x[place]), let y = y(stroke.y[place]) else { return nil }
        return "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3\"/>"
      }
      return dots.isEmpty
        ? [] : ["<g fill=\"\(colour)\" fill-opacity=\"0.85\">" + dots.joined() + "</g>"]
    case .band, .area: return region(stroke, colour)
    case .bars: return bars(stroke, colour)
    }
  }

  private func line(_ stroke: Plot.Drawn, _ colour: String) -> [String] {
    var path = ""
    var dots: [String] = []
    for range in stroke.unbroken {
      let points = points(stroke.x, stroke.y, range)
      // A value between two gaps has no line through it.
      if points.count == 1, let point = points.first { dots.append(point) }
      if points.count > 1 { path += "M" + points.joined(separator: "L") }
    }
    for dot in dots { path += "M\(dot)h0" }
    if path.isEmpty { return [] }
    let style = stroke.isFaint ? "stroke-width=\"1\" stroke-opacity=\"0.4\"" : "stroke-width=\"2\""
    return [
      "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" \(style) stroke-linejoin=\"round\" "
        + "stroke-linecap=\"round\"\(dashes(stroke.isDashed))/>"
    ]
  }

  private func dashes(_ isDashed: Bool) -> String { isDashed ? " stroke-dasharray=\"5 5\"" : "" }

  private func region(_ stroke: Plot.Drawn, _ colour: String) -> [String] {
    let base = vertical.isLogarithmic ? vertical.low : 0
    let lower = stroke.mark == .band ? stroke.lower : stroke.y.map { _ in base }
    var path = ""
    for range in stroke.unbroken where range.count > 1 && lower.count == stroke.y.count {
      let edge = points(stroke.x, stroke.y, range) + points(stroke.x, lower, range).reversed()
      path += "M" + edge.joined(separator: "L") + "Z"
    }
    return path.isEmpty ? [] : ["<path d=\"\(path)\" fill=\"\(colour)\" fill-opacity=\"0.25\"/>"]
  }

  private func bars(_ stroke: Plot.Drawn, _ colour: String) -> [String] {
    let base = y(vertical.isLogarithmic ? vertical.low : 0) ?? bottom
    let span = plot.barSpan(stroke.index, width: barWidth)
    var path = ""
    for place in stroke.unbroken.joined() {
      let center = stroke.x[place]
      guard let begin = x(center + span.lowerBound), let end = x(center + span.upperBound),
        let y = y(stroke.y[place])
      else { continue }
      path += "M\(number(begin)) \(number(base))V\(number(y))H\(number(end))V\(number(base))Z"
    }
    return path.isEmpty ? [] : ["<path d=\"\(path)\" fill=\"\(colour)\" fill-opacity=\"0.85\"/>"]
  }

  private func points(_ xs: [Double], _ ys: [Double], _ range: Range<Int>) -> [String] {
    range.compactMap { place in
      guard let x = x(xs[place]), let y = y(ys[place]) else { return nil }
      return "\(number(x)) \(number(y))"
    }
  }

  private func x(_ value: Double) -> Double? {
    horizontal.position(value).map { left + $0 * (right - left) }
  }

  private func y(_ value: Double) -> Double? {
    vertical.position(value).map { bottom - $0 * (bottom - top) }
  }

  private func number(_ value: Double) -> String {
    NumberText.trimmed(NumberText.fixed(value, decimals: 1))
  }
}
