import REPL
import Testing

@Suite("Completion on Tab")
struct CompletionStepTests {
  private func step(_ text: String, cursor: Int? = nil, start: Int, _ matches: [String])
    -> CompletionStep
  {
    CompletionStep(
      CompletionList(matches: matches, start: start), text: text, cursor: cursor ?? text.utf8.count)
  }

  @Test("a single match replaces what was typed")
  func single() {
    #expect(step("x = MetaL", start: 4, ["MetaLinear"]) == .replace(count: 5, with: "MetaLinear"))
    #expect(step("f(", start: 2, ["stepSize:"]) == .replace(count: 0, with: "stepSize:"))
    #expect(step("outer_l", start: 0, ["outerLoss"]) == .replace(count: 7, with: "outerLoss"))
    #expect(step("損", start: 0, ["損失"]) == .replace(count: 1, with: "損失"))
    #expect(step("pi", start: 0, ["pi"]) == .nothing)
    #expect(step("pi", start: 0, ["pi", "pi"]) == .nothing)
  }

  @Test("several matches complete their common beginning, then show themselves")
  func several() {
    let names = ["MetaLinear", "MetaLayerNorm"]
    #expect(step("Me", start: 0, names) == .replace(count: 2, with: "MetaL"))
    #expect(step("MetaL", start: 0, names) == .list(names))
    #expect(step("x.", start: 2, ["sum", "mean"]) == .list(["sum", "mean"]))
    #expect(step("é", start: 0, ["éa", "éb"]) == .list(["éa", "éb"]))
  }

  @Test("no match, and places outside the text, do nothing harmful")
  func none() {
    #expect(step("zzz", start: 0, []) == .nothing)
    #expect(step("ab", cursor: 99, start: 50, ["abc"]) == .replace(count: 0, with: "abc"))
    #expect(step("ab", cursor: -1, start: -1, ["abc"]) == .replace(count: 0, with: "abc"))
  }

  @Test("only what stands before the cursor is replaced")
  func middle() {
    #expect(
      step("Meta + 1", cursor: 2, start: 0, ["MetaLinear"])
        == .replace(count: 2, with: "MetaLinear"))
  }

  @Test("lists are set in columns, down and then across")
  func columns() {
    #expect(ColumnLayout.lines(["a", "b", "c", "d", "e"], width: 9) == ["a  c  e", "b  d"])
    #expect(ColumnLayout.lines(["a", "b", "c"], width: 80) == ["a  b  c"])
    #expect(ColumnLayout.lines(["損失", "ab", "c"], width: 10) == ["損失  c", "ab"])
    #expect(ColumnLayout.lines([], width: 80) == [])
    #expect(ColumnLayout.lines(["a\u{1B}[2J"], width: 80) == ["a\\u{1b}[2J"])
    #expect(ColumnLayout.lines(["abcdefghijklmnop"], width: 12) == ["abcdefgh..."])
    #expect(
      ColumnLayout.lines((0..<9).map(String.init), width: 3, limit: 2) == [
        "0", "1", "... and 7 more",
      ])
  }
}
