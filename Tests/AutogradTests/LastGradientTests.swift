import ArrayCore
import Autograd
import TestSupport
import Testing

@Suite("the last gradient of a graph")
struct LastGradientTests {
  private func loss(_ x: Tensor) throws -> Tensor {
    var y = x
    for _ in 0..<6 { y = try tanh(y * y + x) }
    return try y.sum()
  }

  @Test("is the gradient, and takes the graph apart")
  func equality() throws {
    let x = try Parameter(Tensor.randn([3, 4], seed: 1, dtype: .float64))
    let loss = try loss(x.tensor)
    let first = try gradient(of: loss, wrt: [x.tensor])
    let last = try lastGradient(of: loss, wrt: [x.tensor])
    #expect(try first[0].toDoubles() == last[0].toDoubles())
    #expect(try gradient(of: loss, wrt: [x.tensor]).unreached == [0])
  }

  @Test("needs less memory than one that keeps the graph")
  func memory() async throws {
    await #expect(processExitsWith: .success) { () async throws in
      func peak(_ take: (Tensor, [Tensor]) throws -> Gradients) throws -> Int {
        let x = try Parameter(Tensor.randn([1 << 16], seed: 1))
        var y = x.tensor
        for _ in 0..<20 { y = try exp(y * 0.1) }
        let loss = try y.sum()
        y = x.tensor
        MemoryStatistics.resetPeak()
        let before = MemoryStatistics.bytesInUse
        _ = try take(loss, [x.tensor])
        return MemoryStatistics.peakBytesInUse - before
      }
      let kept = try peak { try gradient(of: $0, wrt: $1) }
      let last = try peak { try lastGradient(of: $0, wrt: $1) }
      #expect(last <= kept && last <= 3 * (1 << 18) + 4096)
    }
  }
}
