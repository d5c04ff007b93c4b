import Diagnostics
import Display
import Interpreter
import Testing

@Suite("The check before a cell runs")
struct StaticCheckTests {
  /// Ids and marked texts of the problems of the last cell, after the others have run.
  func check(_ cells: String...) -> [String] {
    let cells = cells
    let diagnostics = LargeStackThread.run {
      let evaluator = Evaluator(registry: ProgramRunner.registry())
      for cell in cells.dropLast() {
        _ = evaluator.run(SourceText(name: "cell", text: cell), output: MemorySink())
      }
      return evaluator.check(SourceText(name: "last", text: cells.last ?? ""))
    }
    return diagnostics.map { diagnostic in
      let marked = diagnostic.span.flatMap { span in diagnostic.source.map { $0[span] } } ?? ""
      let hint = diagnostic.hints.first.map { " | \($0)" } ?? ""
      return "\(diagnostic.id) `\(marked)`\(hint)"
    }
  }

  @Test("all problems are found at once, in order, and nothing runs")
  func allAtOnce() {
    let found = check("pritn(1)\nlet x = 2\nprint(x, seperator: \"\")\nfunc f() { undefined1 }")
    #expect(found.count == 3)
    #expect(found[0] == "unknown-name `pritn` | did you mean `print`?")
    #expect(found[1].hasPrefix("unknown-label") && found[1].hasSuffix("did you mean `separator:`?"))
    #expect(found[2].hasPrefix("unknown-name `undefined1`"))
    let result = ProgramRunner.run("print(\"ran\")\npritn(1)")
    #expect(result.output == "" && result.ids == ["unknown-name"])
  }

  @Test(
    "labels and number of arguments are checked against builtins, definitions and members",
    arguments: [
      ("sin()", "missing-argument"), ("sin(1, 2)", "too-many-arguments"), ("sin(y: 1)", "unknown-label"),
      ("reduceBoxes(reduction: .men)", "unknown-case"),
      ("reduceBoxes(Box(1), reductoin: .mean)", "unknown-label"),
      ("Reduction(1)", "not-callable"), ("Reduction.men", "unknown-member"),
      ("Int.maximum", "unknown-member"),
      ("func f(_ x: Int, by y: Int = 1) { }\nf(1, 2)", "missing-label"),
      ("func f(_ x: Int) { }\nf()", "missing-argument"),
      ("struct P { var x: Int }\nP()", "missing-argument"),
      ("struct P { var x: Int }\nP(y: 1)", "unknown-label"),
    ])
  func calls(_ source: String, _ id: String) {
    let found = check(source)
    #expect(found.first?.hasPrefix(id) == true, "\(source): \(found)")
  }

  @Test(
    "members of existing variables are known",
    arguments: [
      ("box.hlaf", "unknown-member `hlaf` | did you mean `half`?"),
      ("box.getScaled(times: 3)", "unknown-label"),
      ("box(1, minus: 2)", "unknown-label"), ("p.z", "unknown-member"), ("p.move(1)", "missing-label"),
      ("list.appendd(1)", "unknown-member `appendd` | did you mean `append`?"),
      ("box.backward()", "unknown-member"),
      ("P.nothing", "unknown-member"), ("twiceAs(1)", "missing-label"),
    ])
  func members(_ source: String, _ expected: String) {
    let found = check(
      "let box = Box(2)\nstruct P { var x = 1\n func move(by d: Int) { } }\nlet p = P()\nvar list = [1]\nfunc twiceAs(much x: Int) { }",
      source)
    #expect(found.first?.hasPrefix(expected) == true, "\(source): \(found)")
  }

  @Test(
    "a correct program is never refused",
    arguments: [
      "reduceBoxes(Box(1), [2], reduction: .average)", "outer_loss(2)", "get_outer_loss(2)",
      "let b = Box(1)\nb.anything",
      "func f(_ g: Int) { g(1, 2, x: 3) }", "box = [1]\nbox.append(2)", "var box = \"a\"\nbox.uppercased()",
      "p.x = 3\np.move(by: 1)",
      "let sin = 3\nsin + 1", "func print(_ a: Int, sepp: Int) { }\nprint(1, sepp: 2)",
      "struct Box { var q = 1 }\nBox(q: 2).q",
      "let t = (a: 1, b: 2)\nt.a + t.0", "nothing = Box(1)\nnothing.half", "nothing?.foo",
      "[1, 2].first { $0 > 1 }", "list.last { $0 > 0 }",
      "let add = { a, b in a + b }\nadd(1, 2)\n[(1, 2)].map(add)", "twice { i, j in i + j }",
      "twice(times: 3) { i, j in i }",
      "while false { undefinedAtRunTimeOnly }\nlet undefinedAtRunTimeOnly = 1",
      "box.getScaled(count: 2)\nbox.get_scaled(num_times: 2)",
      "func swap() { list = Box(1) }\nswap()\nlist.half", "Int(\"3\") ?? 0", "String(format: \"%d\", 1)",
      "max(1, 2, 3)",
      "for (i, x) in list.enumerated() { print(i, x) }", "pair.0 + pair.second", "json(list)",
      "for box in [1] { box.foo }",
    ])
  func correct(_ source: String) {
    let found = check(
      "var box = Box(2)\nstruct P { var x = 1\n mutating func move(by d: Int) { x += d } }\nvar p = P()\nvar list = [1]\nvar nothing: Int? = nil\nlet pair = (first: 1, second: 2)",
      source)
    #expect(found == [], "\(source)")
  }

  @Test("Python's words are answered with the line to write")
  func habits() {
    #expect(check("len([1])") == ["unknown-name `len` | write `x.count`"])
    #expect(check("x = None").contains { $0.hasSuffix("write `nil`") })
  }
}
