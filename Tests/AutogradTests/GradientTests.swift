import ArrayCore
import Autograd
import Synchronization
import TestSupport
import Testing

@Suite("gradient")
struct GradientTests {
  /// The loss of the hand oracle, ½(w·x)², in raw tensors.
  static func loss(_ w: Tensor, _ x: Tensor) throws -> Tensor { try square((w * x).sum()) * 0.5 }

  static func metaGradient(firstOrder: Bool, train: [Double], test: [Double]) throws -> ([Double], [Double]) {
    let w = try Parameter(Tensor([2, 3, 5], dtype: .float64))
    let inner = try loss(w.value, Tensor(train, dtype: .float64))
    let step = try gradient(of: inner, wrt: [w], createGraph: !firstOrder)[0]
    let fast = try w.value.addScaled(step, -0.5)
    let outer = try loss(fast, Tensor(test, dtype: .float64))
    return (try fast.toDoubles(), try gradient(of: outer, wrt: [w])[0].toDoubles())
  }

  @Test("the hand oracle, second order")
  func oracleSecondOrder() throws {
    let (fast, meta) = try GradientTests.metaGradient(firstOrder: false, train: [1, 2, 3], test: [4, 5, 6])
    #expect(fast == [-9.5, -20, -29.5])
    #expect(meta == [3780, 8505, 13230])
  }

  @Test("the hand oracle, first order")
  func oracleFirstOrder() throws {
    let (_, meta) = try GradientTests.metaGradient(firstOrder: true, train: [4, 5, 6], test: [1, 2, 3])
    #expect(meta == [-825, -1650, -2475])
  }

  @Test("the hand oracle, two tasks in one pass")
  func oracleOverTasks() throws {
    let w = try Parameter(Tensor([2, 3, 5], dtype: .float64))
    let train = try Tensor([1, 2, 3, 1, 2, 3], shape: [2, 3], dtype: .float64).hideTasks()
    let test = try Tensor([4, 5, 6, 4, 5, 6], shape: [2, 3], dtype: .float64).hideTasks()
    let step = try gradient(of: GradientTests.loss(w.value, train), wrt: [w], createGraph: true)[0]
    #expect(step.taskCount == 2)
    let fast = try w.value.addScaled(step, -0.5)
    let outer = try GradientTests.loss(fast, test)
    #expect(try gradient(of: outer.sumOverTasks(), wrt: [w])[0].toDoubles() == [7560, 17010, 26460])
    #expect(try gradient(of: outer.meanOverTasks(), wrt: [w])[0].toDoubles() == [3780, 8505, 13230])
  }

  @Test("a target the loss does not reach gets zeros and is reported")
  func unreached() throws {
    let a = try Parameter(Tensor([1, 2]))
    let b = try Parameter(Tensor([3]))
    let constant = try Tensor([5.0])
    let gradients = try gradient(of: (a.value * 2).sum(), wrt: [b, a, constant])
    #expect(gradients.unreached == [0, 2])
    #expect(try gradients[0].toDoubles() == [0])
    #expect(try gradients[1].toDoubles() == [2, 2])
    #expect(try gradient(of: constant, wrt: [a]).unreached == [0])
  }

  @Test("a loss of several numbers is refused with the way out")
  func lossOfSeveralNumbers() throws {
    let a = try Parameter(Tensor([1, 2]))
    let error = #expect(throws: TensorError.self) { try gradient(of: a.value * 2, wrt: [a]) }
    #expect(error?.description.contains(".mean()") == true)
    #expect(throws: TensorError.self) { try gradient(of: Tensor([3] as [Int]), wrt: [a]) }
  }

  @Test("a target may stand twice, be the loss, or lie between")
  func targets() throws {
    let a = try Parameter(Tensor(3, dtype: .float64))
    let square = try a.value * a.value
    let loss = try square * 2
    let gradients = try gradient(of: loss, wrt: [a, square, loss, a])
    #expect(try gradients.values.map { try $0.item() } == [12, 2, 1, 12])
  }

  @Test("detach and noGrad cut")
  func cuts() throws {
    let a = try Parameter(Tensor([3], dtype: .float64))
    let loss = try (a.value * a.value.detach()).sum()
    #expect(try gradient(of: loss, wrt: [a])[0].toDoubles() == [3])
    #expect(try !noGrad { try a.value * 2 }.isRecorded)
    #expect(try (a.value * 2).isRecorded)
  }

  @Test("without createGraph the gradient is a constant")
  func constantGradient() throws {
    let a = try Parameter(Tensor([3], dtype: .float64))
    let loss = try square(a.value).sum()
    #expect(try !gradient(of: loss, wrt: [a])[0].isRecorded)
    #expect(try gradient(of: loss, wrt: [a], createGraph: true)[0].isRecorded)
    #expect(try noGrad { try gradient(of: loss, wrt: [a], createGraph: true)[0].isRecorded })
  }

  @Test("nested calls give higher derivatives")
  func nested() throws {
    let x = try Tensor(2, dtype: .float64)
    let third = try gradient(at: x) { x in
      try gradient(at: x) { x in
        try gradient(at: x) { try $0 * $0 * $0 * $0 }
      }
    }
    #expect(try third.item() == 48)
  }

  @Test("a nested call differentiates what its closure captured")
  func nestedCapture() throws {
    let y = try Tensor(3, dtype: .float64)
    let mixed = try gradient(at: Tensor(2, dtype: .float64)) { x in
      try gradient(at: y) { try x * x * $0 * $0 }
    }
    #expect(try mixed.item() == 24)  // d/dx 2x²y
  }

  @Test("value and gradient come from one pass")
  func valueWithGradientReturnsBoth() throws {
    var calls = 0
    let result = try valueWithGradient(at: Tensor([1, 2], dtype: .float64)) {
      calls += 1
      return try square($0).sum()
    }
    #expect(calls == 1)
    #expect(try result.value.item() == 5)
    #expect(try result.gradient.toDoubles() == [2, 4])
  }

  @Test("the Hessian of a cubic form")
  func hessianOfCubic() throws {
    let x = try Tensor([1, 2, 3], dtype: .float64)
    let h = try hessian(at: x) { x in try (x * x * x).sum() + (x.at(0) * x.at(2)) }
    #expect(h.shape == [3, 3])
    #expect(try h.toDoubles() == [6, 0, 1, 0, 12, 0, 1, 0, 18])
    #expect(try hessian(at: x) { try $0.sum() }.toDoubles() == Array(repeating: 0, count: 9))
  }

  @Test("the Hessian in one pass equals rows one by one")
  func hessianWithTasksInside() throws {
    let x = try Tensor.randn([2, 2], seed: 3, dtype: .float64)
    let plain = try hessian(at: x) { try exp($0).sum() * $0.at(0).sum() }
    let looped = try hessian(at: x) { x in
      try exp(x).hideTasks().sum().sumOverTasks() * x.at(0).sum()
    }
    #expect(plain.shape == [2, 2, 2, 2])
    #expect(try largestDifference(plain, looped) < 1e-12)
  }

  @Test("graphs stay usable after a parameter is swapped")
  func swappedParameter() throws {
    let w = try Parameter(Tensor([2, 3], dtype: .float64))
    let loss = try square(w.value).sum()
    try w.assign(Tensor([10, 10], dtype: .float64))
    #expect(try gradient(of: loss, wrt: [w])[0].toDoubles() == [4, 6])
    #expect(throws: TensorError.self) { try w.assign(Tensor([1, 2, 3], dtype: .float64)) }
  }

  @Test("a replaced parameter computes with its replacement")
  func replacement() throws {
    let w = try Parameter(Tensor([2, 3], dtype: .float64))
    w.replacement = try w.tensor * 10
    defer { w.replacement = nil }
    #expect(try gradient(of: square(w.value).sum(), wrt: [w])[0].toDoubles() == [400, 600])
  }

  @Test("integers are never recorded")
  func integers() throws {
    let x = try Parameter(Tensor([1.5, 2]))
    #expect(try !x.value.greater(1).isRecorded)
    #expect(try !x.value.cast(to: .int64).isRecorded)
    #expect(throws: TensorError.self) { try Parameter(Tensor([1, 2] as [Int])) }
    #expect(throws: TensorError.self) { try gradient(at: Tensor([1] as [Int])) { $0 } }
  }

  @Test("graphs of one parameter are differentiated on several threads")
  func severalThreads() throws {
    let w = try Parameter(Tensor.randn([20, 20], seed: 1, dtype: .float64))
    let shared = try tanh(w.value)
    @Sendable func slope(_ seed: Int) throws -> [Double] {
      let x = try Tensor.randn([5, 20], seed: UInt64(seed), dtype: .float64)
      return try gradient(of: square(matmul(x, shared)).sum(), wrt: [w])[0].toDoubles()
    }
    let expected = try (0..<32).map(slope)
    let found = Mutex(Array(repeating: [Double](), count: 32))
    ThreadPool.run(units: 32) { unit in
      let result = (try? slope(unit)) ?? []
      found.withLock { $0[unit] = result }
    }
    #expect(found.withLock { $0 } == expected)
  }
}
