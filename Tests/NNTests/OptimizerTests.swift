import ArrayCore
import Autograd
import Foundation
import NN
import TestSupport
import Testing

@Suite("Optimizers")
struct OptimizerTests {
  private let slopes: [[Double]] = [[0.5, -2], [0.25, 1], [-3, 0.125], [1, 1]]

  private func run(_ optimizer: Optimizer, _ dtype: DType) throws -> [Double] {
    let parameter = try Parameter(Tensor([1, -1], shape: [2], dtype: dtype))
    for slope in slopes {
      try optimizer.step([parameter], gradients: [Tensor(slope, shape: [2], dtype: dtype)])
    }
    return try parameter.tensor.toDoubles()
  }

  @Test("Adam follows PyTorch's formula", arguments: [0, 0.1])
  func adam(weightDecay: Double) throws {
    var (theta, m, v) = ([1.0, -1.0], [0.0, 0.0], [0.0, 0.0])
    for (step, slope) in slopes.enumerated() {
      for i in 0..<2 {
        let g = slope[i] + weightDecay * theta[i]
        m[i] = 0.8 * m[i] + 0.2 * g
        v[i] = 0.99 * v[i] + 0.01 * g * g
        let first = m[i] / (1 - pow(0.8, Double(step + 1)))
        let second = v[i] / (1 - pow(0.99, Double(step + 1)))
        theta[i] -= 0.05 * first / (second.squareRoot() + 1e-6)
      }
    }
    let adam = { try Adam(lr: 0.05, betas: (0.8, 0.99), eps: 1e-6, weightDecay: weightDecay) }
    #expect(largestDifference(try run(adam(), .float64), theta) < 1e-12)
    #expect(largestDifference(try run(adam(), .float32), theta) < 1e-5)
  }

  @Test("SGD follows PyTorch's formula", arguments: [false, true])
  func momentum(nesterov: Bool) throws {
    var (theta, buffer) = ([1.0, -1.0], [0.0, 0.0])
    for (step, slope) in slopes.enumerated() {
      for i in 0..<2 {
        let g = slope[i] + 0.1 * theta[i]
        buffer[i] = step == 0 ? g : 0.9 * buffer[i] + g
        theta[i] -= 0.05 * (nesterov ? g + 0.9 * buffer[i] : buffer[i])
      }
    }
    let sgd = try SGD(lr: 0.05, momentum: 0.9, weightDecay: 0.1, nesterov: nesterov)
    #expect(largestDifference(try run(sgd, .float64), theta) < 1e-12)
    #expect(largestDifference(try run(SGD(lr: 0.5), .float64), [1 + 0.625, -1 - 0.0625]) < 1e-12)
  }

  @Test("AdamW gives PyTorch's numbers, also from a copy")
  func adamW() throws {
    let w = try Parameter(Tensor([1, -2, 3], shape: [3], dtype: .float64))
    let optimizer = try AdamW(lr: 0.1, weightDecay: 0.2)
    for step in 0..<3 {
      let loss = try pow(w.value - 0.5, 3).sum()
      try (step == 2 ? optimizer.copy() : optimizer).step([w], loss: loss)
    }
    #expect(try isClose(w.tensor, [0.6649939725478203, -2.176767990819884, 2.5316147134000624], 1e-9))
  }

  @Test("gradients are clipped to a norm over all parameters")
  func clipping() throws {
    let w = try Parameter(Tensor([1, -2, 3], shape: [3], dtype: .float64))
    let v = try Parameter(Tensor([4], shape: [1], dtype: .float64))
    let optimizer = try SGD(lr: 0.1)
    optimizer.maxGradNorm = 1.5
    for _ in 0..<2 { try optimizer.step([w, v], loss: square(w.value).sum() + square(v.value).sum()) }
    // PyTorch adds 1e-6 to the norm.
    #expect(try isClose(w.tensor, [0.9452277493198761, -1.8904554986397522, 2.835683247959628], 1e-6))
    #expect(try isClose(v.tensor, [3.7809109972795043], 1e-6))
    optimizer.maxGradNorm = 100
    try optimizer.step([v], gradients: [Tensor([1], shape: [1], dtype: .float64)])
    #expect(try isClose(v.tensor, [3.7809109972795043 - 0.1], 1e-6))
  }

  @Test("a schedule sees the number of steps taken")
  func schedule() throws {
    let sgd = try SGD(lr: .schedule { $0 == 2 ? 1 : 0 })
    #expect(try run(sgd, .float64) == [4, -1.125])
    #expect(sgd.stepCount == 4)
  }

  @Test("schedules are their formulas, at their ends as well")
  func schedules() throws {
    let cosine = try CosineSchedule(from: 0.1, to: 0.02, over: 8)
    for n in 0...8 {
      let expected = 0.02 + 0.04 * (1 + cos(Double.pi * Double(n) / 8))
      #expect(abs(cosine(n) - expected) < 1e-15)
    }
    #expect(cosine(0) == 0.1 && cosine(8) == 0.02 && cosine(.max) == 0.02)
    let step = try StepSchedule(from: 2, factor: 0.5, every: 3)
    #expect((0..<8).map { step($0) } == [2, 2, 2, 1, 1, 1, 0.5, 0.5])
    #expect(step(.max) == 0)
    let warm = try LinearWarmUp(over: 4, then: LearningRate(step))
    #expect(try (0..<8).map { try warm($0) } == [0.5, 1, 1.5, 2, 2, 2, 2, 1])
    #expect(try LinearWarmUp(over: 2, then: 0.5)(0) == 0.25)
    #expect(throws: NNError.self) { try CosineSchedule(from: -1, over: 3) }
    #expect(throws: NNError.self) { try CosineSchedule(from: 1, to: .nan, over: 3) }
    #expect(throws: NNError.self) { try CosineSchedule(from: 1, over: 0) }
    #expect(throws: NNError.self) { try StepSchedule(from: 1, every: 0) }
    #expect(throws: NNError.self) { try StepSchedule(from: 1, factor: -2, every: 1) }
    #expect(throws: NNError.self) { try LinearWarmUp(over: 0, then: 1) }
    #expect(throws: NNError.self) { try LinearWarmUp(over: 1, then: -1) }
  }

  @Test("an optimizer takes its rate from a schedule, and from where a saved state ended")
  func scheduled() throws {
    let rates = try StepSchedule(from: 1, factor: 0.5, every: 2)
    let parameter = try Parameter(Tensor([0], shape: [1], dtype: .float64))
    func step(_ optimizer: Optimizer) throws -> Double {
      let before = try parameter.tensor.item()
      try optimizer.step([parameter], gradients: [Tensor([-1], shape: [1], dtype: .float64)])
      return try parameter.tensor.item() - before
    }
    let sgd = try SGD(lr: LearningRate(rates))
    #expect(try (0..<3).map { _ in try step(sgd) } == [1, 1, 0.5])
    let other = try SGD(lr: LearningRate(rates))
    try other.load(state: sgd.state(for: ["p": parameter]), for: ["p": parameter])
    #expect(try (0..<2).map { _ in try step(other) } == [0.5, 0.25])
  }

  @Test("a step that throws changes nothing")
  func whole() throws {
    let model = try MetaLinear(2, 1)
    let before = try model.weight.tensor.toDoubles()
    let adam = try Adam()
    let ones = try Tensor.ones([1, 2])
    #expect(throws: NNError.self) { try adam.step(model, gradients: ["weight": ones, "bias": ones]) }
    #expect(throws: NNError.self) { try adam.step(model, gradients: ["weights": ones]) }
    #expect(try model.weight.tensor.toDoubles() == before)
    #expect(adam.stepCount == 0)
    try adam.step(model, gradients: ["weight": ones])
    #expect(try model.weight.tensor.toDoubles() != before)
  }

  @Test("copies and saved states go on as the original")
  func state() throws {
    let parameter = try Parameter(Tensor([1, -1], shape: [2], dtype: .float64))
    let adam = try Adam(lr: 0.1)
    func step(_ optimizer: Optimizer) throws {
      try optimizer.step([parameter], gradients: [Tensor([1, 2], shape: [2], dtype: .float64)])
    }
    try step(adam)
    let middle = parameter.tensor
    let copy = adam.copy()
    let saved = try adam.state(for: ["p": parameter])
    try step(adam)
    let expected = try parameter.tensor.toDoubles()
    try parameter.assign(middle)
    try step(copy)
    #expect(try parameter.tensor.toDoubles() == expected)
    try parameter.assign(middle)
    let fresh = try Adam(lr: 0.1)
    try fresh.load(state: saved, for: ["p": parameter])
    try step(fresh)
    #expect(try parameter.tensor.toDoubles() == expected)
    #expect(throws: NNError.self) { try fresh.load(state: [:], for: ["p": parameter]) }
  }

  @Test("a loss is differentiated; what it does not reach stays")
  func loss() throws {
    let model = try MetaSequential(MetaLinear(1, 1), MetaLinear(1, 1))
    let before = try #require(model.namedParameters()["1.weight"]).tensor.toDoubles()
    let layer = model.modules[0]
    try SGD(lr: 0.1, weightDecay: 0.5).step(model, loss: layer(Tensor.ones([1, 1])).sum())
    #expect(try #require(model.namedParameters()["1.weight"]).tensor.toDoubles() == before)
  }

  @Test("settings out of range are refused")
  func settings() {
    #expect(throws: NNError.self) { try Adam(lr: -1) }
    #expect(throws: NNError.self) { try Adam(betas: (1, 0.9)) }
    #expect(throws: NNError.self) { try SGD(lr: 0.1, nesterov: true) }
  }
}
