extension Diagram {
  /// What Mermaid draws unless its host allows more.
  private static let mermaidLimit = (characters: 50_000, edges: 500)

  /// The diagram as a Mermaid flowchart.
  ///
  /// Mermaid refuses texts over 50,000 characters and more than 500 edges. What does not fit is left out from the front,
  /// and a box says how much.
  public func mermaid() -> String {
    var first = 0
    while true {
      let text = mermaid(from: first)
      if text.edges <= Self.mermaidLimit.edges, text.code.utf8.count <= Self.mermaidLimit.characters {
        return text.code
      }
      if first >= nodes.count { return "flowchart TB\n  cut[\"too large for Mermaid\"]\n" }
      first = min(nodes.count, first + max(1, (nodes.count - first) / 16))
    }
  }

  private func mermaid(from first: Int) -> (code: String, edges: Int) {
    var lines = ["flowchart TB"]
    if !title.isEmpty {
      lines.insert("---\ntitle: \"\(Self.mermaidText(title.joined(separator: " · ")))\"\n---", at: 0)
    }
    let (inside, outside) = framed
    func add(_ place: Int, _ indent: String) {
      let node = nodes[place]
      let label = node.lines.map(Self.mermaidText).joined(separator: "<br/>")
      let (open, close) = node.isRounded ? ("(", ")") : ("[", "]")
      lines.append(
        "\(indent)n\(place)\(open)\"\(label)\"\(close):::t\(node.tone.rawValue)\(node.isDashed ? "d" : "")")
    }
    if first > 0 {
      lines.append("  cut[\"\(first) of \(nodes.count) nodes are left out: Mermaid draws no more\"]")
    }
    for place in outside where place >= first { add(place, "  ") }
    for (frame, places) in inside {
      let shown = places.filter { $0 >= first }
      if shown.isEmpty { continue }
      lines.append("  subgraph f\(frame)[\"\(Self.mermaidText(frames[frame]))\"]")
      for place in shown { add(place, "    ") }
      lines.append("  end")
    }
    var dashed: [Int] = []
    var count = 0
    for edge in edges where edge.source >= first && edge.target >= first {
      let label = edge.label.isEmpty ? "" : "|\"\(Self.mermaidText(edge.label))\"|"
      lines.append("  n\(edge.source) \(edge.isDashed ? "-.->" : "-->")\(label) n\(edge.target)")
      if edge.isDashed { dashed.append(count) }
      count += 1
    }
    for tone in Tone.allCases {
      for isDashed in [false, true]
      where nodes[min(first, nodes.count)...].contains(where: { $0.tone == tone && $0.isDashed == isDashed })
      {
        let (fill, border) = tone.colours
        let stroke = isDashed ? "\(Self.dashColour),stroke-dasharray:4 3" : border
        lines.append(
          "  classDef t\(tone.rawValue)\(isDashed ? "d" : "") fill:\(fill),stroke:\(stroke),color:#222222")
      }
    }
    let drawn = inside.filter { $0.nodes.contains { $0 >= first } }.map { "f\($0.frame)" }
    if !drawn.isEmpty {
      lines.append("  classDef frame fill:none,stroke:#8c8c8c")
      lines.append("  class \(drawn.joined(separator: ",")) frame")
    }
    if !dashed.isEmpty {
      lines.append(
        "  linkStyle \(dashed.map(String.init).joined(separator: ",")) stroke:\(Self.dashColour),stroke-width:1.5px"
      )
    }
    return (lines.joined(separator: "\n") + "\n", count)
  }

  /// Text inside quotes. Whatever could be read as markup, Markdown or an end of the quotes becomes a character code.
  static func mermaidText(_ text: String) -> String {
    var result = ""
    let scalars = Array(Escaping.line(text).unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      let isPlain =
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", " ", "_", ",", ":", "=", "(", ")", "[", "]", "/": true
        // `1. text` would be a list.
        case ".": place + 1 < scalars.count && scalars[place + 1] != " "
        default: scalar.value >= 0x80
        }
      if isPlain { result.unicodeScalars.append(scalar) } else { result += "#\(scalar.value);" }
    }
    return result
  }
}
