import ArrayCore
import Autograd
import TestSupport
import Testing

@Suite("tensor functions")
struct TensorFunctionTests {
  let matrix: Tensor

  init() throws { matrix = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]) }

  @Test("a tensor shows its numbers, shape and dtype")
  func description() throws {
    #expect(
      "\(try Tensor([1, 2, 3, 4], shape: [2, 2]))"
        == "Tensor([[1.0, 2.0], [3.0, 4.0]], shape: [2, 2], float32)")
    #expect("\(try Tensor(0.1))" == "Tensor(0.1, float32)")
    #expect("\(try Tensor([7, -1] as [Int]))" == "Tensor([7, -1], shape: [2], int64)")
    #expect("\(try Tensor.zeros([0, 2]))" == "Tensor([], shape: [0, 2], float32)")
    #expect("\(try Tensor([1, 2]).hideTasks())" == "Tensor([1.0, 2.0], shape: [], 2 tasks, float32)")
    let long = try Tensor.arange(0, 1000, dtype: .int64)
    #expect("\(long)" == "Tensor([0, 1, 2, …, 997, 998, 999], shape: [1000], int64)")
  }

  @Test("literals of whole numbers are floats")
  func literals() throws {
    #expect(try Tensor([1, 2]).dtype == .float32)
    #expect(try Tensor([1, 2] as [Int]).dtype == .int64)
  }

  @Test("making tensors")
  func making() throws {
    #expect(try Tensor.linspace(-5, 5, 5).toDoubles() == [-5, -2.5, 0, 2.5, 5])
    #expect(try Tensor.linspace(2, 9, 1).toDoubles() == [2])
    #expect(try Tensor.arange(1, 4).toDoubles() == [1, 2, 3])
    #expect(try Tensor.eye(2).toDoubles() == [1, 0, 0, 1])
    #expect(try Tensor.oneHot(Tensor([2, 0] as [Int]), 3).toDoubles() == [0, 0, 1, 1, 0, 0])
    #expect(try Tensor.randn([3], seed: 1).toDoubles() == Tensor.randn([3], seed: 1).toDoubles())
    #expect(try Tensor.randn([3], seed: 1).toDoubles() != Tensor.randn([3], seed: 2).toDoubles())
    #expect(try Tensor.rand([100], seed: 1).toDoubles().allSatisfy { 0 <= $0 && $0 < 1 })
    #expect(throws: TensorError.self) { try Tensor.zeros([Int.max, 2]) }
    #expect(throws: TensorError.self) { try Tensor([1, 2, 3], shape: [2, 2]) }
    #expect(throws: TensorError.self) { try Tensor.linspace(0, 1, -1) }
  }

  @Test("indexing picks and keeps axes")
  func indexing() throws {
    #expect(try matrix.at(-1).toDoubles() == [4, 5, 6])
    #expect(try matrix.index([.ellipsis, .range(0, 2, step: 1)]).toDoubles() == [1, 2, 4, 5])
    #expect(try matrix.index([.all, .index(1)]).toDoubles() == [2, 5])
    #expect(
      try matrix.index([.range(nil, nil, step: 1), .range(nil, nil, step: 2)]).toDoubles() == [1, 3, 4, 6])
    #expect(try matrix.index([.newAxis, .index(0)]).shape == [1, 3])
    let labels = try Tensor([1, 0, 1] as [Int])
    #expect(try matrix.index([.tensor(labels)]).shape == [3, 3])
    #expect(try matrix.index([.all, .tensor(labels)]).toDoubles() == [2, 1, 2, 5, 4, 5])
    #expect(throws: TensorError.self) { try matrix.at(2) }
    #expect(throws: TensorError.self) { try matrix.index([.index(0), .index(0), .index(0)]) }
    #expect(throws: TensorError.self) { try matrix.slice(axis: 1, from: 2, to: 5) }
    #expect(throws: TensorError.self) { try matrix.slice(axis: 1, from: 0, to: 2, step: 0) }
    #expect(throws: TensorError.self) { try takeRows(matrix, Tensor([2] as [Int])) }
    #expect(throws: TensorError.self) { try takeRows(matrix, Tensor([0.0])) }
  }

  @Test("rows of a task's own table are checked against that table")
  func rowsOfTasks() throws {
    let tables = try Tensor.randn([2, 3, 2], seed: 1).hideTasks()
    #expect(throws: TensorError.self) { try takeRows(tables, Tensor([3] as [Int])) }
  }

  @Test("shapes change without the numbers")
  func shapes() throws {
    #expect(try matrix.reshape([3, -1]).shape == [3, 2])
    #expect(try matrix.unsqueeze(-1).shape == [2, 3, 1])
    #expect(try matrix.unsqueeze(1).squeeze().shape == [2, 3])
    #expect(try matrix.permute([-1, 0]).toDoubles() == [1, 4, 2, 5, 3, 6])
    #expect(try matrix.flip(1).toDoubles() == [3, 2, 1, 6, 5, 4])
    #expect(try matrix.pad(axis: 1, before: 1, after: 0).toDoubles() == [0, 1, 2, 3, 0, 4, 5, 6])
    #expect(try stack([matrix, matrix], axis: -1).shape == [2, 3, 2])
    #expect(throws: TensorError.self) { try matrix.reshape([4, -1]) }
    #expect(throws: TensorError.self) { try matrix.reshape([-1, -1]) }
    #expect(throws: TensorError.self) { try matrix.permute([0, 0]) }
    #expect(throws: TensorError.self) { try matrix.squeeze(0) }
    #expect(throws: TensorError.self) { try matrix.pad(axis: 0, before: Int.max, after: 1) }
    #expect(throws: TensorError.self) { try concat([matrix, Tensor([1])]) }
    #expect(throws: TensorError.self) { try concat([]) }
  }

  @Test("concatenation gives the widest dtype")
  func concatenationDType() throws {
    let joined = try concat([Tensor([1 as Double], dtype: .float64), Tensor([2] as [Int])])
    #expect(joined.dtype == .float64)
    #expect(try joined.toDoubles() == [1, 2])
  }

  @Test("reductions")
  func reductions() throws {
    #expect(try matrix.mean([0]).toDoubles() == [2.5, 3.5, 4.5])
    #expect(try matrix.max([1]).toDoubles() == [3, 6])
    #expect(try matrix.min().item() == 1)
    #expect(try matrix.max([0, 1], keepDims: true).shape == [1, 1])
    #expect(try matrix.argmax(axis: -1).toInts() == [2, 2])
    #expect(try Tensor([1, 3]).std().item() == Double(Float(2).squareRoot()))
    #expect(try Tensor([1, 3]).variance(unbiased: false).item() == 1)
    #expect(try Tensor([3, 4]).norm().item() == 5)
    #expect(try Tensor([1, 2] as [Int]).mean().item() == 1.5)
    #expect(try Tensor([4] as [Int]).mean().dtype == .float32)
    #expect(try Tensor([4]).std().item().isNaN)
    #expect(throws: TensorError.self) { try Tensor.zeros([0]).mean() }
    #expect(throws: TensorError.self) { try Tensor.zeros([0]).max() }
    #expect(throws: TensorError.self) { try matrix.sum([2]) }
    #expect(throws: TensorError.self) { try matrix.sum([1, -1]) }
  }

  @Test("products refuse shapes that do not fit")
  func products() throws {
    #expect(try matmul(matrix, matrix.transposed()).toDoubles() == [14, 32, 32, 77])
    #expect(try matmul(matrix, Tensor([1, 0, 1])).toDoubles() == [4, 10])
    #expect(throws: TensorError.self) { try matmul(matrix, matrix) }
    #expect(throws: TensorError.self) { try matmul(Tensor(1), matrix) }
    #expect(throws: TensorError.self) { try linear(matrix, Tensor.ones([2, 4])) }
    let geometry = ConvolutionGeometry(stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1)
    #expect(throws: TensorError.self) {
      try convolution(Tensor.ones([2, 1, 1, 4, 4]), Tensor.ones([1, 1, 2, 2]), geometry)
    }
  }

  @Test("losses and scores")
  func losses() throws {
    let logits = try Tensor([2, 0, 0, 3], shape: [2, 2], dtype: .float64)
    let labels = try Tensor([0, 0] as [Int])
    let expected = [log1p(-2), 3 + log1p(-3)]
    let each = try crossEntropy(logits, labels, reduction: .none)
    #expect(try isClose(each, expected))
    #expect(try isClose(crossEntropy(logits, labels), [(expected[0] + expected[1]) / 2]))
    #expect(try accuracy(logits, labels).item() == 0.5)
    #expect(try mse(Tensor([1, 2]), Tensor([3, 2])).item() == 2)
    #expect(throws: TensorError.self) { try mse(Tensor([1, 2]), Tensor(1)) }
    #expect(throws: TensorError.self) { try crossEntropy(logits, Tensor([0, 5] as [Int])) }
    #expect(throws: TensorError.self) { try crossEntropy(logits, Tensor([0.0, 1])) }
  }

  /// log(1 + exp(x)) for a number.
  private func log1p(_ x: Double) -> Double {
    (try? softplus(Tensor(x, dtype: .float64)).item()) ?? .nan
  }

  @Test("closeness of infinities and NaN")
  func closeness() throws {
    let infinite = try Tensor([1, .infinity])
    #expect(try allClose(infinite, infinite))
    #expect(try !allClose(infinite, -infinite))
    #expect(try !allClose(Tensor([.nan]), Tensor([.nan])))
    #expect(try allClose(Tensor.zeros([0]), Tensor.zeros([0])))
    #expect(try !infinite.allFinite())
    #expect(try infinite.isFinite().toInts() == [1, 0])
  }

  @Test("mixed dtypes give the wider")
  func mixedDTypes() throws {
    #expect(try (Tensor([1]) + Tensor([1 as Double], dtype: .float64)).dtype == .float64)
    #expect(try (Tensor([1]) * Tensor([2] as [Int])).dtype == .float32)
    #expect(try Tensor([1, 3]).less(2).toInts() == [1, 0])
  }
}
