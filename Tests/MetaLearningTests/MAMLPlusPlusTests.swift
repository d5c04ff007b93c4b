import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("MAML++")
struct MAMLPlusPlusTests {
  private func random(_ shape: Shape, _ stream: UInt64) throws -> Tensor {
    try Tensor(NDArray.normal(shape, key: RandomKey(seed: 3, stream: stream), .float64))
  }

  private func batch(_ count: Int = 3) throws -> Batch {
    try Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: .float64).batch(count)
  }

  /// With batch normalisation before and behind an adapted layer.
  private func model() throws -> Module {
    try MetaSequential(
      MetaLinear(1, 4, seed: 1, dtype: .float64), MetaBatchNorm1d(4, dtype: .float64), Tanh(),
      MetaLinear(4, 1, seed: 2, dtype: .float64))
  }

  /// MAML++ without any of its parts, or with some.
  private func learner(
    _ model: Module? = nil, optimizer: Optimizer? = nil, steps: Int = 3, rates: Bool = false, multi: Int = 0,
    firstOrder: Int = 0, norm: Bool = false, statistics: Bool = false, recompute: Bool = false
  ) throws -> MAMLPlusPlus {
    try MAMLPlusPlus(
      model ?? self.model(), optimizer: optimizer, stepSize: 0.05, numAdaptationSteps: steps,
      learnStepSizes: rates, multiStepIterations: multi, firstOrderIterations: firstOrder,
      perStepNorm: norm, perStepStatistics: statistics, statisticsMomentum: 0.25, recompute: recompute)
  }

  @Test("without its parts it is MAML, bit for bit")
  func plain() throws {
    let maml = try MAML(model(), stepSize: 0.05, numAdaptationSteps: 3)
    let (a, b) = (try maml.outerLoss(batch()), try learner().outerLoss(batch()))
    #expect(a.outerLosses == b.outerLosses && a.innerLosses == b.innerLosses)
    let (g, h) = (try a.gradients, try b.gradients)
    #expect(g.keys == h.keys)
    for (x, y) in zip(g.values, h.values) { #expect(try x.toDoubles() == y.toDoubles()) }
  }

  @Test("each step has its own rate for each parameter")
  func rates() throws {
    let plus = try learner(steps: 2, rates: true)
    let names = Array(plus.model.metaNamedParameters().keys)
    #expect(plus.learnedParameters.keys.suffix(names.count).elementsEqual(names.map { "stepSize.\($0)" }))
    for (place, name) in names.enumerated() {
      let rate = try #require(plus.learnedParameters["stepSize.\(name)"])
      #expect(try rate.tensor.toDoubles() == [0.05, 0.05])
      try rate.assign(Tensor([0.01 * Double(place + 1), 0.1], shape: [2], dtype: .float64))
    }
    let task = try batch(1).tasks[0]
    var params: NamedTensors?
    // The third step uses the rates of the second.
    for step in 0..<3 {
      let loss = try mse(plus.model(task.train.inputs, params: params), task.train.targets)
      let sizes = try names.enumerated().map { place, name in
        (name, try Tensor(step == 0 ? 0.01 * Double(place + 1) : 0.1, dtype: .float64))
      }
      params = try gradientUpdateParameters(
        plus.model, loss, params: params,
        stepSize: .perParameter(NamedTensors(uniqueKeysWithValues: sizes)))
    }
    let adapted = try plus.adapt(task, numAdaptationSteps: 3)
    for (name, value) in adapted.params {
      #expect(try isClose(value, #require(params?[name]).toDoubles(), 1e-12), "\(name)")
    }
  }

  @Test("the outer loss weighs the losses after each step, ever less the early ones")
  func multiStep() throws {
    // A rate of zero: the parameters stay.
    let plus = try learner(optimizer: SGD(lr: 0), multi: 4)
    let tasks = try batch().tasks
    let tables = try tasks.map { try #require(plus.adapt($0).table.testLosses) }
    let after = (1...3).map { step in tables.reduce(0) { $0 + $1[step] } / 3 }
    for iteration in 0..<6 {
      let early = iteration < 4 ? (1 - Double(iteration) / 4) / 3 : 0
      let expected = early * (after[0] + after[1]) + (1 - 2 * early) * after[2]
      let outer = try plus.outerLoss(batch())
      #expect(abs(outer.meanOuterLoss - expected) < 1e-12)
      #expect(try abs(outer.loss.item() - expected) < 1e-12)
      // With another number of steps the weights are those of it.
      let two = try plus.outerLoss(batch(), numAdaptationSteps: 2).meanOuterLoss
      let half = iteration < 4 ? (1 - Double(iteration) / 4) / 2 : 0
      #expect(abs(two - (half * after[0] + (1 - half) * after[1])) < 1e-12)
      try plus.train([batch()], maxBatches: 1)
      #expect(try abs(#require(plus.history.losses.last) - expected) < 1e-12)
    }
  }

  @Test("the order of the derivative grows to two at its iteration")
  func order() throws {
    let plus = try learner(optimizer: SGD(lr: 0), firstOrder: 2)
    for iteration in 0..<4 {
      let maml = try MAML(
        plus.model, stepSize: 0.05, numAdaptationSteps: 3, firstOrder: iteration < 2)
      let expected = try maml.outerLoss(batch()).gradients
      let steps = plus.trainIter(try [batch()], maxBatches: 1)
      let outcome = try #require(try steps.next())
      for (name, value) in try outcome.gradients {
        #expect(try isClose(#require(expected[name]), value.toDoubles(), 1e-12), "\(iteration) \(name)")
      }
    }
  }

  @Test(
    "the gradient of everything together is the slope of the loss",
    arguments: [(false, Strategy.batched), (false, .looped), (true, .batched)])
  func slopes(recompute: Bool, strategy: Strategy) throws {
    let plus = try learner(steps: 2, rates: true, multi: 10, norm: true, recompute: recompute)
    plus.strategy = strategy
    let tables = plus.learnedParameters.filter { $0.key.hasPrefix("perStep.") }
    #expect(Array(tables.keys) == ["perStep.1.weight", "perStep.1.bias"])
    for (index, table) in tables.values.enumerated() {
      #expect(table.shape == [2, 4])
      try table.assign(table.tensor + random([2, 4], 90 + UInt64(index)) * 0.3)
    }
    // Batch normalisation is not adapted.
    #expect(try plus.adapt(batch().tasks[0]).params.keys.allSatisfy { !$0.hasPrefix("1.") })
    let batch = try batch(2)
    let gradients = try plus.outerLoss(batch).gradients
    for (index, (name, parameter)) in plus.learnedParameters.enumerated() {
      let start = parameter.tensor
      let direction = try random(start.shape, 50 + UInt64(index))
      func shifted(_ size: Double) throws -> Double {
        try parameter.assign(start + direction * size)
        return try plus.outerLoss(batch).loss.item()
      }
      let slope = try (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      try parameter.assign(start)
      let analytic = try (#require(gradients[name]) * direction).sum().item()
      #expect(abs(slope - analytic) < 1e-6 * max(1, abs(analytic)), "\(name)")
    }
    // What was the model's own before has no part any more; each step's own row has.
    #expect(try #require(gradients["1.weight"]).toDoubles().allSatisfy { $0 == 0 })
    for row in 0..<2 {
      #expect(try #require(gradients["perStep.1.weight"]).at(row).toDoubles().contains { $0 != 0 })
    }
  }

  @Test("a step's weights and biases of batch normalisation are used at that step")
  func normalisation() throws {
    let plus = try learner(steps: 2, norm: true)
    let (weight, bias) = (
      try #require(plus.learnedParameters["perStep.1.weight"]),
      try #require(plus.learnedParameters["perStep.1.bias"])
    )
    try weight.assign(random([2, 4], 1))
    try bias.assign(random([2, 4], 2))
    let task = try batch(1).tasks[0]
    let test = try #require(task.test)
    func loss(_ samples: Samples, _ row: Int, _ params: NamedTensors?) throws -> Tensor {
      var all = params ?? [:]
      all["1.weight"] = try weight.tensor.at(row)
      all["1.bias"] = try bias.tensor.at(row)
      return try mse(plus.model(samples.inputs, params: all), samples.targets)
    }
    var params = plus.model.metaNamedParameters().mapValues(\.value)
    params["1.weight"] = nil
    params["1.bias"] = nil
    for step in 0..<2 {
      params = try gradientUpdateParameters(
        plus.model, loss(task.train, step, params), params: params, stepSize: .scalar(0.05))
    }
    #expect(try abs(plus.outerLoss(Batch([task])).meanOuterLoss - loss(test, 1, params).item()) < 1e-12)
  }

  @Test("running statistics are those of each step's passes, and evaluation uses them")
  func statistics() throws {
    // The inputs are normalised at once, so that the statistics are theirs.
    let model = try MetaSequential(
      BatchNorm1d(1, affine: false, dtype: .float64), MetaLinear(1, 1, seed: 2, dtype: .float64))
    let plus = try learner(model, optimizer: SGD(lr: 0), steps: 1, statistics: true)
    let tasks = try batch().tasks
    func unbiased(_ x: Tensor) throws -> (mean: Double, variance: Double) {
      let numbers = try x.toDoubles()
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1))
    }
    let sets = try tasks.flatMap { [$0.train.inputs, try #require($0.test).inputs] }.map(unbiased)
    let mean = sets.reduce(0) { $0 + $1.mean } / Double(sets.count)
    let variance = sets.reduce(0) { $0 + $1.variance } / Double(sets.count)
    try plus.train([Batch(tasks)], maxBatches: 2)
    let kept = try plus.ownBuffers.map { ($0.name, try $0.buffer.tensor.toDoubles()) }
    #expect(kept.map(\.0) == ["perStep.0.mean", "perStep.0.variance"])
    // From 0 and 1, twice with a momentum of a quarter.
    #expect(largestDifference(kept[0].1, [mean * 0.4375]) < 1e-12)
    #expect(largestDifference(kept[1].1, [0.5625 + variance * 0.4375]) < 1e-12)

    let result = try plus.evaluate([Batch(tasks)])
    #expect(!result.isTransductive)
    let expected = try tasks.map { task in
      func output(_ x: Tensor, _ params: NamedTensors?) throws -> Tensor {
        let scaled = try (x - kept[0].1[0]) * (1 / (kept[1].1[0] + 1e-5).squareRoot())
        let params = params ?? model.metaNamedParameters().mapValues(\.value)
        return try linear(scaled, #require(params["1.weight"]), params["1.bias"])
      }
      let start = model.metaNamedParameters().mapValues(\.value)
      let loss = try mse(output(task.train.inputs, start), task.train.targets)
      let adapted = try gradientUpdateParameters(model, loss, params: start, stepSize: .scalar(0.05))
      let test = try #require(task.test)
      return try mse(output(test.inputs, adapted), test.targets).item()
    }
    #expect(abs(result.losses[1] - expected.reduce(0, +) / 3) < 1e-10)
    #expect(try plus.ownBuffers.map { try $0.buffer.tensor.toDoubles() } == kept.map(\.1))
  }

  @Test("tasks together, in parts and one by one train alike with all parts")
  func strategies() throws {
    let results = try [Strategy.automatic, .batched, .chunked(2), .looped].map { strategy in
      let plus = try learner(
        optimizer: Adam(lr: 0.01), rates: true, multi: 6, firstOrder: 3, norm: true, statistics: true)
      plus.strategy = strategy
      try plus.train(
        Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: .float64).batches(of: 3), maxBatches: 10)
      return try plus.history.losses + plus.ownBuffers.flatMap { try $0.buffer.tensor.toDoubles() }
    }
    for other in results.dropFirst() { #expect(largestDifference(results[0], other) < 1e-9) }
  }

  @Test("arguments that make no sense are refused")
  func refusals() throws {
    #expect(throws: LearningError.self) { try learner(steps: 0) }
    #expect(throws: LearningError.self) { try learner(multi: -1) }
    #expect(throws: LearningError.self) { try learner(firstOrder: -1) }
    #expect(throws: LearningError.self) { try MAMLPlusPlus(model(), statisticsMomentum: 1.5) }
  }
}
