extension Diagram {
  /// The diagram in Graphviz's language.
  public func dot() -> String {
    var lines = [
      "digraph {",
      "  graph [rankdir=TB, newrank=true, bgcolor=transparent, fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, "
        + "fontcolor=\"#808080\", labelloc=t, nodesep=0.2, ranksep=0.35"
        + (title.isEmpty ? "" : ", label=\"\(title.map(Self.escaped).joined(separator: "\\n"))\"") + "]",
      "  node [shape=box, style=filled, fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, "
        + "fontcolor=\"#222222\", height=0.3, margin=\"0.1,0.05\"]",
      "  edge [color=\"#808080\", fontcolor=\"#808080\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=9, "
        + "arrowsize=0.6]",
    ]
    let (inside, outside) = framed
    for place in outside { lines.append("  " + line(place)) }
    for (frame, places) in inside {
      lines.append("  subgraph cluster_\(frame) {")
      lines.append("    label=\(Self.quoted(frames[frame])); color=\"#808080\"; style=rounded")
      for place in places { lines.append("    " + line(place)) }
      lines.append("  }")
    }
    let isMixed = edges.contains(where: \.isDashed)
    for edge in edges {
      var attributes: [String] = []
      if !edge.label.isEmpty { attributes.append("label=\(Self.quoted(edge.label))") }
      if edge.isDashed {
        attributes.append("style=dashed, color=\"\(Self.dashColour)\", fontcolor=\"\(Self.dashColour)\"")
      }
      // What is always there is laid out first: short and straight.
      if isMixed, !edge.isDashed { attributes.append("weight=10") }
      let list = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
      lines.append("  n\(edge.source) -> n\(edge.target)\(list)")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  private func line(_ place: Int) -> String {
    let node = nodes[place]
    let (fill, border) = node.tone.colours
    var style = ["filled"]
    if node.isRounded { style.append("rounded") }
    if node.isDashed { style.append("dashed") }
    let label = node.lines.map(Self.escaped).joined(separator: "\\n")
    return "n\(place) [label=\"\(label)\", style=\"\(style.joined(separator: ","))\", fillcolor=\"\(fill)\", "
      + "color=\"\(node.isDashed ? Self.dashColour : border)\"]"
  }

  private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// Text inside quotes: there a backslash begins an escape, and an ampersand an entity.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in Escaping.line(text) {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }
}
