import JSONCoding
import OrderedCollections

/// The layers of a Vega-Lite document: one for each stroke of a plot.
struct VegaLayers {
  private typealias Fields = OrderedDictionary<String, JSONValue>

  private let plot: Plot
  private let names: [String]
  private let hasLegend: Bool
  private let barWidth: Double
  /// Where regions and bars begin.
  private let base: Double
  /// The ticks of a logarithmic axis, chosen as in the other drawings; nil on a linear one.
  private let logarithmic: AxisScale?

  init(plot: Plot, strokes: [Plot.Drawn], names: [String], hasLegend: Bool) {
    self.plot = plot
    self.names = names
    self.hasLegend = hasLegend
    barWidth = Plot.barWidth(strokes)
    logarithmic = plot.logY ? plot.verticalAxis(strokes, tickCount: 5) : nil
    base = logarithmic?.low ?? 0
  }

  var emptyLayer: JSONValue {
    ["data": ["values": []], "mark": "point", "encoding": ["x": x("x"), "y": y("y", zero: false)]]
  }

  func layer(_ stroke: Plot.Drawn) -> JSONValue {
    // A path that does not run from left to right keeps its own order.
    let isOrdered = zip(stroke.x, stroke.x.dropFirst()).allSatisfy { $0 <= $1 }
    var encoding: Fields = [:]
    switch stroke.mark {
    case .line, .points:
      encoding["x"] = x("x")
      encoding["y"] = y("y", zero: false)
    case .band:
      encoding["x"] = x("x")
      encoding["y"] = y("y", zero: false)
      encoding["y2"] = ["field": "lower"]
    case .area:
      encoding["x"] = x("x")
      encoding["y"] = y("y", zero: true)
      encoding["y2"] = ["datum": .double(base)]
    case .bars:
      encoding["x"] = x("left")
      encoding["x2"] = ["field": "right"]
      encoding["y"] = y("y", zero: true)
      encoding["y2"] = ["datum": .double(base)]
    }
    if stroke.mark == .line && !isOrdered { encoding["order"] = ["field": "order", "type": "quantitative"] }
    encoding["color"] = colour(stroke)
    // The points of a line that carry its tooltips must stay unseen, so that the opacity is the stroke's alone.
    encoding[stroke.mark == .line ? "strokeOpacity" : "fillOpacity"] = opacity(stroke)
    if !stroke.isFaint { encoding["tooltip"] = tooltip(stroke) }
    return [
      "data": ["values": .array(rows(stroke, isOrdered: isOrdered))], "mark": mark(stroke),
      "encoding": .object(encoding),
    ]
  }

  private func rows(_ stroke: Plot.Drawn, isOrdered: Bool) -> [JSONValue] {
    let bar = plot.barSpan(stroke.index, width: barWidth)
    return stroke.x.indices.map { place in
      let x = stroke.x[place]
      var row: Fields = [
        "series": .string(names[stroke.index]), "x": Self.number(x), "y": Self.number(stroke.y[place]),
      ]
      if stroke.mark == .band { row["lower"] = Self.number(stroke.lower[place]) }
      if stroke.mark == .bars {
        row["left"] = Self.number(x + bar.lowerBound)
        row["right"] = Self.number(x + bar.upperBound)
      }
      if stroke.mark == .line && !isOrdered { row["order"] = .int(place) }
      return .object(row)
    }
  }

  private func x(_ field: String) -> JSONValue {
    [
      "field": .string(field), "type": "quantitative", "title": Self.label(plot.xLabel),
      "scale": ["zero": false], "axis": ["tickCount": 8],
    ]
  }

  private func y(_ field: String, zero: Bool) -> JSONValue {
    guard let axis = logarithmic else {
      return [
        "field": .string(field), "type": "quantitative", "title": Self.label(plot.yLabel),
        "scale": ["zero": .bool(zero)], "axis": ["tickCount": 6],
      ]
    }
    return [
      "field": .string(field), "type": "quantitative", "title": Self.label(plot.yLabel),
      "scale": ["type": "log", "domain": [.double(axis.low), .double(axis.high)], "nice": false],
      "axis": ["values": .array(axis.ticks.map { .double($0) }), "format": "~g"],
    ]
  }

  private func colour(_ stroke: Plot.Drawn) -> JSONValue {
    let owners = names.indices.filter { plot.owner(of: $0) == $0 }
    return [
      "field": "series", "type": "nominal",
      "scale": [
        "domain": .array(owners.map { .string(names[$0]) }),
        "range": .array(owners.map { .string(Plot.colour($0)) }),
      ],
      "legend": hasLegend
        ? [
          // Above the plot, where a narrow window does not cut it off.
          "title": .null, "orient": "top", "columns": 4, "labelLimit": 240, "symbolType": symbols,
          "symbolOpacity": 1,
        ] : .null,
    ]
  }

  /// A stroke for each line of the legend that is one, a disc for the others.
  private var symbols: JSONValue {
    let lines = names.indices.filter { plot.owner(of: $0) == $0 && plot.series[$0].mark == .line }
    if lines.count == 0 { return "circle" }
    let all = JSONValue.array(lines.map { .string(names[$0]) }).serialized()
    return ["expr": .string("indexof(\(all), datum.label) < 0 ? 'circle' : 'stroke'")]
  }

  private func opacity(_ stroke: Plot.Drawn) -> JSONValue {
    let full =
      switch stroke.mark {
      case .line: stroke.isFaint ? 0.4 : 1
      case .points, .bars: 0.85
      case .band, .area: 0.25
      }
    if !hasLegend { return ["value": .double(full)] }
    return ["condition": ["param": "pick", "value": .double(full)], "value": .double(full / 5)]
  }

  private func tooltip(_ stroke: Plot.Drawn) -> JSONValue {
    func entry(_ field: String, _ label: String) -> JSONValue {
      ["field": .string(field), "type": "quantitative", "title": .string(label), "format": ".5~g"]
    }
    var entries: [JSONValue] = hasLegend ? [["field": "series", "type": "nominal", "title": "series"]] : []
    entries.append(entry("x", plot.xLabel.map(Escaping.line) ?? "x"))
    if stroke.mark == .band {
      entries += [entry("lower", "from"), entry("y", "to")]
    } else {
      entries.append(entry("y", plot.yLabel.map(Escaping.line) ?? "y"))
    }
    return .array(entries)
  }

  private func mark(_ stroke: Plot.Drawn) -> JSONValue {
    switch stroke.mark {
    case .line:
      .object(line(stroke))
    case .points: ["type": "circle", "size": 40, "opacity": 1, "clip": true]
    case .band, .area: ["type": "area", "clip": true]
    case .bars: ["type": "rect", "clip": true]
    }
  }

  private func line(_ stroke: Plot.Drawn) -> Fields {
    if stroke.isFaint { return ["type": "line", "strokeWidth": 1, "clip": true] }
    var line: Fields = ["type": "line", "strokeWidth": 2, "point": "transparent", "clip": true]
    if stroke.isDashed { line["strokeDash"] = [5, 5] }
    return line
  }

  private static func label(_ text: String?) -> JSONValue {
    text.map { .string(Escaping.line($0)) } ?? .null
  }

  private static func number(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return .int(whole) }
    return .double(value)
  }
}
