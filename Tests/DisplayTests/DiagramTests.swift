import Display
import Foundation
import TestSupport
import Testing

@Suite("Diagrams")
struct DiagramTests {
  private let small = Diagram(
    [
      .init(["w", "[3]"], tone: .yellow, isRounded: true), .init(["exp", "[3]"], tone: .blue, frame: 0),
      .init(["sum"], tone: .purple, isDashed: true, frame: 0),
    ],
    [.init(from: 0, to: 1, label: "24 B"), .init(from: 1, to: 2, isDashed: true), .init(from: 1, to: 7)],
    frames: ["inner step 1"], title: ["a graph", "of three"])

  @Test("Mermaid has nodes, frames, labels, and dashed edges in red")
  func mermaid() {
    let text = small.mermaid()
    for line in [
      "flowchart TB", "  n0(\"w<br/>[3]\"):::t1", "  subgraph f0[\"inner step 1\"]",
      "    n1[\"exp<br/>[3]\"]:::t2",
      "    n2[\"sum\"]:::t3d", "  n0 -->|\"24 B\"| n1", "  n1 -.-> n2",
      "  linkStyle 1 stroke:#d62728,stroke-width:1.5px",
    ] {
      #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)")
    }
    #expect(small.edges.count == 2)
  }

  @Test(
    "names that look like markup stay text",
    arguments: [
      "a\"b", "<script>alert(1)</script>", "`x`", "#quot;", "1. x", "- x", "a\\nb", "%%{init}%%", "end",
      "a\nb", "&lt;", "θ₀",
    ])
  func escaping(_ name: String) throws {
    let diagram = Diagram([.init([name])], [], frames: [], title: [name])
    let line = try #require(diagram.mermaid().split(separator: "\n").first { $0.hasPrefix("  n0") })
    let label = line.dropFirst("  n0[\"".count).prefix { $0 != "\"" }
    #expect(line == "  n0[\"\(label)\"]:::t0")
    #expect(!label.contains("<") && !label.contains("`") && !label.contains("&"))
    // Read as Mermaid reads it, the label is the name.
    var read = ""
    var rest = label[...]
    while let code = rest.firstIndex(of: "#"), let end = rest[code...].firstIndex(of: ";") {
      read += rest[..<code]
      let number = try #require(UInt32(rest[rest.index(after: code)..<end]))
      read.unicodeScalars.append(try #require(Unicode.Scalar(number)))
      rest = rest[rest.index(after: end)...]
    }
    #expect(read + rest == Escaping.line(name))
    let svg = try Graphviz.svg(of: diagram.dot())
    #expect(
      svg.contains(
        ">"
          + Escaping.line(name).replacingOccurrences(of: "&", with: "&amp;")
          .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
          .replacingOccurrences(of: "\"", with: "&quot;").replacingOccurrences(of: "-", with: "&#45;")
          + "</text>"))
  }

  @Test("Mermaid's limits are kept, and a box says what is left out")
  func limits() {
    let nodes = (0..<3000).map { Diagram.Node(["operation \($0)", "[10, 10]"], tone: .blue) }
    let edges = (1..<3000).map { Diagram.Edge(from: $0 - 1, to: $0, label: "24 B") }
    let text = Diagram(nodes, edges).mermaid()
    #expect(text.utf8.count <= 50_000 && text.split(separator: "\n").count { $0.contains(" -->") } <= 500)
    #expect(text.contains("of 3000 nodes are left out"))
    #expect(text.contains("operation 2999"))
    #expect(!small.mermaid().contains("left out"))
  }

  @Test("Graphviz draws every node and frame")
  func svg() throws {
    let svg = try Graphviz.svg(of: small.dot())
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    for text in ["w", "exp", "sum", "inner step 1", "24 B", "a graph", "of three"] {
      #expect(svg.contains(">\(text)</text>"))
    }
    #expect(svg.contains("stroke-dasharray"))
    #expect(try Graphviz.svg(of: small.dot()) == svg)
  }

  @Test("without Graphviz the error says what to install and what there is instead")
  func missing() {
    let error = #expect(throws: GraphvizError.self) {
      try Graphviz.svg(of: small.dot(), program: "no-such-program-of-that-name")
    }
    #expect(error?.description.contains("install the package `graphviz`") == true)
    #expect(error?.description.contains(".mmd") == true)
  }

  @Test("what Graphviz refuses is an error with its words")
  func refused() {
    let error = #expect(throws: GraphvizError.self) { try Graphviz.svg(of: "digraph { a -> ") }
    #expect(error?.description.contains("syntax error") == true)
  }

  @Test("a drawing that takes too long, or is interrupted, ends")
  func bounded() throws {
    struct Interrupted: Error {}
    let count = 1500
    let edges = (0..<count).flatMap { a in (1...6).map { "n\(a) -> n\((a * 7 + $0 * 131) % count)" } }
    let slow = "digraph { \(edges.joined(separator: ";")) }"
    let late = #expect(throws: GraphvizError.self) { try Graphviz.svg(of: slow, seconds: 0.05) }
    #expect(late?.description.contains("maxNodes") == true)
    #expect(throws: Interrupted.self) { try Graphviz.svg(of: slow) { throw Interrupted() } }
  }

  @Test("files have their format by the ending")
  func files() throws {
    try withTemporaryFolder { folder in
      for (name, begin) in [("g.svg", "<svg"), ("g.dot", "digraph {"), ("g.mmd", "---\ntitle")] {
        try small.save("\(folder)/\(name)")
        #expect(try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).hasPrefix(begin))
      }
      #expect(throws: SaveError.self) { try small.save("\(folder)/g.png") }
    }
  }

  @Test(
    "sizes in memory",
    arguments: [(0, "0 B"), (640, "640 B"), (1640, "1.64 kB"), (999_999, "1 MB"), (12_345_678, "12.3 MB")])
  func bytes(_ count: Int, _ text: String) { #expect(NumberText.bytes(count) == text) }
}
