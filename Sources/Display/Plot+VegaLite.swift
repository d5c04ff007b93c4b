import JSONCoding
import OrderedCollections

extension Plot {
  /// The plot as a Vega-Lite v5 document with its data inside: tooltips, zoom and pan with the mouse, and a click in
  /// the legend to single out a series.
  public func vegaLite() -> JSONValue {
    let (strokes, note) = drawn(limit: pictureLimit)
    let hasLegend = !legend.isEmpty
    let context = VegaLayers(plot: self, strokes: strokes, names: uniqueNames, hasLegend: hasLegend)
    var layers = strokes.map(context.layer)
    if layers.isEmpty { layers = [context.emptyLayer] }
    // Selections of a layered view belong to one of its layers.
    var selections: [JSONValue] = [
      ["name": "zoom", "select": "interval", "bind": "scales"]
    ]
    if hasLegend {
      selections.append([
        "name": "pick", "select": ["type": "point", "fields": ["series"]], "bind": "legend",
      ])
    }
    if case .object(var first) = layers[0] {
      first["params"] = .array(selections)
      layers[0] = .object(first)
    }
    var document: OrderedDictionary<String, JSONValue> = [
      "$schema": "https://vega.github.io/schema/vega-lite/v5.json"
    ]
    let remarks = [subtitle, note].compactMap { $0 }.map { JSONValue.string(Escaping.line($0)) }
    if title != nil || !remarks.isEmpty {
      document["title"] = [
        "text": .string(Escaping.line(title ?? "")), "subtitle": .array(remarks), "anchor": "start",
      ]
    }
    document["width"] = 560
    document["height"] = 300
    document["background"] = "transparent"
    document["layer"] = .array(layers)
    document["config"] = Self.neutralGreys
    return .object(document)
  }

  static let neutralGreys: JSONValue = [
    "view": ["stroke": .null],
    "axis": [
      "labelColor": "#808080", "titleColor": "#808080", "gridColor": "#808080", "gridOpacity": 0.18,
      "domainColor": "#808080", "tickColor": "#808080", "titleFontWeight": "normal",
    ],
    "legend": ["labelColor": "#808080", "titleColor": "#808080"],
    "title": ["color": "#808080", "subtitleColor": "#808080"],
  ]

  /// The names of the series made distinct, since Vega-Lite joins what has one name.
  private var uniqueNames: [String] {
    var seen: Set<String> = []
    let names = series.enumerated().map { index, one in
      if owner(of: index) != index { return "" }
      let base = one.name.isEmpty ? "series \(index + 1)" : Escaping.line(one.name)
      var name = base
      var copy = 2
      while !seen.insert(name).inserted {
        name = "\(base) \(copy)"
        copy += 1
      }
      return name
    }
    return names.indices.map { names[owner(of: $0)] }
  }
}
