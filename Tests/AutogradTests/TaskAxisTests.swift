import ArrayCore
import Autograd
import TestSupport
import Testing

@Suite("the hidden task axis")
struct TaskAxisTests {
  @Test("shape and axis numbers do not count it")
  func shapes() throws {
    let x = try Tensor.randn([4, 2, 3], seed: 1).hideTasks()
    #expect(x.shape == [2, 3])
    #expect(x.taskCount == 4)
    #expect(try x.sum([0]).shape == [3])
    #expect(try x.transposed().shape == [3, 2])
    #expect(try x.at(0).shape == [3])
    #expect(try x.sum().taskCount == 4)
    #expect(try matmul(x, Tensor.ones([3])).shape == [2])
  }

  @Test("looking at numbers asks for a loop over tasks")
  func needsTaskLoop() throws {
    let x = try Tensor([1, 2]).hideTasks()
    for look in [{ _ = try x.item() }, { _ = try x.toDoubles() }, { _ = try x.isTrue() }] {
      let error = #expect(throws: TensorError.self) { try look() }
      #expect(error?.kind == .needsTaskLoop)
    }
    #expect(throws: TensorError.self) { try Parameter(x) }
  }

  @Test("different numbers of tasks do not mix")
  func differentCounts() throws {
    let a = try Tensor([1, 2]).hideTasks()
    let b = try Tensor([1, 2, 3]).hideTasks()
    let one = try Tensor([1]).hideTasks()
    #expect(throws: TensorError.self) { try a + b }
    #expect(throws: TensorError.self) { try a * one }
    #expect(throws: TensorError.self) { try a.withTasks(3) }
  }

  @Test("each task's gradient of a shared tensor comes back by itself")
  func perTaskGradient() throws {
    let w = try Parameter(Tensor([1, 2], dtype: .float64))
    let x = try Tensor([1, 2, 3, 4], shape: [2, 2], dtype: .float64).hideTasks()
    let g = try gradient(of: (w.value * x).sum(), wrt: [w])[0]
    #expect(g.taskCount == 2)
    #expect(try isClose(g, [1, 2, 3, 4]))
    let summed = try gradient(of: (w.value * x).sum().sumOverTasks(), wrt: [w])[0]
    #expect(summed.taskCount == nil)
    #expect(try isClose(summed, [4, 6]))
  }

  @Test("a loss of every task is not differentiated across tasks")
  func acrossTasks() throws {
    let w = try Parameter(Tensor([1, 2], dtype: .float64))
    let perTask = try w.value.hideTasks()
    let mixed = try perTask * perTask.sumOverTasks()
    #expect(throws: TensorError.self) { try gradient(of: mixed, wrt: [w]) }
    #expect(try gradient(of: mixed.sumOverTasks(), wrt: [w])[0].toDoubles() == [6, 6])
  }

  @Test("stacked tasks get their own gradients, in either mode")
  func stackedTasks() throws {
    let parts = try [1.0, 2, 3].map { try Parameter(Tensor([$0], dtype: .float64)) }
    let stacked = try Tensor.stackTasks(parts.map(\.value))
    let loss = try square(stacked).sum()
    let summed = try gradient(of: loss.sumOverTasks(), wrt: parts)
    #expect(try summed.values.map { try $0.item() } == [2, 4, 6])
    let own = try gradient(of: loss, wrt: parts)
    #expect(try isClose(own[1], [0, 4, 0]))
    #expect(own[1].taskCount == 3)
  }

  @Test("a MAML step in one pass equals a loop over tasks", arguments: [1, 3])
  func metaGradient(steps: Int) throws {
    let model = try SmallModel(dtype: .float64)
    let tasks = 4
    let x = try Tensor.randn([tasks, 5, 1], seed: 1, dtype: .float64)
    let y = try Tensor.randn([tasks, 5, 1], seed: 2, dtype: .float64)
    let together = try model.outerLoss(x.hideTasks(), y.hideTasks(), steps: steps)
    let batched = try gradient(of: together.meanOverTasks(), wrt: model.parameters)
    var losses: [Tensor] = []
    for task in 0..<tasks {
      losses.append(try model.outerLoss(x.at(task), y.at(task), steps: steps))
    }
    let looped = try gradient(of: stack(losses).mean(), wrt: model.parameters)
    #expect(try largestDifference(together.exposeTasks(), stack(losses)) < 1e-12)
    for (a, b) in zip(batched.values, looped.values) { #expect(try largestDifference(a, b) < 1e-12) }
  }

  @Test("the meta-gradient agrees with finite differences")
  func metaGradientByDifferences() throws {
    let model = try SmallModel(dtype: .float64, hidden: 3, activation: { try tanh($0) })
    let x = try Tensor.randn([2, 4, 1], seed: 1, dtype: .float64).hideTasks()
    let y = try Tensor.randn([2, 4, 1], seed: 2, dtype: .float64).hideTasks()
    try checkGradient(at: model.parameters.map(\.tensor)) { params in
      // The inner step differentiates by the checked tensors themselves.
      try model.outerLoss(x, y, steps: 1, from: params).meanOverTasks()
    }
  }

  @Test("no tasks at all give empty results")
  func zeroTasks() throws {
    let w = try Parameter(Tensor([1, 2], dtype: .float64))
    let x = try Tensor.zeros([0, 3, 2], dtype: .float64).hideTasks()
    let loss = try matmul(x, w.value).sum()
    #expect(loss.taskCount == 0)
    #expect(try gradient(of: loss.sumOverTasks(), wrt: [w])[0].toDoubles() == [0, 0])
    #expect(throws: TensorError.self) { try loss.meanOverTasks() }
  }
}
