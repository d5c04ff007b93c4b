import Diagnostics
import Display
import Interpreter
import Synchronization
import Testing

@Suite("A session of cells")
struct CellTests {
  @Test("variables stay, and a later cell may declare a name anew")
  func redeclaring() {
    let results = ProgramRunner.run([
      "let x = 1\nfunc f() -> Int { x * 10 }", "let x = x + 1\nf()", "var x = \"s\"\nx += \"t\"\nx",
    ])
    #expect(results.map(\.value) == [nil, "20", "\"st\""])
    #expect(results.flatMap(\.ids) == [])
  }

  @Test("the last value is the result unless a semicolon hides it")
  func results() {
    let results = ProgramRunner.run(["1 + 1", "1 + 1;", "let x = 3", "print(1)", "[1, 2]", "\"a\"", "nil"])
    #expect(results.map(\.value) == ["2", nil, nil, nil, "[1, 2]", "\"a\"", "nil"])
  }

  @Test("a cell that fails keeps what it did before, and what was there")
  func failureKeepsVariables() {
    let results = ProgramRunner.run(["var x = 1", "x = 2\nlet z = 0\nlet y = 1 / z\nx = 3", "x", "z"])
    #expect(results[1].ids == ["division-by-zero"])
    #expect(results[2].value == "2")
    #expect(results[3].value == "0")
  }

  @Test("an error in a case of a switch is where it is, with and without fallthrough")
  func placesInCases() {
    for end in ["", "\n  fallthrough"] {
      let text = "let v = 1\nswitch v {\ncase 1:\n  v + 1\n  [v][9]\(end)\ndefault: v\n}"
      let diagnostic = ProgramRunner.run([text])[0].diagnostics.first
      #expect(diagnostic?.span.map { text.dropFirst($0.start).prefix($0.end - $0.start) } == "[v][9]")
    }
  }

  @Test("a cell that is refused changes nothing")
  func refusalChangesNothing() {
    let results = ProgramRunner.run(["let x = 1", "let x = 2\nclass A {}", "x"])
    #expect(results[2].value == "1")
  }

  @Test("structs and functions of earlier cells are used later, mutating methods too")
  func definitionsStay() {
    let results = ProgramRunner.run([
      "struct C { var n = 0; mutating func inc() { n += 1 } }", "var c = C()\nc.inc()\nc.inc()\nc.n",
    ])
    #expect(results[1].value == "2")
  }

  @Test(
    "an interrupt ends an endless loop, and catch does not see it",
    arguments: [
      "while true { }", "do { while true { } } catch { print(\"no\") }",
      "func f() { f2() }\nfunc f2() { while true { let x = 1 } }\nf()",
      "do { cancelInHost() } catch { print(\"no\") }", "try? cancelInHost()",
    ])
  func interrupt(_ source: String) {
    let countdown = Countdown(1_000)
    let results = ProgramRunner.run(
      ["var kept = 5", source + "", "kept"], isInterrupted: { countdown.isOver(in: source) })
    #expect(results[1].ids == ["interrupted"])
    #expect(results[1].output == "")
  }

  @Test("deep recursion ends with a diagnostic and the session lives on")
  func deepRecursion() {
    let results = ProgramRunner.run([
      "func f(_ n: Int) -> Int { n == 0 ? 0 : 1 + f(n - 1) }", "f(1_900)", "f(1_000_000)", "f(3)",
    ])
    #expect(results[1].value == "1900")
    #expect(results[2].ids == ["recursion-too-deep"])
    #expect((results[2].diagnostics.first?.callStack.count ?? 0) >= 2_000)
    #expect(results[3].value == "3")
  }

  @Test("another thread reads names, types and members from the snapshot")
  func snapshot() {
    let snapshot = LargeStackThread.run {
      let evaluator = Evaluator(registry: ProgramRunner.registry())
      _ = evaluator.run(
        SourceText(
          name: "c",
          text:
            "var n = 3\nlet d = [\"w\": 1.5]\n/// Adds.\nfunc f(_ x: Int, by: Int = 2) {}\nstruct S { var a = 1; func g() {} }\nlet s = S()\nlet b = Box(2)"
        ),
        output: MemorySink())
      return evaluator.snapshots.current
    }
    #expect(snapshot.names == ["n", "d", "f", "S", "s", "b"])
    #expect(snapshot.variables["n"]?.typeName == "Int")
    #expect(snapshot.variables["n"]?.summary == "3")
    #expect(snapshot.variables["d"]?.keys == ["w"])
    #expect(snapshot.variables["f"]?.signature == "f(_ x: Int, by: Int = 2)")
    #expect(snapshot.variables["f"]?.documentation == "Adds.")
    #expect(snapshot.variables["s"]?.members == ["a", "g"])
    #expect(snapshot.variables["b"]?.registryType == "Box")
  }
}

/// Becomes true after a number of questions.
final class Countdown: Sendable {
  private let left: Mutex<Int>
  init(_ count: Int) { left = Mutex(count) }

  func isOver(in source: String) -> Bool {
    left.withLock {
      $0 -= 1
      // The cell after the interrupted one runs.
      return $0 < 0 && $0 > -2
    }
  }
}

@Suite("What could exhaust the stack or memory is refused")
struct LimitTests {
  @Test("source over 2 MB")
  func size() {
    let result = ProgramRunner.run(String(repeating: " ", count: Evaluator.sizeLimit) + "1")
    #expect(result.ids == ["source-too-large"])
  }

  @Test(
    "nested code",
    arguments: [
      String(repeating: "(", count: 5_000) + "1" + String(repeating: ")", count: 5_000),
      String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000),
      String(repeating: "{", count: 5_000) + String(repeating: "}", count: 5_000),
      "let a = [1]\na" + String(repeating: "[0]", count: 50_000),
      "let a = 1\na" + String(repeating: ".b", count: 100_000),
      "let a = 1\na" + String(repeating: "()", count: 100_000),
      "let a = 1\na" + String(repeating: "!", count: 100_000),
      "let a = 1\na" + String(repeating: "?", count: 100_000),
      String(repeating: "if true {} else ", count: 5_000) + "{}",
      String(repeating: "if true {", count: 5_000) + String(repeating: "}", count: 5_000),
      String(repeating: "-(", count: 3_000) + "1" + String(repeating: ")", count: 3_000),
      String(repeating: "try ", count: 20_000) + "1",
      "let a = " + String(repeating: "true ? 1 : ", count: 5_000) + "2",
      "let a: " + String(repeating: "[", count: 5_000) + "Int" + String(repeating: "]", count: 5_000)
        + " = []",
      String(repeating: "f { ", count: 5_000) + String(repeating: "}", count: 5_000),
      String(repeating: "\"\\(", count: 2_000) + "1" + String(repeating: ")\"", count: 2_000),
      String(repeating: "a: ", count: 20_000) + "while true {}",
    ])
  func nesting(_ source: String) {
    let result = ProgramRunner.run(source)
    #expect(!result.diagnostics.isEmpty)
  }

  @Test("an expression of very many terms")
  func longExpression() {
    let source = "let x = 1" + String(repeating: "+1", count: 900_000)
    #expect(ProgramRunner.run(source).ids == ["nested-too-deep"])
    let fine = "1" + String(repeating: "+1", count: 999)
    #expect(ProgramRunner.run(fine).value == "1000")
  }

  @Test(
    "values nested by a loop",
    arguments: [
      "var a: [Any] = [1]\nfor _ in 0..<100_000 { a = [a] }",
      "var a = [\"k\": 1]\nfor _ in 0..<100_000 { a = [\"k\": a] }",
      "struct L { var next: Any }\nvar l = L(next: 1)\nfor _ in 0..<100_000 { l = L(next: l) }",
      "var t = (1, 2)\nfor _ in 0..<100_000 { t = (t, 1) }",
      "var f = { 1 }\nfunc wrap(_ g: () -> Int) -> () -> Int { { g() + 1 } }\nfor _ in 0..<100_000 { f = wrap(f) }",
      "var a = [[1]]\nfor _ in 0..<100_000 { var b = [[1]]\nb.append(a)\na = b }",
      "var a = [[1]]\nfor _ in 0..<100_000 { var b = [[1]]\nb[0] = a\na = b }",
    ])
  func nestedValues(_ source: String) {
    #expect(ProgramRunner.run(source).ids == ["nested-too-deep"])
  }
}
