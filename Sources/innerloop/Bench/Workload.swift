import ArrayCore
import Autograd
import MetaLearning
import NN

/// A fixed piece of meta-training that is timed: one step is a whole meta-update (the inner loop of every task, the outer
/// loss, its gradient through the inner loop, and the Adam update). Data is random and ready in memory.
enum Workload: String, CaseIterable {
  case sinusoid, sinusoid5, omniglot, omniglot20, mini, mldg, adapt
  case omniglotFirstOrder = "omniglot-fo"

  /// Makes the learner and its data.
  func prepared(_ size: WorkSize = WorkSize()) throws -> PreparedWork {
    switch self {
    case .sinusoid: try Self.regression(steps: 1, size)
    case .sinusoid5: try Self.regression(steps: 5, size)
    case .omniglot: try Self.images(ImageWork(tasks: 4, steps: 1, stepSize: 0.4), size)
    case .omniglotFirstOrder:
      try Self.images(ImageWork(tasks: 4, steps: 1, stepSize: 0.4, firstOrder: true), size)
    case .omniglot20:
      try Self.images(ImageWork(tasks: 2, ways: 20, shots: 1, test: 100, steps: 5, stepSize: 0.1), size)
    case .mini:
      try Self.images(
        ImageWork(tasks: 2, steps: 5, stepSize: 0.01, channels: 3, size: 84, hidden: 32, features: 800), size)
    case .mldg: try Self.domains()
    case .adapt: try Self.adaptation()
    }
  }

  /// Whether its sizes may be chosen.
  var isScalable: Bool { self != .mldg && self != .adapt }

  var summary: String {
    switch self {
    case .sinusoid: "MLP 1-40-40-1, 25 tasks of 10 + 15 samples, 1 inner step, second order"
    case .sinusoid5: "the same with 5 inner steps"
    case .omniglot: "4 convolutions of 64, 28×28, 4 tasks, 5-way 1-shot, 75 query images, second order"
    case .omniglotFirstOrder: "the same, first order"
    case .omniglot20: "2 tasks, 20-way 1-shot, 100 query images, 5 inner steps, second order"
    case .mini: "4 convolutions of 32, 84×84×3, 2 tasks, 5-way 1-shot, 5 inner steps, second order"
    case .adapt: "no training: adapting the sinusoid model to one task of 10 samples in 1 step"
    case .mldg: "MLDG, MLP 784-256-10, 5 domains of 64, one held out at each step, second order"
    }
  }
}

/// Sizes to use in place of a workload's own.
struct WorkSize {
  var tasks: Int?
  /// Inner steps.
  var steps: Int?
  /// Training samples of a task, or of each of its classes.
  var shots: Int?
  /// Whether inner steps are computed again instead of being kept.
  var recompute = false

  /// Whether anything differs from the workload's own.
  var isOwn: Bool { tasks == nil && steps == nil && shots == nil && !recompute }
}

/// A workload with its data in memory.
struct PreparedWork {
  /// Does one step and returns its loss.
  let step: () throws -> Double
  /// Where the time of a step goes, over so many steps.
  let profile: (_ repeats: Int) throws -> OperationProfile
}

/// The sizes of an image workload.
private struct ImageWork {
  var tasks: Int
  var ways = 5
  var shots = 1
  var test = 75
  var steps: Int
  var stepSize: Double
  var firstOrder = false
  var channels = 1
  var size = 28
  var hidden = 64
  var features = 64
}

extension Workload {
  private static func regression(steps: Int, _ size: WorkSize) throws -> PreparedWork {
    let tasks = try (0..<(size.tasks ?? 25)).map { task in
      let stream = UInt64(task)
      func samples(_ count: Int, seed: UInt64) throws -> (Tensor, Tensor) {
        let inputs = try Tensor.rand([count, 1], seed: seed, stream: stream) * 10.0 - 5.0
        return (inputs, try Tensor.randn([count, 1], seed: seed + 1, stream: stream))
      }
      return try MetaLearning.Task(
        train: try samples(size.shots ?? 10, seed: 1), test: try samples(15, seed: 3))
    }
    let maml = try MAML(
      modelMLPSinusoid(), optimizer: Adam(lr: 0.001), stepSize: 0.01,
      numAdaptationSteps: size.steps ?? steps, recompute: size.recompute)
    return try endless(maml, Batch(tasks))
  }

  private static func adaptation() throws -> PreparedWork {
    let task = try Sinusoid(shots: 10, testShots: 15)[0]
    let maml = try MAML(modelMLPSinusoid(), optimizer: Adam(lr: 0.001), stepSize: 0.01)
    return PreparedWork(
      step: { try maml.adapt(task).innerLosses[0] }, profile: { try maml.profile(Batch([task]), repeats: $0) }
    )
  }

  private static func images(_ work: ImageWork, _ size: WorkSize) throws -> PreparedWork {
    let shots = size.shots ?? work.shots
    let tasks = try (0..<(size.tasks ?? work.tasks)).map { task in
      func samples(_ count: Int, seed: UInt64) throws -> (Tensor, Tensor) {
        let shape = try Shape([count, work.channels, work.size, work.size])
        let labels = try Tensor((0..<count).map { $0 % work.ways }, shape: [count])
        return (try Tensor.randn(shape, seed: seed, stream: UInt64(task)), labels)
      }
      return try MetaLearning.Task(
        train: try samples(work.ways * shots, seed: 1), test: try samples(work.test, seed: 2))
    }
    let model = try MetaConvModel(
      work.channels, work.ways, hiddenSize: work.hidden, featureSize: work.features)
    let maml = try MAML(
      model, optimizer: Adam(lr: 0.001), stepSize: work.stepSize,
      numAdaptationSteps: size.steps ?? work.steps, firstOrder: work.firstOrder, recompute: size.recompute)
    return try endless(maml, Batch(tasks))
  }

  private static func endless(_ maml: MAML, _ batch: Batch) throws -> PreparedWork {
    let steps = maml.trainIter(GeneratedBatches { _ in batch }, maxBatches: .max)
    return PreparedWork(
      step: { try steps.next()?.meanOuterLoss ?? .nan }, profile: { try maml.profile(batch, repeats: $0) })
  }

  private static func domains() throws -> PreparedWork {
    let count = 64
    let domains = try (0..<5).map { domain in
      let labels = try (Tensor.rand([count], seed: 2, stream: UInt64(domain)) * 10.0).toDoubles().map {
        Int($0)
      }
      let images = try Tensor.randn([count, 784], seed: 1, stream: UInt64(domain))
      return ("\(domain)", try Samples(images, try Tensor(labels, shape: [count])))
    }
    let mldg = try MLDG(
      MetaMLPModel(784, 10, hiddenSizes: [256]), optimizer: Adam(lr: 0.001), stepSize: 0.1, beta: 1,
      selection: .cyclic)
    let all = try Domains(.init(uniqueKeysWithValues: domains))
    let steps = mldg.trainIter(all, maxBatches: .max)
    return PreparedWork(
      step: { try steps.next()?.loss.item() ?? .nan }, profile: { try mldg.profile(all, repeats: $0) })
  }
}
