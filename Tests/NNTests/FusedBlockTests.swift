import ArrayCore
import Autograd
import NN
import TestSupport
import Testing

@Suite("fused blocks of Sequential")
struct FusedBlockTests {
  private func block(dtype: DType = .float64) throws -> MetaSequential {
    try MetaSequential(
      MetaConv2d(2, 3, kernelSize: [3], padding: [1], seed: 1, dtype: dtype),
      MetaBatchNorm2d(3, dtype: dtype),
      ReLU(), MaxPool2d(2))
  }

  /// Every module by itself.
  private func apart(_ model: Sequential, _ x: Tensor) throws -> Tensor {
    var y = x
    for module in model.modules { y = try module(y) }
    return y
  }

  private func names(_ y: Tensor) -> Set<String> { recordedOperations(of: y) }

  private static let parameters = ["0.weight", "0.bias", "1.weight", "1.bias"]

  private func replaced(_ seed: UInt64) throws -> [Tensor] {
    try [[3, 2, 3, 3], [3], [3], [3]].enumerated().map {
      try Tensor.randn(Shape($1), seed: seed + UInt64($0), dtype: .float64).asArgument()
    }
  }

  @Test("a block equals its modules one after the other, with two orders of derivatives")
  func equalsModules() throws {
    let model = try block()
    let x = try Tensor.randn([4, 2, 7, 6], seed: 3, dtype: .float64)
    func quantities(_ forward: (Tensor) throws -> Tensor) throws -> [Tensor] {
      let leaves = try replaced(7)
      let y = try model.withReplacements(NamedTensors(uniqueKeysWithValues: zip(Self.parameters, leaves))) {
        try forward(x)
      }
      let first = try gradient(of: square(y).sum(), wrt: leaves, createGraph: true)
      #expect(first.unreached == [])
      var slope = try Tensor(0, dtype: .float64)
      for g in first.values { slope = try slope + square(g).sum() }
      return [y] + first.values + (try gradient(of: slope, wrt: leaves).values)
    }
    let fused = try quantities { try model($0) }
    for (a, b) in zip(fused, try quantities { try apart(model, $0) }) {
      #expect(try largestDifference(a, b) < 1e-9)
    }
  }

  @Test("the bias in front is reached, and its gradient is exactly zero, also of each task")
  func bias() throws {
    let model = try block()
    let bias = try #require(model.namedParameters()["0.bias"])
    let x = try Tensor.randn([4, 2, 6, 6], seed: 3, dtype: .float64)
    let y = try model(x)
    #expect(names(y).contains("unaffected.unaffected") && names(y).contains("normalize.normalize"))
    let alone = try gradient(of: square(y).sum(), wrt: [bias])
    #expect(alone.unreached == [] && alone[0].shape == [3] && alone[0].taskCount == nil)
    #expect(try alone[0].toDoubles() == [0, 0, 0])
    let tasks = try square(model(Tensor.stackTasks([x, x * 2]))).sum()
    let each = try gradient(of: tasks, wrt: [bias])
    #expect(each.unreached == [] && each[0].taskCount == 2)
    #expect(try each[0].array.toDoubles() == Array(repeating: 0, count: 6))
    #expect(try gradient(of: tasks.sumOverTasks(), wrt: [bias])[0].taskCount == nil)
  }

  @Test("what is no such block is computed module by module")
  func others() throws {
    final class Shifted: BatchNorm2d {
      override func forward(_ inputs: [Tensor]) throws -> Tensor { try super.forward(inputs) + 1 }
    }
    let x = try Tensor.randn([3, 2, 5, 5], seed: 1, dtype: .float64)
    let models = [
      try Sequential(Shifted(2, dtype: .float64), ReLU(), MaxPool2d(2)),
      try Sequential(BatchNorm2d(2, trackRunningStats: true, dtype: .float64), ReLU(), MaxPool2d(2)),
      try Sequential(BatchNorm2d(2, dtype: .float64), ReLU(), MaxPool2d(3, stride: 2)),
      try Sequential(BatchNorm2d(2, dtype: .float64), ReLU(), MaxPool2d(2, padding: 1)),
      try Sequential(BatchNorm2d(2, dtype: .float64), Tanh(), MaxPool2d(2)),
      try Sequential(BatchNorm2d(2, dtype: .float64), ReLU(), AvgPool2d(2)),
      try Sequential(BatchNorm2d(2, dtype: .float64), ReLU()),
    ]
    for model in models { #expect(try largestDifference(model(x), apart(model, x)) < 1e-12) }
    let tracking = try #require(models[1].stateDictionary()["0.num_batches_tracked"])
    #expect(try tracking.toInts() == [2])
  }

  @Test("a block without a convolution, inside other modules, without parameters of its own")
  func inside() throws {
    let model = try Sequential(
      Tanh(), BatchNorm2d(2, affine: false, dtype: .float64), ReLU(), MaxPool2d([3, 1]), Flatten())
    let x = try Tensor.randn([3, 2, 7, 4], seed: 1, dtype: .float64).asArgument()
    #expect(try names(model(x)).contains("normalize.normalize"))
    #expect(try largestDifference(model(x), apart(model, x)) < 1e-12)
  }

  @Test("errors are those of the modules")
  func errors() throws {
    let model = try block()
    let norm = try Sequential(BatchNorm2d(3), ReLU(), MaxPool2d(2))
    let inputs: [(Sequential, Shape)] = [
      (model, [4, 3, 6, 6]), (model, [4, 2, 6]), (model, [1, 2, 1, 1]), (model, [4, 2, 1, 6]),
      (norm, [4, 2, 6, 6]), (norm, [4, 3, 6]), (norm, [1, 3, 1, 1]), (norm, [4, 3, 6, 1]),
    ]
    for (model, shape) in inputs {
      let x = try Tensor.randn(shape, seed: 1, dtype: .float64)
      func message(_ forward: () throws -> Tensor) -> String? {
        do {
          _ = try forward()
          return nil
        } catch { return "\(error)" }
      }
      let expected = message { try apart(model, x) }
      #expect(expected != nil)
      #expect(message { try model(x) } == expected, "\(shape)")
    }
    let x = try Tensor.randn([4, 3, 6, 6], seed: 1)
    #expect(throws: NNError.self) { try norm([x, x]) }
  }
}
