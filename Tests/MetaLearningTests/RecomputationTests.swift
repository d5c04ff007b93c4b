import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

@Suite("Recomputed inner steps")
struct RecomputationTests {
  enum Kind: CaseIterable { case mlp, dropout, plainParts, metaSGD, learnedRate, partlyAdapted }

  private func learner(_ kind: Kind, recompute: Bool) throws -> MAML {
    let dtype = DType.float64
    let mlp = try modelMLPSinusoid(hiddenSizes: [8, 8], seed: 1, dtype: dtype)
    switch kind {
    case .mlp: return try MAML(mlp, stepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
    case .metaSGD:
      return try MetaSGD(mlp, initStepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
    case .learnedRate:
      return try MAML(
        mlp, stepSize: 0.05, numAdaptationSteps: 3, learnStepSize: true, perParamStepSize: true,
        recompute: recompute)
    case .partlyAdapted:
      return try ANIL(mlp, stepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
    case .dropout:
      let model = try MetaSequential(
        MetaLinear(1, 16, seed: 1, dtype: dtype), Tanh(), Dropout(0.3, seed: 4),
        MetaLinear(16, 1, seed: 2, dtype: dtype))
      return try MAML(model, stepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
    case .plainParts:
      let model = try MetaSequential(
        Linear(1, 16, seed: 1, dtype: dtype), BatchNorm1d(16, dtype: dtype), Tanh(),
        MetaLinear(16, 1, seed: 2, dtype: dtype))
      return try MAML(model, stepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
    }
  }

  @Test("give the losses and meta-gradients of stored ones", arguments: Kind.allCases)
  func gradients(kind: Kind) throws {
    let batch = try Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: .float64).batch(4)
    for strategy in [Strategy.batched, .looped] {
      let (stored, recomputed) = (
        try learner(kind, recompute: false), try learner(kind, recompute: true)
      )
      for one in [stored, recomputed] { one.strategy = strategy }
      let (a, b) = (try stored.outerLoss(batch), try recomputed.outerLoss(batch))
      #expect(a.outerLosses == b.outerLosses && a.innerLosses == b.innerLosses && a.notes == b.notes)
      let (g, h) = (try a.gradients, try b.gradients)
      #expect(g.keys == h.keys)
      for (x, y) in zip(g.values, h.values) { #expect(try largestDifference(x, y) <= 1e-12) }
    }
  }

  @Test("train as stored ones do")
  func training() throws {
    func trained(_ recompute: Bool) throws -> History {
      let maml = try MAML(
        modelMLPSinusoid(hiddenSizes: [8], seed: 1, dtype: .float64), optimizer: Adam(lr: 0.01),
        stepSize: 0.05, numAdaptationSteps: 3, recompute: recompute)
      let tasks = try Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: .float64)
      return try maml.train(tasks.batches(of: 4), maxBatches: 6)
    }
    #expect(try largestDifference(trained(true).losses, trained(false).losses) <= 1e-10)
  }

  @Test("need memory that hardly grows with their number, where stored ones' grows linearly")
  func memory() async throws {
    await #expect(processExitsWith: .success) { () async throws in
      func peak(steps: Int, recompute: Bool) throws -> Double {
        let maml = try MAML(
          MetaSequential(
            MetaConv2d(1, 8, kernelSize: 3, padding: 1, seed: 1), Tanh(), AvgPool2d(8), Flatten(),
            MetaLinear(128, 2, seed: 2)),
          stepSize: 0.01, numAdaptationSteps: steps, recompute: recompute)
        let x = try Tensor.randn([10, 1, 32, 32], seed: 1)
        let y = try Tensor((0..<10).map { $0 % 2 }, shape: [10])
        let batch = try Batch([Task(train: (x, y), test: (x, y))])
        MemoryStatistics.resetPeak()
        let before = MemoryStatistics.bytesInUse
        _ = try maml.outerLoss(batch).gradients
        return Double(MemoryStatistics.peakBytesInUse - before)
      }
      let (stored, recomputed) = (
        try [2, 10, 20].map { try peak(steps: $0, recompute: false) },
        try [2, 10, 20].map { try peak(steps: $0, recompute: true) }
      )
      #expect(stored[2] > 5 * stored[0])
      #expect((stored[2] - stored[1]) / (stored[1] - stored[0]) < 1.4)
      #expect(recomputed[2] < 1.2 * recomputed[0])
    }
  }
}
