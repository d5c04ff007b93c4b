import TestSupport
import Testing

@Suite("the language's description: results")
struct ResultLanguageTests {
  private static let preamble = """
    let tasks = Sinusoid(shots: 5, testShots: 7, seed: 3)
    let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1), optimizer: Adam(lr: 0.001), stepSize: 0.01)
    let h = maml.train(tasks.batches(of: 2), maxBatches: 3)
    let xs = linspace(-5, 5, 10)
    let ys = sin(xs)
    """

  @Test(
    "tables and histories",
    arguments: [
      Example(
        "print(h.losses.count, h.table.columns, h.table[\"step\"])",
        prints: "3 [\"step\", \"loss\"] [1, 2, 3]"),
      Example(
        "print(table([\"step\": [1, 2], \"loss\": [0.5, 0.25]]))",
        prints: "step  loss\n   1  0.50\n   2  0.25"),
      Example(
        "print(json([\"a\": 0.1, \"b\": nil]), json(0.0 / 0))", prints: "{\"a\": 0.1, \"b\": null} null"),
    ])
  func tables(example: Example) { example.check(after: Self.preamble) }

  @Test(
    "every value has a text, tables have HTML, plots have Vega-Lite and SVG",
    arguments: [
      ("h.table", ["text/plain", "text/html"]),
      ("h.plot()", ["text/plain", "application/vnd.vegalite.v5+json", "image/svg+xml"]),
      ("plot(x: xs, y: ys)", ["text/plain", "application/vnd.vegalite.v5+json", "image/svg+xml"]),
      (
        "plot([\"MAML\": h, \"true\": (xs, ys), \"support\": points(tasks[0].train.inputs, tasks[0].train.targets)], x: \"step\", y: \"loss\", log_y: true, smooth: 0.9, title: \"t\")",
        ["text/plain", "application/vnd.vegalite.v5+json", "image/svg+xml"]
      ),
      ("maml.evaluate(tasks.batches(of: 2), maxBatches: 1)", ["text/plain", "text/html"]),
      ("h", ["text/plain"]), ("maml", ["text/plain"]), ("tasks[0]", ["text/plain"]), ("xs", ["text/plain"]),
      ("maml.model", ["text/plain"]), ("Adam()", ["text/plain"]), ("tasks", ["text/plain"]),
    ])
  func bundles(program: String, types: [String]) throws {
    let answer = LanguageRunner()(Self.preamble + "\n" + program)
    #expect(answer.errors == [])
    let bundle = try #require(answer.result.value)
    for type in types { #expect(bundle.data[type] != nil, "\(type) of \(program)") }
  }

  @Test("tables and plots are saved by the ending of the file")
  func files() throws {
    try withTemporaryFolder { folder in
      Example(
        """
        h.table.save("\(folder)/h.csv"); h.table.save("\(folder)/h.json")
        print(readCSV("\(folder)/h.csv")["loss"] == h.losses)
        let p = plot(x: xs, y: ys)
        p.save("\(folder)/p.svg"); p.save("\(folder)/p.json"); h.plot(smooth: 0.5).save("\(folder)/p.csv")
        """, prints: "true"
      ).check(after: Self.preamble)
      Refusal("h.table.save(\"\(folder)/h.txt\")", says: ".csv, .json").check(after: Self.preamble)
      Refusal("h.plot().save(\"\(folder)/p.png\")", says: ".svg, .json").check(after: Self.preamble)
    }
  }

  @Test(
    "what cannot be drawn or tabled is refused",
    arguments: [
      Refusal("plot(x: [1, 2], y: [1, 2, 3])", says: "`x` has 2 numbers, `y` 3"),
      Refusal("plot([\"a\": \"b\"])", says: "a series is numbers"),
      Refusal("plot([1.0], smooth: 1)", says: "below 1"),
      Refusal("table([\"step\": 3])", says: "must be an array or Tensor"),
    ])
  func refusals(refusal: Refusal) { refusal.check() }
}
