import ArrayCore
import Testing

/// Programs that ask for what cannot be: each ends with a message, and the session lives on.
@Suite("hostile programs", .serialized)
struct HostileProgramTests {
  let run = LanguageRunner()

  /// The session still computes with what it had.
  private func livesOn(after program: String) -> [String] {
    run("let before = 41")
    let errors = run(program).errors
    #expect(run("before + 1").value == "42")
    return errors
  }

  @Test("a model that contains itself is shown, listed and called, and refuses to be copied")
  func cyclicModel() {
    let errors = livesOn(
      after: """
        struct Net: MetaModule {
            var inside = []
            let head = MetaLinear(1, 1)
            func forward(_ x: Tensor) -> Tensor { head(x) }
        }
        var net = Net()
        net.inside = [net]
        print(net, net.parameters.count, net.summary, net(zeros(1, 1)))
        net.copy()
        """)
    #expect(errors == ["Net: it contains itself and cannot be copied"])
  }

  @Test("containers nested without end are refused")
  func nestedContainers() {
    let errors = livesOn(
      after: "var m = MetaSequential(ReLU())\nfor _ in 0..<100000 { m = MetaSequential(m) }")
    #expect(errors == ["Sequential: modules are nested more than 200 deep"])
  }

  @Test(
    "numbers at the ends of Int are refused in words",
    arguments: [
      "oneHot(Tensor([0]), Int.min)", "(Int.min..<Int.max).reversed()", "(Int.min...Int.max).count",
      "for i in Int.min..<Int.max { break }", "oneHot(Tensor([0]), -1)",
    ])
  func extremes(program: String) {
    #expect(livesOn(after: program).count == 1)
  }

  @Test("a name with a zero byte is no file")
  func zeroByte() {
    #expect(
      livesOn(after: #"saveTensors(["x": zeros(1)], "/tmp/a\0b")"#).first?.hasSuffix(
        "the name has a zero byte in it") == true)
  }

  @Test(
    "source that would keep the parser busy or exhaust its stack is refused",
    arguments: [
      String(repeating: "if ", count: 600_000), String(repeating: "a<", count: 600_000),
      "let a = 1\nprint([" + String(repeating: "a < 1, ", count: 5_000) + "a < 1].count)",
    ])
  func parserTraps(program: String) {
    #expect(run(program).identifiers == ["nested-too-deep"])
  }

  @Test("many problems on one line are one problem")
  func manyProblems() {
    #expect(run(String(repeating: "$0 ", count: 2_000)).errors == ["two statements on one line"])
  }

  @Test("comparisons on many lines are no list")
  func manyComparisons() {
    let lines = String(repeating: "n += a < 1 ? 1 : 0\n", count: 1_000)
    #expect(run("let a = 0\nvar n = 0\n" + lines + "n").value == "1000")
  }
}
