import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Ridge regression and R2-D2")
struct R2D2Tests {
  private func random(_ shape: Shape, _ stream: UInt64) throws -> Tensor {
    try Tensor(NDArray.normal(shape, key: RandomKey(seed: 3, stream: stream), .float64))
  }

  private func exact(_ task: Task) throws -> Task {
    func cast(_ samples: Samples) throws -> (Tensor, Tensor) {
      (try samples.inputs.cast(to: .float64), try samples.targets.cast(to: .float64))
    }
    return try Task(train: cast(task.train), test: task.test.map(cast))
  }

  private func sinusoids(_ numbers: Range<Int>, _ split: MetaSplit = .train) throws -> Batch {
    let tasks = try Sinusoid(shots: 6, testShots: 8, metaSplit: split, seed: 2)
    return try Batch(numbers.map { try exact(tasks[$0]) })
  }

  @Test(
    "the solution makes the penalised squares least, by either form",
    arguments: [(4, 6), (6, 4), (5, 5)], [(true, true), (false, true), (true, false)])
  func least(sizes: (Int, Int), options: (scale: Bool, bias: Bool)) throws {
    let (x, y) = (try random([sizes.0, sizes.1], 1), try random([sizes.0, 2], 2))
    let lambda = try Tensor(0.3, dtype: .float64)
    let found = try [nil, true, false].map { woodbury in
      try ridgeRegression(
        x, y, lambda, useWoodbury: woodbury, scale: options.scale, bias: options.bias)
    }
    for other in found.dropFirst() {
      #expect(try isClose(other.weight, found[0].weight.toDoubles(), 1e-9))
      #expect(try other.bias?.toDoubles().count == (options.bias ? 2 : nil))
    }
    // The objective's gradient is zero there.
    let w = try Parameter(found[0].weight)
    let b = try Parameter(found[0].bias ?? Tensor.zeros([2], dtype: .float64))
    let share = options.scale ? 1 / Double(sizes.0) : 1
    let misfit = try square(linear(x, w.value, options.bias ? b.value : nil) - y).sum() * share
    let objective = try misfit + (square(w.value).sum() + square(b.value).sum()) * lambda
    for slope in try gradient(of: objective, wrt: [w, b]).values {
      #expect(try slope.toDoubles().allSatisfy { abs($0) < 1e-9 })
    }
  }

  @Test("labels are rows with a one")
  func labels() throws {
    let x = try random([4, 3], 1)
    let (labels, lambda) = (try Tensor([0, 2, 1, 0] as [Int]), try Tensor(0.5, dtype: .float64))
    let byLabels = try ridgeRegression(x, labels, lambda, numClasses: 3)
    let byRows = try ridgeRegression(x, Tensor.oneHot(labels, 3, dtype: .float64), lambda)
    #expect(try byLabels.weight.toDoubles() == byRows.weight.toDoubles())
    #expect(try ridgeRegression(x, labels, lambda).weight.shape == [3, 3])
    #expect(try byLabels(x).shape == [4, 3])
  }

  @Test("derivatives of first and second order agree with differences", arguments: [true, false])
  func derivatives(woodbury: Bool) throws {
    try checkGradient(at: [random([3, 2], 1), random([3, 2], 2), Tensor([0.7], dtype: .float64)]) { values in
      let layer = try ridgeRegression(values[0], values[1], values[2], useWoodbury: woodbury)
      let bias = try #require(layer.bias)
      return try square(layer(values[0] * 0.5)).sum() + bias.sum()
    }
  }

  @Test("what cannot be fitted is refused with its reason")
  func refusals() throws {
    let (x, one) = (try random([3, 2], 1), try Tensor(1, dtype: .float64))
    func reason(_ y: Tensor, of x: Tensor, _ lambda: Tensor? = nil) -> String {
      let error = #expect(throws: (any Error).self) { try ridgeRegression(x, y, lambda ?? one) }
      return error.map { "\($0)" } ?? ""
    }
    #expect(try reason(random([2, 2], 1), of: x).contains("different numbers of samples"))
    #expect(try reason(random([3], 1), of: x).contains("must be [N, outputs]"))
    #expect(try reason(Tensor([0, 1, 1, 0, 1, 0] as [Int], shape: [3, 2]), of: x).contains("must be [N]"))
    #expect(try reason(random([3, 1], 1), of: x, random([2], 1)).contains("one number"))
    #expect(try reason(random([0, 1], 1), of: random([0, 2], 1)).contains("no samples"))
    let zeros = try Tensor.zeros([3, 2], dtype: .float64)
    #expect(try reason(random([3, 1], 1), of: zeros, Tensor(0, dtype: .float64)).contains("singular"))
    #expect(throws: LearningError.self) { try R2D2(Linear(1, 2), initRegularization: 0) }
    #expect(throws: LearningError.self) { try R2D2(Linear(1, 2), ways: 0) }
  }

  private func learner(_ optimizer: Optimizer? = nil) throws -> R2D2 {
    try R2D2(
      MetaMLPModel(1, 6, hiddenSizes: [12], seed: 1).to(.float64), optimizer: optimizer,
      initRegularization: 0.5)
  }

  @Test("the outer loss is the formula, and its gradient the slope of it for all that is learned")
  func formula() throws {
    let r2d2 = try learner()
    try r2d2.scale.assign(Tensor(1.3, dtype: .float64))
    try r2d2.bias.assign(Tensor(-0.2, dtype: .float64))
    let batch = try sinusoids(0..<3)
    let outer = try r2d2.outerLoss(batch)
    let losses = try batch.tasks.map { task in
      let layer = try ridgeRegression(
        r2d2.model(task.train.inputs), task.train.targets, Tensor(0.5, dtype: .float64), scale: false)
      let test = try #require(task.test)
      return try mse(layer(r2d2.model(test.inputs)) * 1.3 - 0.2, test.targets).item()
    }
    #expect(largestDifference(outer.outerLosses, losses) < 1e-10)
    let gradients = try outer.gradients
    #expect(Array(gradients.keys.suffix(3)) == ["head.scale", "head.bias", "head.logRegularization"])
    for (index, (name, parameter)) in r2d2.learnedParameters.enumerated() {
      let start = parameter.tensor
      let direction = try random(start.shape, 50 + UInt64(index))
      func shifted(_ size: Double) throws -> Double {
        try parameter.assign(start + direction * size)
        return try r2d2.outerLoss(batch).loss.item()
      }
      let slope = try (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      try parameter.assign(start)
      let analytic = try (#require(gradients[name]) * direction).sum().item()
      #expect(abs(slope - analytic) < 1e-6 * max(1, abs(analytic)), "\(name)")
    }
  }

  @Test("it learns sine curves, with tasks together and one by one alike")
  func learns() throws {
    let results = try [Strategy.automatic, .looped, .chunked(3)].map { strategy -> [Double] in
      let r2d2 = try learner(Adam(lr: 0.01))
      r2d2.strategy = strategy
      let tests = try [sinusoids(0..<20, .test)]
      let before = try r2d2.evaluate(tests).losses[0]
      try r2d2.train((0..<150).map { try sinusoids(4 * $0..<4 * $0 + 4) }, maxBatches: 150)
      let after = try r2d2.evaluate(tests).losses[0]
      #expect(after < 0.7 * before)
      #expect(try r2d2.regularization.item() != 0.5)
      return r2d2.history.losses
    }
    for other in results.dropFirst() { #expect(largestDifference(results[0], other) < 1e-9) }
  }

  @Test("adapting gives the layer of the task and its quality on both sets")
  func adapts() throws {
    let r2d2 = try learner()
    let task = try #require(sinusoids(0..<1).tasks.first)
    let adapted = try r2d2.adapt(task)
    #expect(adapted.params.map { "\($0.key) \($0.value.shape)" } == ["weight [1, 6]", "bias [1]"])
    #expect(try adapted.table.testLosses == r2d2.outerLoss(Batch([task])).outerLosses)
    #expect(try adapted.table.steps == [0] && adapted.table.trainLosses.count == 1)
    let slopes = try gradient(
      of: #require(adapted.params["weight"]).sum(), wrt: Array(r2d2.learnedParameters.values))
    // The scale and the bias come after the layer.
    #expect(slopes.unreached == [4, 5])
    #expect(try r2d2.adapt(Task(train: task.train, test: nil)).table.testLosses == nil)
  }
}
