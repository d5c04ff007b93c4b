import Diagnostics
import TestSupport
import Testing

@Suite("Diagnostics are shown with place, line and mark")
struct RendererTests {
  let plain = DiagnosticRenderer(colour: false)

  /// A problem at the first occurrence of `marked`.
  func problem(_ text: String, marking marked: String, hints: [String] = []) -> Diagnostic {
    let source = SourceText(name: "cell 1", text: text)
    let start =
      text.range(of: marked).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
    let span = Span(start: start, end: start + marked.utf8.count)
    return Diagnostic(id: "sample", message: "something is wrong", span: span, source: source, hints: hints)
  }

  @Test("a name is underlined and hinted at")
  func underline() throws {
    let shown = plain.render(
      problem("let a = 1\nlet n = lenght(a)\n", marking: "lenght", hints: ["did you mean `length`?"]))
    try expectSnapshot(shown, "Diagnostics/underline.txt")
  }

  @Test("tabs, wide characters and emoji keep the mark in place")
  func widths() throws {
    let samples = [
      problem("\tif x {\tfoo }", marking: "foo"), problem("let 日本 = föö", marking: "föö"),
      problem("f(\"👩‍👩‍👧\", bad)", marking: "bad"), problem("f(\"e\u{301}\u{301}\", 👍🏽)", marking: "👍🏽"),
    ]
    try expectSnapshot(plain.render(samples), "Diagnostics/widths.txt")
  }

  @Test("an empty span has one caret, at the end of the line too")
  func emptySpans() throws {
    let source = SourceText(name: "f", text: "ab\ncd")
    let shown = [0, 2, 4, 5, 99].map {
      plain.render(Diagnostic(id: "x", message: "at \($0)", span: Span(at: $0), source: source))
    }
    try expectSnapshot(shown.joined(separator: "\n"), "Diagnostics/empty-spans.txt")
  }

  @Test("a span over many lines shows its head and its last line")
  func manyLines() throws {
    let text = (1...9).map { "  call(\($0))" }.joined(separator: "\n")
    let source = SourceText(name: "f", text: text)
    let whole = Diagnostic(
      id: "x", message: "long", span: Span(start: 2, end: text.utf8.count), source: source)
    let two = Diagnostic(id: "x", message: "short", span: Span(start: 7, end: 16), source: source)
    try expectSnapshot(plain.render([whole, two]), "Diagnostics/many-lines.txt")
  }

  @Test("a line of a million characters is cut around the mark")
  func longLine() throws {
    let text = String(repeating: "x + ", count: 250_000) + "oops" + String(repeating: " + é", count: 100_000)
    let shown = plain.render(problem(text, marking: "oops"))
    #expect(shown.utf8.count < 800)
    try expectSnapshot(shown, "Diagnostics/long-line.txt")
  }

  @Test("notes carry their own place, and calls are listed innermost first")
  func notesAndCalls() throws {
    var sample = problem("func f(_ x) { g(x) }\nf(1)", marking: "g(x)")
    let source = sample.source
    sample.notes = [.init("`f` is defined here", at: Span(start: 5, end: 6), in: source), .init("no place")]
    sample.callStack = (0..<20).map {
      .init(function: "f\($0)(_:)", at: Span(start: 21, end: 25), in: source)
    }
    try expectSnapshot(plain.render(sample), "Diagnostics/notes-and-calls.txt")
  }

  @Test("colour wraps words and changes no text")
  func colour() throws {
    let sample = problem("let a = b", marking: "b", hints: ["write c"])
    let coloured = DiagnosticRenderer(colour: true).render(sample)
    #expect(coloured.contains("\u{1B}[1;31merror:\u{1B}[0m"))
    #expect(coloured.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == plain.render(sample))
  }

  @Test("control characters cannot steer the terminal")
  func control() throws {
    var sample = problem("let a = \"\u{1B}[31m\u{202E}\"", marking: "a")
    sample.message = "bad \u{1B}]0;title\u{07}"
    let shown = plain.render(sample)
    #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(!shown.unicodeScalars.contains("\u{202E}"))
  }

  @Test("a diagnostic without place or source is one line")
  func noPlace() throws {
    #expect(plain.render(Diagnostic(id: "x", message: "no such file")) == "error: no such file")
    let empty = SourceText(name: "f", text: "")
    #expect(
      plain.render(Diagnostic(id: "x", message: "m", span: Span(at: 0), source: empty)) == "f:1:1: error: m")
  }
}
