import ArrayCore
import Autograd
import TestSupport
import Testing

@Suite("fused batch normalisation")
struct NormalizationTests {
  /// The function with its three steps one after the other.
  private func steps(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ pool: PoolGeometry
  ) throws -> Tensor {
    let axes = [0] + Array(2..<x.rank)
    let centred = try x - x.mean(axes, keepDims: true)
    var y = try centred * rsqrt(square(centred).mean(axes, keepDims: true) + 1e-5)
    let shape = try Shape([x.shape[1]] + pool.kernel.map { _ in 1 })
    if let weight { y = try y * weight.reshape(to: shape) }
    if let bias { y = try y + bias.reshape(to: shape) }
    return try maxPool(relu(y), pool)
  }

  /// Values, gradients and their derivatives along fixed directions.
  private func derivatives(
    _ inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor
  ) throws -> [Tensor] {
    let leaves = try inputs.map { try $0.asArgument() }
    let y = try function(leaves)
    func weighted(_ x: Tensor, _ seed: UInt64) throws -> Tensor {
      try (x * Tensor.randn(x.shape, seed: seed, dtype: .float64)).sum().sumOverTasks()
    }
    let first = try gradient(of: weighted(y, 1), wrt: leaves, createGraph: true).values
    var slope = try Tensor(0, dtype: .float64)
    for (index, g) in first.enumerated() { slope = try slope + weighted(g, UInt64(index) + 2) }
    let second = try gradient(of: slope, wrt: leaves, createGraph: true).values
    var bend = try Tensor(0, dtype: .float64)
    for (index, g) in second.enumerated() { bend = try bend + weighted(g, UInt64(index) + 7) }
    return [y] + first + second + (try gradient(of: bend, wrt: leaves).values)
  }

  struct Case: Sendable {
    let x: Shape
    let pool: PoolGeometry
  }

  static let cases: [Case] = [
    Case(x: [3, 4, 6, 6], pool: .init(kernel: [2, 2])), Case(x: [2, 5, 7, 5], pool: .init(kernel: [2, 2])),
    Case(x: [4, 1, 3, 3], pool: .init(kernel: [2, 2])), Case(x: [3, 8, 8], pool: .init(kernel: [3])),
    Case(x: [2, 2, 4, 3, 5], pool: .init(kernel: [2, 1, 3])),
    Case(x: [2, 3, 5, 5], pool: .init(kernel: [3, 3], stride: [1, 1], padding: [1, 1])),
  ]

  @Test("values and three orders of derivatives are those of the three steps", arguments: cases)
  func equalsSteps(_ c: Case) throws {
    let channels = c.x[1]
    let x = try Tensor.randn(c.x, seed: 1, dtype: .float64)
    let weight = try Tensor(
      (0..<channels).map { [0.8, -1.1, 0, 0.3][$0 % 4] }, dtype: .float64)
    let bias = try Tensor.randn([channels], seed: 3, dtype: .float64)
    let fused = try derivatives([x, weight, bias]) {
      try batchNormReLUMaxPool($0[0], weight: $0[1], bias: $0[2], pool: c.pool)
    }
    let apart = try derivatives([x, weight, bias]) { try steps($0[0], $0[1], $0[2], c.pool) }
    for (index, (a, b)) in zip(fused, apart).enumerated() {
      #expect(try largestDifference(a, b) < 1e-9, "quantity \(index)")
    }
    let plain = try derivatives([x]) { try batchNormReLUMaxPool($0[0], pool: c.pool) }
    for (a, b) in zip(plain, try derivatives([x]) { try steps($0[0], nil, nil, c.pool) }) {
      #expect(try largestDifference(a, b) < 1e-9)
    }
  }

  @Test("the third derivative agrees with finite differences", arguments: [[2, 2], [1, 1]])
  func third(_ window: [Int]) throws {
    let weight = try Tensor([-1.0, 0.4], dtype: .float64)
    let x = try Tensor.randn([2, 2, 3, 3], seed: 4, dtype: .float64)
    let direction = try Tensor.randn([2, 2, 3, 3], seed: 5, dtype: .float64)
    try checkGradient(at: [x]) { inputs in
      let x = try inputs[0].asArgument()
      let y = try batchNormReLUMaxPool(x, weight: weight, pool: PoolGeometry(kernel: window))
      let first = try gradient(of: square(y).sum(), wrt: [x], createGraph: true)[0]
      return try gradient(of: (first * direction).sum(), wrt: [x], createGraph: true)[0]
    }
  }
}
