import ArrayCore
import Autograd
import Testing

@Suite("What a graph is described as")
struct GraphDescriptionTests {
  private func leaf(_ numbers: [Double]) throws -> Autograd.Parameter {
    try Parameter(Tensor(numbers, shape: [numbers.count], dtype: .float64))
  }

  @Test("operations, leaves and constants come in the order of computation")
  func order() throws {
    let w = try leaf([1, 2, 3])
    let x = try Tensor([4, 5, 6], shape: [3], dtype: .float64)
    let graph = GraphDescription(of: try (exp(w.value) * x).sum(), names: [("w", w.tensor), ("x", x)])
    #expect(
      graph.vertices.map { $0.kind == .operation ? $0.operation : $0.name ?? "" } == [
        "w", "exp", "x", "multiply", "sum",
      ])
    #expect(graph.edges.map { [$0.source, $0.target] } == [[0, 1], [1, 3], [2, 3], [3, 4]])
    for edge in graph.edges { #expect(edge.source < edge.target) }
  }

  @Test("an edge keeps what the rule reads, and memory kept twice counts once")
  func bytes() throws {
    let w = try leaf([1, 2, 3])
    let x = try Tensor([4, 5, 6], shape: [3], dtype: .float64)
    let e = try exp(w.value)
    // exp keeps its result; square reads the same; the product with a constant keeps the constant.
    let graph = GraphDescription(of: try (square(e) + e * x).sum())
    #expect(graph.bytes == 24 + 24 && graph.outerBytes == 24)
    #expect(graph.vertices.first { $0.operation == "exp" }?.bytes == 24)
    let square = try #require(graph.vertices.firstIndex { $0.operation == "square" })
    let edge = try #require(graph.edges.first { $0.target == square })
    #expect(edge.keptBytes == 24 && edge.bytes == 0)
    let total = graph.edges.map(\.bytes).reduce(0, +) + graph.vertices.map(\.bytes).reduce(0, +)
    #expect(total == graph.bytes)
  }

  @Test("the bytes are those that come back when the graph goes")
  func memory() throws {
    let w = try Parameter(Tensor.randn([64, 64], seed: 1, dtype: .float64))
    let x = try Tensor.randn([64, 64], seed: 2, dtype: .float64)
    // Nothing else holds what the layers compute.
    func loss() throws -> Tensor {
      var h = x
      for _ in 0..<5 { h = try tanh(matmul(h, w.value)) }
      return try square(h).sum()
    }
    let graph = GraphDescription(of: try loss())
    // x, w, and five results of tanh, each kept by itself and by the product after it.
    #expect(graph.bytes == 7 * 64 * 64 * 8)
    #expect(graph.outerBytes == 2 * 64 * 64 * 8)
  }

  @Test("a gradient that is recorded is told from the forward pass")
  func derivative() throws {
    let w = try leaf([1, 2])
    let slope = try gradient(of: (w.value * w.value * w.value).sum(), wrt: [w], createGraph: true)[0]
    let graph = GraphDescription(of: try slope.sum())
    #expect(
      graph.vertices.contains { $0.isDerivative }
        && graph.vertices.contains { $0.operation == "multiply" && !$0.isDerivative })
    #expect(graph.vertices.last?.isDerivative == false)
    #expect(!graph.hasSecondOrder && graph.firstOrderBytes == graph.bytes)
  }

  @Test("a constant has no graph")
  func constant() throws {
    #expect(GraphDescription(of: try Tensor([1, 2])).vertices.isEmpty)
  }
}
