import TestSupport
import Testing

@Suite("the language's description: landscapes and heat maps")
struct LandscapeLanguageTests {
  private static let preamble = """
    let tasks = Sinusoid(shots: 5, testShots: 7, seed: 3)
    let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1), stepSize: 0.01, numAdaptationSteps: 3)
    """

  @Test(
    "landscapes",
    arguments: [
      Example(
        "let l = landscape(maml, tasks[0], resolution: 5); print(l.losses.shape, l.x[2], l.y.count)",
        prints: "[1, 5, 5] 0.0 5"),
      Example(
        "print(landscape(maml, [tasks[0], tasks[1]], resolution: 5).losses.shape)", prints: "[2, 5, 5]"),
      Example(
        "let l = landscape(maml, tasks[0], resolution: 5); print(abs(l.losses[0, 2, 2].item() - maml.adapt(tasks[0]).table[\"test (query) loss\"][0]) < 1e-5)",
        prints: "true"),
      Example(
        "print(landscape(maml, tasks[0], on: .support, directions: .random, seed: 3, resolution: 3).paths.columns)",
        prints: "[\"task\", \"step\", \"x\", \"y\", \"train (support) loss\", \"off the plane\"]"),
      Example("print(landscape(maml, [tasks[0], tasks[1]], resolution: 3).table.count)", prints: "18"),
      Example(
        "let l = landscape(maml, tasks[0], resolution: 5, extent: 2, stepSize: 0.5); print(l.x)",
        prints: "[-2.0, -1.0, 0.0, 1.0, 2.0]"),
    ])
  func landscapes(example: Example) { example.check(after: Self.preamble) }

  @Test("a landscape has characters, SVG and Vega-Lite, the same each time, and is no large output")
  func bundle() throws {
    let program = Self.preamble + "\nlandscape(maml, [tasks[0], tasks[1]])"
    let bundles = try (0..<2).map { _ in try #require(LanguageRunner()(program).result.value) }
    #expect(bundles[0].data == bundles[1].data)
    for type in ["text/plain", "application/vnd.vegalite.v5+json", "image/svg+xml"] {
      #expect(bundles[0].data[type] != nil, "\(type)")
    }
    #expect(bundles[0].dataJSON.serialized().utf8.count < 300_000)
  }

  @Test("they are saved by the ending of the file")
  func files() throws {
    try withTemporaryFolder { folder in
      Example(
        """
        let l = landscape(maml, tasks[0], resolution: 3)
        l.save("\(folder)/l.svg"); l.save("\(folder)/l.json"); l.save("\(folder)/l.csv")
        heatmap(ones(2, 3)).save("\(folder)/h.svg")
        print(readCSV("\(folder)/l.csv")["loss"].count)
        """, prints: "9"
      ).check(after: Self.preamble)
      Refusal("heatmap(ones(2, 3)).save(\"\(folder)/h.png\")", says: ".svg, .json, .csv").check(
        after: Self.preamble)
    }
  }

  @Test(
    "refusals",
    arguments: [
      Refusal("landscape(maml, tasks[0], resolution: 1)", says: "2 to 500"),
      Refusal("landscape(maml, [tasks[0], tasks[1], tasks[2]])", says: "one task or two"),
      Refusal("landscape(maml, [1])", says: "must hold Tasks"),
      Refusal("landscape(maml, tasks[0], extent: -1)", says: "above 0"),
      Refusal("heatmap(ones(3))", says: "[rows, columns]"),
      Refusal("heatmap(ones(2, 2), x: [1, 0])", says: "growing"),
      Refusal("heatmap(zeros(2, 2), logarithmic: true)", says: "above 0"),
    ])
  func refusals(refusal: Refusal) { refusal.check(after: Self.preamble) }
}
