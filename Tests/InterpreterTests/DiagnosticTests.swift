import Diagnostics
import Testing

/// A cell with the place of its problem between ⟦ and ⟧, and the problem's id.
struct Problem: Sendable, CustomTestStringConvertible {
  let id: String
  let text: String
  /// Words that the message and hints must contain.
  let words: String

  init(_ id: String, _ text: String, _ words: String = "") {
    self.id = id
    self.text = text
    self.words = words
  }

  var testDescription: String { "\(id): \(text)" }
}

@Suite("Problems are told at their place, with what to write")
struct DiagnosticTests {
  static let refusals: [Problem] = [
    Problem("unsupported-syntax", "⟦class⟧ A {}", "use a `struct`"),
    Problem("unsupported-syntax", "⟦enum⟧ A { case b }", "strings"),
    Problem("unsupported-syntax", "⟦protocol⟧ P {}", "`protocol`"),
    Problem("unsupported-syntax", "⟦extension⟧ Int {}", "put the members"),
    Problem("unsupported-syntax", "⟦import⟧ Foundation", "delete the line"),
    Problem("unsupported-syntax", "⟦actor⟧ A {}", "`actor`"),
    Problem("unsupported-syntax", "⟦typealias⟧ A = Int", "`typealias`"),
    Problem("unsupported-syntax", "func f() ⟦async⟧ {}", "`async`"),
    Problem("unsupported-syntax", "let x = ⟦await⟧ 1", "`await`"),
    Problem("unsupported-syntax", "func f⟦<T>⟧(_ x: T) {}", "generics"),
    Problem("unsupported-syntax", "struct S⟦<T>⟧ { var x = 1 }", "generics"),
    Problem("unsupported-syntax", "let f = ⟦\\Int.x⟧", "key path"),
    Problem("unsupported-syntax", "let x = 1 ⟦as⟧ Double", "`as`"),
    Problem("unsupported-syntax", "let x = 1 ⟦is⟧ Int", "`is`"),
    Problem("unsupported-syntax", "func f(_ x: ⟦inout⟧ Int) {}", "return the new value"),
    Problem("unsupported-syntax", "let f = { ⟦[x = 1]⟧ in 1 }", "capture list"),
    Problem("unsupported-syntax", "⟦#warning⟧(\"x\")".replacing("⟧(\"x\")", "(\"x\")⟧"), "macro"),
    Problem("unsupported-syntax", "struct S { ⟦lazy⟧ var x = 1 }", "`lazy`"),
    Problem("unsupported-syntax", "struct S { var x = 1 { ⟦didSet { }⟧ } }", "`didSet`"),
    Problem("unsupported-syntax", "struct S { ⟦subscript⟧(i: Int) -> Int { 1 } }", "`subscript`"),
    Problem("unsupported-syntax", "struct S { var x: Int; init⟦?⟧() { x = 1 } }", "throw"),
    Problem("unsupported-syntax", "⟦@main⟧ struct S { var x = 1 }", "@main"),
    Problem("unsupported-syntax", "let x = ⟦/ab/⟧", "regular expression"),
    Problem("unsupported-syntax", "let x = 1 ⟦&+⟧ 2", "without `&`"),
    Problem("unsupported-syntax", "let x = ⟦.some⟧(1)", "without a type"),
    Problem("unsupported-syntax", "let s = \"⟦\\(1, 2)⟧\"", "more than one value"),
    // Python's ways
    Problem("python-syntax", "⟦def⟧ f(x):", "write `func f"),
    Problem("python-syntax", "let f = ⟦lambda⟧ x: x + 1", "{ x in"),
    Problem("python-syntax", "let a = true\nif a ⟦and⟧ true { }", "&&"),
    Problem("python-syntax", "⟦print⟧ 3", "write `print(3)`"),
    Problem("python-syntax", "⟦for⟧ i in 0..<3:\n  print(i)", "braces"),
    Problem("python-comment", "⟦#⟧ a comment", "//"),
    Problem("unknown-operator", "let x = 2 ⟦**⟧ 3", "pow"),
    Problem("unknown-operator", "let x = 2\nlet y = 3⟦*-⟧x", "add spaces"),
    Problem("unknown-operator", "let x = [1, 2][0⟦..<-⟧1]", "add spaces"),
    Problem("undeclared-variable", "⟦x⟧ = 1", "write `let x = 1`"),
    // checks before running
    Problem("unknown-name", "let count = 1\nprint(⟦cuont⟧)", "did you mean `count`?"),
    Problem("redeclared-name", "let x = 1\nlet ⟦x⟧ = 2", "twice in this cell"),
    Problem("redeclared-name", "func f() { let x = 1; let ⟦x⟧ = 2 }", "twice"),
    Problem("constant-changed", "let x = 1\n⟦x⟧ = 2", "var x"),
    Problem("constant-changed", "let x = 1\n⟦x⟧ += 2", "var x"),
    Problem("constant-changed", "func f(_ x: Int) { ⟦x⟧ = 2 }", "`x`"),
    Problem("not-assignable", "⟦1⟧ = 2", "cannot be assigned"),
    Problem("missing-value", "let ⟦x⟧", "needs a value"),
    Problem("misplaced-jump", "⟦break⟧", "outside a loop"),
    Problem("misplaced-return", "⟦return 1⟧", "outside a function"),
    Problem("misplaced-parameter", "let x = ⟦$0⟧", "outside a closure"),
    Problem("unknown-label", "a: for i in 0..<2 { break ⟦b⟧ }", "labelled"),
    Problem(
      "operators-need-parentheses", "let x = ⟦1 < 2 <⟧ 3".replacing("⟦1 < 2 <⟧ 3", "1 ⟦< 2 <⟧ 3"),
      "parentheses"),
    Problem("integer-overflow", "let x = ⟦99999999999999999999⟧", "does not fit"),
    Problem("invalid-struct", "struct ⟦Net⟧: Model { var x = 1 }", "`forward`"),
    Problem("unknown-name", "struct Net: ⟦Modle⟧ { var x = 1 }", "did you mean `Model`?"),
    Problem("syntax-error", "let x = (1, 2", ")"),
  ]

  static let failures: [Problem] = [
    Problem("integer-overflow", "let x = ⟦9223372036854775807 + 1⟧", "does not fit"),
    Problem("integer-overflow", "var x = 9223372036854775807\n⟦x *= 2⟧", "does not fit"),
    Problem("division-by-zero", "let z = 0\nlet x = ⟦1 / z⟧", "zero"),
    Problem("division-by-zero", "let z = 0\nlet x = ⟦1 % z⟧", "zero"),
    Problem("index-out-of-range", "let a = [1, 2]\nprint(⟦a[2]⟧)", "last of 2 elements is 1"),
    Problem("index-out-of-range", "let a = [1, 2]\nprint(⟦a[-1]⟧)", ".last"),
    Problem("index-out-of-range", "var a = [1, 2]\n⟦a[5]⟧ = 1", "out of range"),
    Problem("index-out-of-range", "let a = [1, 2]\nprint(⟦a[1..<9]⟧)", "0..<2"),
    Problem("unexpected-nil", "let d = [\"a\": 1]\nprint(⟦d[\"b\"]!⟧)", "if let"),
    Problem("unexpected-nil", "let d: Int? = nil\nprint(d.⟦count⟧)", "?.count"),
    Problem("type-mismatch", "let x = ⟦\"a\" + 1⟧", "\\(value)"),
    Problem("type-mismatch", "if ⟦1⟧ { }", "!= 0"),
    Problem("type-mismatch", "let x: Int = ⟦2.5⟧", "Int(2.5)"),
    Problem("type-mismatch", "func f(_ x: Int) {}\nf(⟦\"a\"⟧)", "`x`"),
    Problem("not-callable", "let x = 1\n⟦x(2)⟧", "cannot be called"),
    Problem("not-a-sequence", "for x in ⟦3⟧ { }", "0..<3"),
    Problem("unknown-member", "let b = Box(1)\nprint(b.⟦hafl⟧)", "did you mean `half`?"),
    Problem("unknown-member", "let b = Box(1)\nb.⟦backward⟧()", "gradient(of: loss"),
    Problem("unknown-label", "func f(_ a: Int, by b: Int) {}\nf(1, bye: ⟦2⟧)", "did you mean `by:`?"),
    Problem("missing-label", "func f(_ a: Int, by b: Int) {}\nf(1, ⟦2⟧)", "write `by: 2`"),
    Problem("missing-argument", "func f(_ a: Int, by b: Int) {}\n⟦f(1)⟧", "`by:`"),
    Problem("too-many-arguments", "func f(_ a: Int) {}\nf(1, ⟦2⟧)", "at most 1"),
    Problem("unknown-label", "reduceBoxes(Box(1), reducton: ⟦.sum⟧)", "did you mean `reduction:`?"),
    Problem("unknown-case", "reduceBoxes(Box(1), reduction: ⟦.summ⟧)", "did you mean `.sum`?"),
    Problem("type-mismatch", "reduceBoxes(⟦\"a\"⟧)", "a Box"),
    Problem("constant-changed", "let a = [1]\n⟦a⟧[0] = 2", "var a"),
    Problem("constant-changed", "let a = [1]\n⟦a⟧.append(2)", "var a"),
    Problem("constant-changed", "struct S { let x = 1 }\nvar s = S()\ns.⟦x⟧ = 2", "`let` property"),
    Problem("no-case-matches", "switch ⟦3⟧ { case 1: print(1) }", "default"),
    Problem("duplicate-key", "let k = \"a\"\nlet d = [\"a\": 1, ⟦k⟧: 2]", "two entries"),
    Problem("invalid-range", "let n = 0\nfor i in ⟦1..<n⟧ { }", "stride"),
    Problem("uncaught-error", "⟦throw \"bad\"⟧", "bad"),
    Problem("used-before-declaration", "print(⟦x⟧)\nlet x = 1", "before"),
    Problem("shape-mismatch", "⟦failInHost()⟧", "do not match"),
    Problem(
      "overlapping-access", "struct S { var n = 0; mutating func go() { n += s.n } }\nvar s = S()\ns.go()",
      "being changed"),
    Problem("recursion-too-deep", "func f(_ n: Int) -> Int { ⟦f(n + 1)⟧ + 1 }\nf(0)", "2000"),
  ]

  @Test("is refused before anything runs", arguments: refusals)
  func refusal(_ problem: Problem) { check(problem) }

  @Test("ends the cell", arguments: failures)
  func failure(_ problem: Problem) { check(problem) }

  private func check(_ problem: Problem) {
    let (source, span) = ProgramRunner.marked(problem.text)
    let result = ProgramRunner.run(source)
    #expect(result.ids.contains(problem.id), "\(result.diagnostics)")
    guard let found = result.diagnostics.first(where: { $0.id == problem.id }) else { return }
    if let span { #expect(found.span == span, "\(found)") }
    let words = ([found.message] + found.hints).joined(separator: " ")
    #expect(words.contains(problem.words), "\(words)")
  }

  @Test("all problems of a cell come at once and nothing runs")
  func allAtOnce() {
    let result = ProgramRunner.run("print(1)\nlet a = b\nclass C {}\nlet d = e")
    #expect(result.output == "")
    #expect(result.ids == ["unknown-name", "unsupported-syntax", "unknown-name"])
  }

  @Test("an error tells the calls it came through, innermost first")
  func callStack() {
    let result = ProgramRunner.run(
      "func inner(_ a: [Int]) -> Int { a[9] }\nfunc outer() -> Int { inner([1]) }\nouter()")
    #expect(result.diagnostics.first?.callStack.map(\.function) == ["inner", "outer"])
    #expect(result.diagnostics.first?.position?.line == 1)
  }

  @Test("integer division says once that it truncates")
  func truncationNote() {
    let results = ProgramRunner.run(["let a = 7 / 2\nlet b = 9 / 2", "let c = 5 / 2"])
    #expect(results[0].notes.map(\.id) == ["integer-division"])
    #expect(results[1].notes.isEmpty)
  }
}

extension String {
  fileprivate func replacing(_ old: String, _ new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return self[..<range.lowerBound] + new + self[range.upperBound...]
  }
}
