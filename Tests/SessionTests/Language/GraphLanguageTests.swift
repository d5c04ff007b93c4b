import TestSupport
import Testing

@Suite("the language's description: graphs")
struct GraphLanguageTests {
  private static let preamble = """
    let tasks = Sinusoid(shots: 5, testShots: 7, seed: 3)
    let task = tasks[0]
    let model = MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1)
    let maml = MAML(model, stepSize: 0.01, numAdaptationSteps: 2)
    let w = Parameter(Tensor([1, 2, 3]))
    """

  @Test(
    "graphs",
    arguments: [
      Example("let g = graph((w * w).sum()); print(g.count, g.bytes, g.firstOrderBytes)", prints: "2 12 12"),
      Example("print(graph(maml.outerLoss([task]).loss).mermaid.contains(\"inner step 2\"))", prints: "true"),
      Example(
        "let g = graph(maml.outerLoss([task])); print(g.firstOrderBytes == graph(maml.outerLoss([task], firstOrder: true)).bytes)",
        prints: "true"),
      Example(
        "print(graph(maml.outerLoss([task]).loss).dot.contains(\"classifier.weight\"))", prints: "true"),
      Example(
        "print(graph(mse(model(task.train.inputs), task.train.targets)).dot.contains(\"task.train.inputs\"))",
        prints: "true"),
      Example(
        "print(graph(gradient(of: (w * w * w).sum(), wrt: w, createGraph: true).sum()).table[\"part\"])",
        prints: "[\"forward pass\", \"gradient\", \"parameters and constants\", \"all\"]"),
      Example(
        "print(graph(maml.outerLoss([task]), detail: .passes).table[\"kept bytes\"]!.last! == graph(maml.outerLoss([task])).bytes)",
        prints: "true"),
    ])
  func graphs(example: Example) { example.check(after: Self.preamble) }

  @Test("a graph is shown as text, Mermaid, DOT and SVG, the same each time")
  func bundle() throws {
    let program = Self.preamble + "\ngraph(maml.outerLoss([task]).loss)"
    let bundles = try (0..<2).map { _ in try #require(LanguageRunner()(program).result.value) }
    #expect(bundles[0].data == bundles[1].data)
    for type in ["text/plain", "text/vnd.mermaid", "text/vnd.graphviz", "image/svg+xml"] {
      #expect(bundles[0].data[type] != nil, "\(type)")
    }
    #expect(bundles[0].plainText.contains("first order leaves out"))
  }

  @Test("names of two models are told apart by their variables")
  func names() {
    Example(
      """
      let other = MetaMLPModel(1, 1, hiddenSizes: [8], seed: 2)
      let d = graph(mse(other(task.train.inputs), model(task.train.inputs))).dot
      print(d.contains("other.classifier.weight"), d.contains("\\"classifier.weight"))
      """, prints: "true true"
    ).check(after: Self.preamble)
  }

  @Test("graphs are saved by the ending of the file")
  func files() throws {
    try withTemporaryFolder { folder in
      Example(
        """
        let g = graph(maml.outerLoss([task]).loss)
        g.save("\(folder)/g.svg"); g.save("\(folder)/g.dot"); g.save("\(folder)/g.mmd")
        print(g.svg.contains("outer loss"))
        """, prints: "true"
      ).check(after: Self.preamble)
      Refusal("graph(w.sum()).save(\"\(folder)/g.png\")", says: ".svg, .dot, .mmd").check(
        after: Self.preamble)
    }
  }

  @Test(
    "refusals",
    arguments: [
      Refusal("graph(w.detach())", says: "has no graph"), Refusal("graph(1)", says: "not an Int"),
      Refusal("graph(w.sum(), maxNodes: 0)", says: "maxNodes"),
    ])
  func refusals(refusal: Refusal) { refusal.check(after: Self.preamble) }
}
