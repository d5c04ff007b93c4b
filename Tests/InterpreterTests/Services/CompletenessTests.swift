import Interpreter
import Testing

@Suite("Whether input is complete")
struct CompletenessTests {
  @Test(
    "complete input runs on Return",
    arguments: [
      "", "1 + 1", "let x = [1, 2]", "x?", "x;", "help(x)", "f(x)\n", "// note", "/* note */", "func f() { }",
      "if x { }",
      "if x {\n} else {\n}", "\"\"\"\ntext\n\"\"\"", "xs.map { $0 }", "return",
    ])
  func complete(_ text: String) { #expect(Completeness(of: text) == .complete) }

  @Test(
    "open ends ask for more, at the right depth",
    arguments: [
      ("x +", "    "), ("f(1,", "    "), ("let x = [1,\n  2", "    "), ("let x =", "    "), ("x.", "    "),
      ("if x {", "    "),
      ("if x", "    "), ("if x {\n} else {", "    "), ("guard let x = y", "    "), ("func f()", "    "),
      ("struct A {\n  func g() {\n", "      "), ("while true {\n    if y {\n        z()", "        "),
      ("switch x {", ""), ("switch x {\ncase 1:", "    "), ("let s = \"\"\"\n  abc", "  "), ("/* note", ""),
      ("repeat {\n}", "    "), ("xs.map { x in", "    "), ("  if x {", "      "), ("\tf(", "\t    "),
      ("a ? b :", "    "),
    ])
  func incomplete(_ text: String, _ indent: String) {
    #expect(Completeness(of: text) == .incomplete(indent: indent))
  }

  @Test(
    "what no further line can mend is invalid",
    arguments: [
      ")", "f(x))", "let a = 1 let b = 2", "print 1", "def f(x):", "lambda x: x", "\"abc", "print(\"abc",
      "else {", "x in",
    ])
  func invalid(_ text: String) { #expect(Completeness(of: text) == .invalid) }

  @Test("a hundred thousand brackets are answered at once, and refused when they run")
  func deep() {
    #expect(Completeness(of: String(repeating: "(", count: 100_000)) == .invalid)
    #expect(Completeness(of: "a" + String(repeating: ".b", count: 20_000)) == .invalid)
    #expect(Completeness(of: "1" + String(repeating: " + 1", count: 20_000)) == .complete)
  }
}
