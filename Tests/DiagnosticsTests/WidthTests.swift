import Diagnostics
import Testing

@Suite("Diagnostics in a narrow terminal")
struct WidthTests {
  private let source = SourceText(name: "a.loop", text: "let number = first + second + third")
  private var diagnostic: Diagnostic {
    Diagnostic(
      id: "undefined", message: "`third` is not defined anywhere in this cell",
      span: Span(start: 30, end: 35), source: source, hints: ["define it before this line, or take it away"])
  }

  @Test("messages and hints are broken between words, and the marked part of the line is shown")
  func narrow() {
    var renderer = DiagnosticRenderer(colour: false)
    renderer.width = 34
    let lines = renderer.render(diagnostic).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 34 }, "\(lines)")
    #expect(lines.prefix(2) == ["a.loop:1:31: error: `third` is not", "    defined anywhere in this cell"])
    #expect(lines.contains { $0.contains("third") && $0.contains("|") })
    #expect(lines.last?.hasPrefix("    ") == true)
  }

  @Test("without a width every message is one line")
  func unlimited() {
    let text = DiagnosticRenderer(colour: false).render(diagnostic)
    #expect(text.split(separator: "\n").count == 4)
  }
}
