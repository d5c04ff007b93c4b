import Display
import Foundation
import Interpreter
import Prelude
import Session
import TestSupport
import Testing

@Suite("compare, branch and sweep in the language")
struct ComparisonLanguageTests {
  private static let preamble = """
    let tasks = Sinusoid(shots: 5)
    let model = ModelMLPSinusoid(hiddenSizes: [8], seed: 1)
    let maml = MAML(model, optimizer: Adam(lr: 0.01), stepSize: 0.05)
    let short = { learners in compare(learners, on: tasks, seeds: 3, maxBatches: 5, batchSize: 2, testTasks: 4) }
    """

  @Test(
    "what they give",
    arguments: [
      Example(
        "let c = short([\"a\": maml, \"b\": maml.branch(firstOrder: true)])\nprint(c.seeds, c.isComplete, c.table.count, c.differences.count, c.runs.count, c.histories[\"b\"]![2].count)",
        prints: "[0, 1, 2] true 2 1 6 5"),
      Example(
        "print(short([\"a\": maml]).table.columns)", prints: "[\"learner\", \"test (query) loss\", \"± 95%\"]"
      ),
      Example(
        "print(short([\"a\": maml, \"b\": maml]).differences)",
        prints: """
          difference  test (query) loss  ± 95%  excludes 0
          a − b                       0      0       false
          (paired over 3 seeds)
          """),
      Example(
        "print(compare([\"a\": maml], on: tasks, seeds: [4, 7], maxBatches: 2, batchSize: 2, testTasks: 2).seeds)",
        prints: "[4, 7]"),
      Example(
        """
        struct Net: MetaModule {
          let layer = MetaLinear(1, 1, seed: 3)
          let scale = Parameter(Tensor([2.0]))
          func forward(_ x: Tensor) -> Tensor { layer(x) * scale }
        }
        let net = Net()
        let before = net.layer.weight.item()
        let c = short(["net": MAML(net, optimizer: SGD(lr: 0.01)), "mlp": maml])
        print(c.table.count, net.layer.weight.item() == before, net.scale.item())
        """, prints: "2 true 2.0"),
      Example(
        "let c = short([\"a\": maml]); print(type(of: c.plot()), type(of: c.plot(band: .confidence, smooth: 0.9)))",
        prints: "Plot Plot"),
      Example(
        """
        let h = maml.train(tasks.batches(of: 2), maxBatches: 40)
        let b = maml.branch(at: 33)
        let h2 = b.train(tasks.batches(of: 2), maxBatches: 7)
        print(b.iteration, type(of: b), b.history.losses == h.losses, maml.branch(at: 10, lr: 0.5).iteration)
        """, prints: "40 MAML true 10"),
      Example(
        "print(Reptile(model, optimizer: SGD(lr: 0.1)).branch(stepSize: 0.5).stepSize, maml.branch(stepSize: 0.5).stepSize, maml.stepSize)",
        prints: "0.5 0.5 0.05"),
      Example(
        "print(sweep(stepSize: [0.01, 0.1], steps: 1...2) { p in p.stepSize * p.steps })",
        prints: """
          stepSize  steps  result
              0.01      1    0.01
              0.01      2    0.02
              0.10      1    0.10
              0.10      2    0.20
          """),
      Example(
        "print(sweep(name: [\"a\", \"b\"], flag: [true]) { name, flag in [\"n\": name + \"!\", \"f\": flag ? 1 : 0] })",
        prints: """
          name  flag  n   f
          a     true  a!  1
          b     true  b!  1
          """),
      Example(
        "print(sweep(steps: [0, 1]) { p in maml.evaluate(tasks.batches(of: 2), maxBatches: 1, numAdaptationSteps: p.steps) }.columns)",
        prints: "[\"steps\", \"loss\"]"),
      Example(
        "seed(3)\nlet first = randn(1).item()\nseed(3)\nlet t = sweep(k: [1, 2]) { p in randn(1) }\nlet after = randn(1).item()\nprint(t[\"result\"] == [first, first], after == first)",
        prints: "true true"),
    ])
  func results(_ example: Example) { example.check(after: Self.preamble) }

  @Test(
    "what they refuse",
    arguments: [
      Refusal("compare([\"a\": 3], on: tasks)", says: "takes learners by name"),
      Refusal("compare([\"a\": MAML(model)], on: tasks)", says: "has no optimizer"),
      Refusal("compare([\"a\": maml], on: tasks.batches(of: 5))", says: "batchSize:"),
      Refusal("compare([\"a\": maml], on: tasks, seeds: 0)", says: "how many"),
      Refusal("compare([\"a\": maml], on: tasks, seeds: [1, 1])", says: "different numbers"),
      Refusal("compare([\"a\": maml], on: tasks, maxBatches: 0)", says: "maxBatches"),
      Refusal(
        "let d = Domains([\"a\": (randn(4, 1), randn(4, 1)), \"b\": (randn(4, 1), randn(4, 1))])\ncompare([\"e\": ERM(model, optimizer: Adam())], on: d)",
        says: "leavingOut"),
      Refusal("maml.branch(at: 5)", says: "0 are done"),
      Refusal("maml.branch(beta: 2)", says: "no argument `beta:`"),
      Refusal("FOMAML(model, optimizer: Adam()).branch(firstOrder: false)", says: "no firstOrder"),
      Refusal("sweep { p in 1 }", says: "nothing to vary"),
      Refusal("sweep(a: []) { p in 1 }", says: "no values"),
      Refusal("sweep(a: [model]) { p in 1 }", says: "takes numbers, strings or truth values"),
      Refusal("sweep(a: 3) { p in 1 }", says: "must be [Any]"),
      Refusal("sweep(a: [1], a: [2]) { p in 1 }", says: "`a` is given twice"),
      Refusal("sweep(a: [1]) { p in [\"a\": 1] }", says: "names that are varied"),
      Refusal("sweep(a: [1]) { p in let x = 1 }", says: "gives nothing"),
      Refusal("sweep(a: [1]) { p in p.b }", says: "no member `b`"),
      Refusal("sweep(a: 0..<100000, b: 0..<100000) { p in 1 }", says: "more than 100,000"),
      Refusal("sweep(a: [1], to: \"t.txt\") { p in 1 }", says: ".csv"),
      Refusal("sweep(a: [1], to: \"/no/such/folder/t.csv\") { p in p.missing }", says: "cannot be written"),
    ])
  func refusals(_ refusal: Refusal) { refusal.check(after: Self.preamble) }

  @Test(
    "a name of one's own is no completion of `sweep`, and a label close to one that it has is asked about")
  func labels() {
    let run = LanguageRunner()
    let labels = run.session.complete("sweep(", at: 6).matches.map(\.text)
    #expect(labels.contains("to:") && !labels.contains("anyName:"))
    let problems = run.session.check("sweep(steps: [1], too: \"t.csv\") { p in 1 }", name: "cell")
    #expect(problems.isEmpty, "it may be a name of one's own")
    Refusal("sweep(steps: [1], too: \"t.csv\") { p in 1 }", says: "did you mean `to:`?").check()
    #expect(run("sweep?").result.pages.first?.plainText.contains("anyName: [Any] or Range...") == true)
  }

  @Test("a sweep goes on from its file: what is there is not run again, and a grid may grow")
  func file() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/sweep.csv"
      func run(_ grid: String, _ body: String = "return [\"sum\": p.a + p.b, \"word\": p.name]")
        -> LanguageRunner.Answer
      {
        LanguageRunner()(
          "print(sweep(\(grid), to: \"\(path)\") { p in print(\"runs\", p.a, p.b, p.name)\n\(body) })")
      }
      let first = run("a: [0.1, 2], b: [1], name: [\"x, y\", \"3\"]")
      #expect(first.errors == [])
      #expect(first.printed.components(separatedBy: "runs").count == 5)
      let again = run("a: [0.1, 2], b: [1], name: [\"x, y\", \"3\"]")
      #expect(again.errors == [] && !again.printed.contains("runs"))
      #expect(first.printed.hasSuffix(again.printed))
      let grown = run("a: [2, 5.0], b: [1.0], name: [\"x, y\", \"3\"]")
      #expect(grown.errors == [])
      #expect(grown.printed.components(separatedBy: "runs").count == 3 && !grown.printed.contains("0.1"))
      let file = try String(contentsOfFile: path, encoding: .utf8)
      #expect(file.components(separatedBy: "\n").count == 8)
      #expect(file.hasPrefix("a,b,name,sum,word\n") && file.contains("0.1,1"))
      // An error keeps what is done.
      let failing = run(
        "a: [7, 8], b: [1], name: [\"z\"]", "if p.a == 8 { throw \"no\" }\nreturn [\"sum\": 1]")
      #expect(failing.errors.count == 1)
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("7"))
      // And a file of another sweep is left alone.
      let other = LanguageRunner()("sweep(c: [1], to: \"\(path)\") { p in 1 }")
      #expect(
        other.errors.first?.contains("is not of this sweep: its columns are a, b, name, sum, word") == true)
      let fewer = LanguageRunner()("sweep(a: [1], to: \"\(path)\") { p in 1 }")
      #expect(fewer.errors.first?.contains("several rows for a") == true)
    }
  }

  @Test("an interrupt keeps the finished rows and seeds, and the next statement does not begin")
  func interrupts() {
    LargeStackThread.run {
      // The flag of the libraries below is one for the whole process, and other tests run in it.
      let session = LanguageSession(
        registry: InnerloopLanguage.registry, history: HistoryStore(path: nil),
        computation: .init(cancel: {}, resume: {}))
      func answer(_ program: String) -> (ids: [String], printed: String, warned: String) {
        session.clearInterrupt()
        let sink = StoppingSink(session)
        let result = session.run(program, name: "cell", output: sink)
        return (result.diagnostics.map(\.id), sink.memory.standardOutput, sink.memory.standardError)
      }
      _ = answer(Self.preamble)
      let sweep = answer(
        "let t = sweep(k: 1...5) { p in if p.k == 3 { print(\"stop\") }; return p.k }\nprint(\"reached\")")
      #expect(sweep.ids == ["interrupted"] && !sweep.printed.contains("reached"))
      #expect(sweep.warned.contains("3 of 5 combinations are done"))
      #expect(answer("print(t.count)").printed == "3\n")
      // Its own loss prints, and so stops the second seed.
      let compared = answer(
        """
        var calls = 0
        let told = MAML(model, optimizer: Adam(lr: 0.01), lossFunction: { p, t in
          calls += 1
          if calls == 40 { print("stop") }
          return mse(p, t)
        })
        let c = compare(["told": told, "maml": maml], on: tasks, seeds: 3, maxBatches: 5, batchSize: 2, testTasks: 4)
        print("reached")
        """)
      #expect(compared.ids == ["interrupted"] && !compared.printed.contains("reached"))
      #expect(compared.warned.contains("of 3 seeds are done"))
      #expect(answer("print(c.isComplete, c.seeds.count < 3)").printed == "false true\n")
      let resumed = answer("print(c.resume().isComplete, c.table.count)")
      #expect(resumed.ids == [] && resumed.printed == "true 2\n")
    }
  }
}

/// Asks the session to stop when a program prints "stop".
private final class StoppingSink: OutputSink {
  let memory = MemorySink()
  private let session: LanguageSession

  init(_ session: LanguageSession) { self.session = session }

  func write(_ text: String, to channel: OutputChannel) {
    memory.write(text, to: channel)
    if text.contains("stop"), channel == .standardOutput { session.interrupt() }
  }
  func display(_ bundle: MIMEBundle, id: String?, update: Bool) {}
  func clearOutput(wait: Bool) {}
  func readLine(prompt: String, isPassword: Bool) throws -> String? { nil }
  var isInteractive: Bool { false }
}
