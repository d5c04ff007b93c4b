import Diagnostics
import Testing

@Suite("Places in source text")
struct SourceTextTests {
  @Test("every offset maps to the line and column a person would count", arguments: ["\n", "\r\n", "\r"])
  func positions(lineEnding: String) {
    let source = SourceText(name: "f", text: ["ab", "", "é日👍x"].joined(separator: lineEnding))
    #expect(source.lineCount == 3)
    #expect(source.position(at: 0) == SourcePosition(line: 1, column: 1))
    let third = source.utf8Count - "é日👍x".utf8.count
    #expect(source.position(at: third) == SourcePosition(line: 3, column: 1))
    #expect(source.position(at: third + 2 + 3) == SourcePosition(line: 3, column: 3))
    #expect(source.position(at: 1_000) == SourcePosition(line: 3, column: 5))
    #expect(source.span(ofLine: 1) == Span(start: 0, end: 2))
    #expect(source.span(ofLine: 4) == nil)
  }

  @Test("positions and offsets are inverse on every code point")
  func inverse() {
    let source = SourceText(name: "f", text: "let ü = \"日本👩‍👧\"\n\tx\r\ny")
    var codePoint = 0
    var offset = 0
    for scalar in source.text.unicodeScalars {
      #expect(source.codePointOffset(ofUTF8: offset) == codePoint)
      #expect(source.utf8Offset(ofCodePoint: codePoint) == offset)
      if scalar != "\n", scalar != "\r" {
        #expect(source.offset(of: source.position(at: offset)) == offset)
      }
      codePoint += 1
      offset += String(scalar).utf8.count
    }
    #expect(source.codePointCount == codePoint)
    #expect(source.utf8Offset(ofCodePoint: 10_000) == offset)
    #expect(source.utf8Offset(ofCodePoint: -3) == 0)
  }

  @Test("a span outside the text, or through a character, is no trap")
  func clamping() {
    let source = SourceText(name: "f", text: "é")
    #expect(source[Span(start: -5, end: 99)] == "é")
    #expect(source[Span(start: 1, end: 2)] == "\u{FFFD}")
    #expect(Span(start: 5, end: 2).isEmpty)
    #expect(source.offset(of: SourcePosition(line: 7, column: 1)) == 2)
    #expect(source.offset(of: SourcePosition(line: -7, column: -1)) == 0)
    #expect(SourceText(name: "f", text: "").position(at: 0) == SourcePosition(line: 1, column: 1))
  }
}

@Suite("Did you mean")
struct SuggestionTests {
  let names = ["print", "prefix", "outerLoss", "numAdaptationSteps", "sin", "x"]

  @Test(
    "slips of a letter, swaps, case and underscores are seen through",
    arguments: [
      ("pritn", "print"), ("prnt", "print"), ("Print", "print"), ("outer_loss", "outerLoss"),
      ("numAdaptationStep", "numAdaptationSteps"), ("son", "sin"),
    ])
  func near(_ name: String, _ meant: String) { #expect(suggestion(for: name, among: names) == meant) }

  @Test("what is far, empty or a single letter has no suggestion", arguments: ["", "y", "lambda", "xyzzy"])
  func far(_ name: String) { #expect(suggestion(for: name, among: names) == nil) }

  @Test("the answer does not depend on the order of the candidates")
  func order() {
    #expect(suggestion(for: "bat", among: ["cat", "hat", "rat"]) == "cat")
    #expect(suggestion(for: "bat", among: ["rat", "hat", "cat"]) == "cat")
  }
}
