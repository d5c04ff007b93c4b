import ArrayCore
import Autograd
import MetaLearning
import NN
import Testing

@Suite("Loss landscapes")
struct LossLandscapeTests {
  private func model() throws -> Module { try MetaMLPModel(1, 1, hiddenSizes: [8, 8], seed: 1).to(.float64) }

  private func tasks() throws -> [MetaLearning.Task] {
    let tasks = try Sinusoid(shots: 5, testShots: 7, seed: 1)
    func doubled(_ samples: Samples) throws -> Samples {
      try Samples(samples.inputs.cast(to: .float64), samples.targets.cast(to: .float64))
    }
    return try (0..<2).map { index in
      let task = try tasks[index]
      return Task(train: try doubled(task.train), test: try task.test.map(doubled))
    }
  }

  private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }

  @Test("the middle and the steps have the losses of the adaptation's table", arguments: [1, 2], [1, 4])
  func middle(_ count: Int, _ steps: Int) throws {
    let learner = try MAML(model(), stepSize: 0.05, numAdaptationSteps: steps)
    let chosen = Array(try tasks().prefix(count))
    let before = try learner.model.namedParameters().values.map { try $0.tensor.toDoubles() }
    for samples in LossLandscape.SampleSet.allCases {
      let landscape = try LossLandscape(learner, chosen, samples: samples, resolution: 9)
      #expect(landscape.x[4] == 0 && landscape.y[4] == 0 && landscape.x == landscape.y)
      for (place, task) in chosen.enumerated() {
        let table = try learner.adapt(task).table
        let expected = try #require(samples == .test ? table.testLosses : table.trainLosses)
        #expect(close(landscape.losses[place][4][4], expected[0]))
        #expect(landscape.paths[place].count == steps + 1)
        for (point, loss) in zip(landscape.paths[place], expected) { #expect(close(point.loss, loss)) }
        #expect(landscape.paths[place][0].x == 0 && landscape.paths[place][0].distance == 0)
      }
    }
    #expect(try learner.model.namedParameters().values.map { try $0.tensor.toDoubles() } == before)
  }

  @Test("the ends of two tasks lie on the plane, and a grid through an end has its loss")
  func ends() throws {
    let learner = try MAML(model(), stepSize: 0.05, numAdaptationSteps: 3)
    let first = try LossLandscape(learner, tasks(), resolution: 5)
    for path in first.paths {
      let end = try #require(path.last)
      #expect(end.distance < 1e-12 && end.x != 0)
    }
    // The end of task 1 is on the first axis: with that extent it is the last point in the middle row.
    let end = try #require(first.paths[0].last)
    #expect(abs(end.y) < 1e-12 && end.x > 0)
    let exact = try LossLandscape(learner, tasks(), resolution: 5, extent: end.x)
    #expect(close(exact.losses[0][2][4], end.loss))
    let other = try learner.adapt(tasks()[0]).params
    let test = try #require(tasks()[1].test)
    let loss = try mse(learner.model(test.inputs, params: other), test.targets).item()
    #expect(close(exact.losses[1][2][4], loss))
  }

  @Test("every grid point has the loss of the model with its parameters")
  func grid() throws {
    let model = try model()
    let learner = try MAML(model, stepSize: 0.05, numAdaptationSteps: 1)
    let task = try tasks()[0]
    let landscape = try LossLandscape(learner, [task], resolution: 3)
    // With one step, the first axis is the direction of the step.
    let adapted = try learner.adapt(task).params
    let names = Array(adapted.keys)
    let start = try names.map { try #require(model.namedParameters()[$0]).tensor.detach() }
    let moves = try zip(names, start).map { try #require(adapted[$0]).detach() - $1 }
    let length = try moves.reduce(0.0) { try $0 + square($1).sum().item() }.squareRoot()
    let params = try NamedTensors(
      uniqueKeysWithValues: zip(names, zip(start, moves).map { try $0 + $1 * (landscape.x[2] / length) }))
    let test = try #require(task.test)
    let loss = try mse(model(test.inputs, params: params), test.targets).item()
    #expect(close(landscape.losses[0][1][2], loss))
    #expect(close(landscape.x[2], 1.4 * length))
  }

  @Test("random directions have filters as long as the model's, and depend on the seed alone")
  func random() throws {
    let learner = try MAML(model(), stepSize: 0.05)
    func losses(_ seed: UInt64) throws -> [[[Double]]] {
      try LossLandscape(learner, tasks(), directions: .random, resolution: 5, extent: 1, seed: seed).losses
    }
    #expect(try losses(1) == losses(1))
    #expect(try losses(1) != losses(2))
    let table = try learner.adapt(tasks()[0]).table
    #expect(try close(losses(1)[0][2][2], #require(table.testLosses)[0]))
  }

  @Test("a model that must see one task's numbers is measured point by point")
  func single() throws {
    let model = try model()
    let loss = LossFunction.custom { prediction, target in
      let loss = try mse(prediction, target)
      return try loss.item() > 1e9 ? loss * 2 : loss
    }
    let learner = try MAML(model, stepSize: 0.05, lossFunction: loss)
    let plain = try MAML(model, stepSize: 0.05)
    let (own, other) = try (
      LossLandscape(learner, tasks(), resolution: 5), LossLandscape(plain, tasks(), resolution: 5)
    )
    for (a, b) in zip(own.losses.joined().joined(), other.losses.joined().joined()) { #expect(close(a, b)) }
  }

  @Test("images with batch normalisation, float32 and no training mode left behind")
  func images() throws {
    let model = try MetaConvModel(1, 5, hiddenSize: 4, featureSize: 4, seed: 1)
    let task = try Task(
      train: Samples(Tensor.randn([5, 1, 16, 16], seed: 1), Tensor([0, 1, 2, 3, 4] as [Int])),
      test: Samples(Tensor.randn([5, 1, 16, 16], seed: 2), Tensor([0, 1, 2, 3, 4] as [Int])))
    let learner = try MAML(model, stepSize: 0.4, numAdaptationSteps: 2)
    let landscape = try LossLandscape(learner, [task], resolution: 5)
    #expect(model.isTraining)
    let table = try learner.adapt(task).table
    #expect(try abs(landscape.losses[0][2][2] - #require(table.testLosses)[0]) < 1e-5)
    #expect(landscape.losses.joined().joined().allSatisfy { $0.isFinite })
  }

  @Test("no steps leave random directions, and progress counts every point")
  func progress() throws {
    let learner = try MAML(model(), stepSize: 0.05, numAdaptationSteps: 0)
    var seen: [Int] = []
    let landscape = try LossLandscape(learner, tasks(), resolution: 20) { done, total in
      seen.append(done)
      #expect(total == 800)
    }
    #expect(seen.last == 800 && seen.count > 2)
    #expect(landscape.paths[0].count == 1 && landscape.x.last == 1)
    struct Stop: Error {}
    #expect(throws: Stop.self) { try LossLandscape(learner, tasks()) { _, _ in throw Stop() } }
    #expect(learner.model.isTraining)
  }

  @Test("what shows no plane is refused")
  func refused() throws {
    let learner = try MAML(model(), stepSize: 0.05)
    let all = try tasks()
    #expect(throws: LearningError.self) { try LossLandscape(learner, []) }
    #expect(throws: LearningError.self) { try LossLandscape(learner, all + all) }
    #expect(throws: LearningError.self) { try LossLandscape(learner, all, resolution: 1) }
    #expect(throws: LearningError.self) { try LossLandscape(learner, all, extent: 0) }
    let trainOnly = Task(train: all[0].train, test: nil)
    #expect(throws: LearningError.self) { try LossLandscape(learner, [trainOnly]) }
    #expect(try LossLandscape(learner, [trainOnly], samples: .train, resolution: 3).losses.count == 1)
  }
}
