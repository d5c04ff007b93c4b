extension HeatMap {
  /// Steps of colour in an SVG; cells of one colour are one shape.
  private static let steps = 48
  /// The side of a panel.
  private static let panelSize = 280.0

  /// The map as a standalone SVG document, transparent, in neutral greys that suit light and dark pages.
  public func svg() -> String { thinned(to: 150).wholeSVG() }

  private func wholeSVG() -> String {
    let size = Self.panelSize
    let range = range
    let (left, top) = (58.0, 16.0 + (title == nil ? 0 : 22) + (subtitle == nil ? 0 : 18) + 22)
    let gap = 62.0
    let bar = left + Double(max(panels.count, 1)) * (size + gap) - gap + 22
    let width = bar + 80
    let bottom = top + size
    let height = bottom + 48 + (paths.isEmpty ? 0 : 22)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(width)) \(text(height))\" "
        + "width=\"\(text(width))\" height=\"\(text(height))\" role=\"img\" "
        + "font-family=\"system-ui, 'Helvetica Neue', Helvetica, Arial, sans-serif\" font-size=\"12\">",
      "<title>" + Escaping.markup(title ?? "heat map of \(valueLabel)") + "</title>",
    ]
    var heading = 8.0
    if let title {
      lines.append(label(title, left, heading + 16, attributes: " font-size=\"15\" font-weight=\"600\""))
      heading += 22
    }
    if let subtitle { lines.append(label(subtitle, left, heading + 12)) }
    for (index, panel) in panels.enumerated() {
      lines += draw(panel, at: (left + Double(index) * (size + gap), top), size, range)
    }
    lines += colourBar(x: bar, top, bottom, range)
    if !paths.isEmpty {
      var x = left
      for (place, path) in paths.enumerated() {
        lines.append(mark(path.x.count == 1, x + 5, height - 12, colour(ofPath: place)))
        lines.append(label(path.name, x + 15, height - 8))
        x += 32 + 6.9 * Double(TextWidth.columns(path.name))
      }
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private func draw(
    _ panel: Panel, at corner: (x: Double, y: Double), _ size: Double, _ range: (low: Double, high: Double)
  ) -> [String] {
    let (columns, rows) = (Self.edges(x), Self.edges(y))
    guard let lowX = columns.first, let highX = columns.last, let lowY = rows.first, let highY = rows.last,
      highX > lowX, highY > lowY
    else { return [] }
    func across(_ value: Double) -> Double { corner.x + (value - lowX) / (highX - lowX) * size }
    func down(_ value: Double) -> Double { corner.y + (highY - value) / (highY - lowY) * size }
    var lines = [label(panel.title, corner.x, corner.y - 8)]
    // Neighbours of one colour in a row are one rectangle; all of a colour are one path.
    var shapes = [String](repeating: "", count: Self.steps)
    for (row, values) in panel.values.prefix(y.count).enumerated() {
      var column = 0
      let count = min(values.count, x.count)
      while column < count {
        let step = step(values[column], range)
        var end = column + 1
        while end < count, self.step(values[end], range) == step { end += 1 }
        if let step {
          shapes[step] +=
            "M\(text(across(columns[column]))) \(text(down(rows[row])))H\(text(across(columns[end])))"
            + "V\(text(down(rows[row + 1])))H\(text(across(columns[column])))Z"
        }
        column = end
      }
    }
    lines.append("<g shape-rendering=\"crispEdges\">")
    for (step, shape) in shapes.enumerated() where !shape.isEmpty {
      lines.append("<path d=\"\(shape)\" fill=\"\(Self.hex((Double(step) + 0.5) / Double(Self.steps)))\"/>")
    }
    lines.append("</g>")
    let (horizontal, vertical) = (
      AxisScale([lowX, highX], tickCount: 5, rounded: false),
      AxisScale([lowY, highY], tickCount: 5, rounded: false)
    )
    for (tick, name) in zip(horizontal.ticks, horizontal.tickTexts) {
      lines.append(label(name, across(tick), corner.y + size + 16, anchor: "middle"))
    }
    for (tick, name) in zip(vertical.ticks, vertical.tickTexts) {
      lines.append(label(name, corner.x - 6, down(tick) + 4, anchor: "end"))
    }
    if let xLabel { lines.append(label(xLabel, corner.x + size / 2, corner.y + size + 34, anchor: "middle")) }
    if let yLabel {
      let (x, y) = (corner.x - 42, corner.y + size / 2)
      lines.append(
        label(yLabel, x, y, anchor: "middle", attributes: " transform=\"rotate(-90 \(text(x)) \(text(y)))\""))
    }
    for (place, path) in paths.enumerated() {
      let points = zip(path.x, path.y).filter {
        $0.0 >= lowX && $0.0 <= highX && $0.1 >= lowY && $0.1 <= highY
      }.map { (across($0.0), down($0.1)) }
      let colour = colour(ofPath: place)
      if points.count > 1 {
        let line = points.map { "\(text($0.0)) \(text($0.1))" }.joined(separator: "L")
        lines.append("<path d=\"M\(line)\" fill=\"none\" stroke=\"#222222\" stroke-width=\"3.5\"/>")
        lines.append("<path d=\"M\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>")
      }
      for point in points { lines.append(mark(path.x.count == 1, point.0, point.1, colour)) }
    }
    return lines
  }

  private func mark(_ isDiamond: Bool, _ x: Double, _ y: Double, _ colour: String) -> String {
    let shape =
      isDiamond
      ? "<path d=\"M\(text(x)) \(text(y - 6.5))l5 6.5l-5 6.5l-5 -6.5Z\""
      : "<circle cx=\"\(text(x))\" cy=\"\(text(y))\" r=\"3.6\""
    return shape + " fill=\"\(colour)\" stroke=\"#222222\"/>"
  }

  private func colourBar(
    x: Double, _ top: Double, _ bottom: Double, _ range: (low: Double, high: Double)
  ) -> [String] {
    var lines = [label(valueLabel, x, top - 8), "<g shape-rendering=\"crispEdges\">"]
    let height = (bottom - top) / Double(Self.steps)
    for step in 0..<Self.steps {
      let y = bottom - Double(step + 1) * height
      lines.append(
        "<rect x=\"\(text(x))\" y=\"\(text(y))\" width=\"14\" height=\"\(text(height + 0.3))\" "
          + "fill=\"\(Self.hex((Double(step) + 0.5) / Double(Self.steps)))\"/>")
    }
    lines.append("</g>")
    let scale = AxisScale([range.low, range.high], logarithmic: isLogarithmic, tickCount: 6, rounded: false)
    for (tick, name) in zip(scale.ticks, scale.tickTexts) {
      guard let share = share(tick, range), share > -0.001, share < 1.001 else { continue }
      lines.append(label(name, x + 20, bottom - share * (bottom - top) + 4))
    }
    return lines
  }

  private func step(_ value: Double, _ range: (low: Double, high: Double)) -> Int? {
    share(value, range).map { min(max(Int($0 * Double(Self.steps)), 0), Self.steps - 1) }
  }

  private static func hex(_ share: Double) -> String {
    let (red, green, blue) = colour(share)
    func two(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
    return "#" + two(red) + two(green) + two(blue)
  }

  private func label(
    _ content: String, _ x: Double, _ y: Double, anchor: String = "start", attributes: String = ""
  ) -> String {
    let place = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
    return "<text x=\"\(text(x))\" y=\"\(text(y))\"\(place) fill=\"#808080\"\(attributes)>"
      + Escaping.markup(Escaping.line(content)) + "</text>"
  }

  private func text(_ value: Double) -> String { NumberText.trimmed(NumberText.fixed(value, decimals: 1)) }
}
