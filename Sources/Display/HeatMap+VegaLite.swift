import JSONCoding
import OrderedCollections

extension HeatMap {
  /// The map as a Vega-Lite v5 document with its data inside: panels side by side, tooltips with the values.
  public func vegaLite() -> JSONValue { thinned(to: 60).wholeVegaLite() }

  private func wholeVegaLite() -> JSONValue {
    let range = range
    var document: OrderedDictionary<String, JSONValue> = [
      "$schema": "https://vega.github.io/schema/vega-lite/v5.json"
    ]
    if title != nil || subtitle != nil {
      document["title"] = [
        "text": .string(Escaping.line(title ?? "")),
        "subtitle": .array([subtitle].compactMap { $0 }.map { .string(Escaping.line($0)) }),
        "anchor": "start",
      ]
    }
    document["background"] = "transparent"
    document["hconcat"] = .array(panels.indices.map { vegaPanel($0, range) })
    document["config"] = Plot.neutralGreys
    return .object(document)
  }

  private func vegaPanel(_ index: Int, _ range: (low: Double, high: Double)) -> JSONValue {
    let (columns, rows) = (Self.edges(x), Self.edges(y))
    func number(_ value: Double) -> JSONValue {
      value.isFinite ? .double(NumberText.rounded(value, digits: 5)) : .null
    }
    var cells: [JSONValue] = []
    for (row, values) in panels[index].values.prefix(y.count).enumerated() {
      for (column, value) in values.prefix(x.count).enumerated() {
        cells.append([
          "x": number(columns[column]), "X": number(columns[column + 1]), "y": number(rows[row]),
          "Y": number(rows[row + 1]), "v": number(value),
        ])
      }
    }
    func axis(_ field: String, _ label: String?, _ edges: [Double]) -> JSONValue {
      [
        "field": .string(field), "type": "quantitative",
        "title": label.map { .string(Escaping.line($0)) } ?? .null,
        "scale": [
          "domain": [number(edges.first ?? 0), number(edges.last ?? 1)], "nice": false, "zero": false,
        ],
        "axis": ["grid": false],
      ]
    }
    let (horizontal, vertical) = (axis("x", xLabel, columns), axis("y", yLabel, rows))
    var scale: OrderedDictionary<String, JSONValue> = ["scheme": "viridis"]
    if range.high > range.low { scale["domain"] = [number(range.low), number(range.high)] }
    if isLogarithmic { scale["type"] = "log" }
    var layers: [JSONValue] = [
      [
        "data": ["values": .array(cells)], "mark": ["type": "rect", "clip": true],
        "encoding": [
          "x": horizontal, "x2": ["field": "X"], "y": vertical, "y2": ["field": "Y"],
          "color": [
            "field": "v", "type": "quantitative", "scale": .object(scale),
            // Panels share their scales; one of them without a legend would take it from all.
            "legend": [
              "title": .string(Escaping.line(valueLabel)), "gradientLength": 240, "format": ".3~g",
            ],
          ],
          "tooltip": [
            [
              "field": "v", "type": "quantitative", "title": .string(Escaping.line(valueLabel)),
              "format": ".5~g",
            ]
          ],
        ],
      ]
    ]
    for (place, path) in paths.enumerated() {
      let points: [JSONValue] = path.x.indices.map { step in
        [
          "x": number(path.x[step]), "y": number(path.y[step]), "step": .int(step),
          "path": .string(names[place]),
        ]
      }
      var encoding: OrderedDictionary<String, JSONValue> = ["x": horizontal, "y": vertical]
      if path.x.count > 1 {
        var line = encoding
        line["order"] = ["field": "step", "type": "quantitative"]
        layers.append([
          "data": ["values": .array(points)],
          "mark": ["type": "line", "stroke": .string(colour(ofPath: place)), "strokeWidth": 2, "clip": true],
          "encoding": .object(line),
        ])
      }
      encoding["fill"] = pathColour
      encoding["tooltip"] = [
        ["field": "path", "type": "nominal"], ["field": "step", "type": "quantitative"],
      ]
      let isMark = path.x.count == 1
      layers.append([
        "data": ["values": .array(points)],
        "mark": [
          "type": "point", "shape": isMark ? "diamond" : "circle", "size": isMark ? 120 : 45,
          "stroke": "#222222",
          "strokeWidth": 1, "opacity": 1, "clip": true,
        ], "encoding": .object(encoding),
      ])
    }
    return [
      "title": [
        "text": .string(Escaping.line(panels[index].title)), "anchor": "start", "fontWeight": "normal",
      ], "width": 300, "height": 300,
      "layer": .array(layers),
    ]
  }

  /// Paths have the same colours on every panel.
  private var pathColour: JSONValue {
    [
      "field": "path", "type": "nominal",
      "scale": [
        "domain": .array(names.map { .string($0) }),
        "range": .array(names.indices.map { .string(colour(ofPath: $0)) }),
      ],
      "legend": [
        "title": .null, "orient": "bottom", "symbolStrokeColor": "#222222", "symbolStrokeWidth": 1,
        "labelLimit": 240,
      ],
    ]
  }

  private var names: [String] {
    paths.enumerated().map { $1.name.isEmpty ? "path \($0 + 1)" : Escaping.line($1.name) }
  }
}
