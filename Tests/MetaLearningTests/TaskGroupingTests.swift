import ArrayCore
import Autograd
import MetaLearning
import NN
import OrderedCollections
import TestSupport
import Testing

/// What lets the ranks of a job share a batch: a task's numbers do not depend on the tasks beside it, and sums over tasks
/// not on their order.
@Suite("Steps are equal bit for bit however tasks are grouped")
struct TaskGroupingTests {
  enum Kind: CaseIterable {
    case mlp, wideMLP, deepMLP, conv, normalised, metaSGD, anil, firstOrder, plusPlus, implicit, reptile,
      prototypes, ridge
  }

  private func images(_ tasks: Int, _ seed: UInt64, dtype: DType) throws -> Batch {
    try Batch(
      (0..<tasks).map { task in
        func set(_ rows: Int, _ stream: UInt64) throws -> (Tensor, Tensor) {
          (
            try Tensor.randn(
              [rows, 1, 16, 16], seed: seed &* 100 &+ UInt64(task), stream: stream, dtype: dtype),
            try Tensor((0..<rows).map { ($0 + Int(seed)) % 3 }, shape: [rows])
          )
        }
        return try Task(train: set(6, 1), test: set(9, 2))
      })
  }

  private func source(_ kind: Kind, _ dtype: DType) throws -> any BatchSource {
    switch kind {
    case .conv, .plusPlus, .prototypes, .ridge:
      GeneratedBatches { try self.images(6, UInt64($0), dtype: dtype) }
    case .wideMLP, .deepMLP:
      GeneratedBatches { index in
        try Batch(
          (0..<6).map { task in
            func set(_ stream: UInt64) throws -> (Tensor, Tensor) {
              let seed = UInt64(100 * index + task)
              return (
                try Tensor.randn([40, 30], seed: seed, stream: stream, dtype: dtype),
                try Tensor.randn([40, 7], seed: seed, stream: stream + 7, dtype: dtype)
              )
            }
            return try Task(train: set(1), test: set(2))
          })
      }
    default: try Sinusoid(shots: 5, testShots: 7, seed: 3, dtype: dtype).batches(of: 6)
    }
  }

  private func learner(_ kind: Kind, _ dtype: DType) throws -> EpisodicLearner {
    let adam = try Adam(lr: 0.01)
    let mlp = try modelMLPSinusoid(hiddenSizes: [40, 40], seed: 1, dtype: dtype)
    let conv = try MetaConvModel(1, 3, hiddenSize: 4, featureSize: 4, seed: 1, dtype: dtype)
    switch kind {
    case .mlp: return try MAML(mlp, optimizer: adam, stepSize: 0.05, numAdaptationSteps: 2)
    case .firstOrder: return try FOMAML(mlp, optimizer: adam, stepSize: 0.05)
    case .metaSGD: return try MetaSGD(mlp, optimizer: adam, initStepSize: 0.05)
    case .anil:
      return try ANIL(mlp, optimizer: adam, stepSize: 0.05, adapting: ["*2.*", "*1.*"])
    case .implicit: return try IMAML(mlp, optimizer: adam, stepSize: 0.05)
    case .reptile: return try Reptile(mlp, optimizer: adam, stepSize: 0.05)
    case .wideMLP:
      return try MAML(
        MetaSequential(
          MetaLinear(30, 300, seed: 1, dtype: dtype), ReLU(), MetaLinear(300, 300, seed: 2, dtype: dtype),
          Tanh(),
          MetaLinear(300, 7, seed: 3, dtype: dtype)), optimizer: adam, stepSize: 0.01)
    case .deepMLP:
      return try MAML(
        MetaSequential(
          MetaLinear(30, 64, seed: 1, dtype: dtype), MetaLayerNorm([64], dtype: dtype), GELU(),
          MetaLinear(64, 64, seed: 2, dtype: dtype), Dropout(0.2, seed: 3), Sigmoid(),
          MetaLinear(64, 7, seed: 3, dtype: dtype)),
        optimizer: adam, stepSize: 0.01)
    case .conv: return try MAML(conv, optimizer: adam, stepSize: 0.05)
    case .plusPlus:
      return try MAMLPlusPlus(
        conv, optimizer: adam, stepSize: 0.05, numAdaptationSteps: 2, multiStepIterations: 3,
        perStepStatistics: true)
    case .prototypes: return try PrototypicalNetworks(conv, optimizer: adam, ways: 3)
    case .ridge: return try R2D2(conv, optimizer: adam, ways: 3)
    case .normalised:
      let model = try MetaSequential(
        MetaLinear(1, 8, seed: 1, dtype: dtype), MetaBatchNorm1d(8, dtype: dtype), GELU(),
        MetaLinear(8, 8, seed: 2, dtype: dtype), MetaLayerNorm([8], dtype: dtype), ELU(),
        MetaLinear(8, 1, seed: 3, dtype: dtype))
      return try MAML(model, optimizer: adam, stepSize: 0.05)
    }
  }

  private func trained(_ kind: Kind, _ dtype: DType, _ strategy: Strategy) throws -> (
    losses: [Double], values: [[Double]]
  ) {
    let learner = try learner(kind, dtype)
    learner.strategy = strategy
    try learner.train(source(kind, dtype), maxBatches: 5)
    return (learner.history.losses, try learner.learnedParameters.values.map { try $0.tensor.toDoubles() })
  }

  @Test("one, two, four or all tasks at once", arguments: Kind.allCases, [DType.float32, .float64])
  func sizes(kind: Kind, dtype: DType) throws {
    let expected = try trained(kind, dtype, .batched)
    for strategy in [Strategy.chunked(1), .chunked(2), .chunked(4)] {
      let found = try trained(kind, dtype, strategy)
      #expect(found.losses == expected.losses, "\(strategy)")
      #expect(found.values == expected.values, "\(strategy)")
    }
  }

  /// A convolution's way of computing, and the parts of its sums, depend on the sizes.
  @Test(
    "of images of many sizes, and models of many widths",
    arguments: [(3, 20), (4, 28), (8, 28), (12, 36), (16, 84), (32, 28), (40, 32)])
  func images(hiddenSize: Int, pixels: Int) throws {
    let batch = try Batch(
      (0..<3).map { task in
        func set(_ rows: Int, _ stream: UInt64) throws -> (Tensor, Tensor) {
          (
            try Tensor.randn([rows, 1, pixels, pixels], seed: UInt64(task), stream: stream),
            try Tensor((0..<rows).map { $0 % 5 }, shape: [rows])
          )
        }
        return try Task(train: set(5, 1), test: set(9, 2))
      })
    func trained(_ strategy: Strategy) throws -> [[Double]] {
      let side = pixels / 16
      let model = try MetaConvModel(
        1, 5, hiddenSize: hiddenSize, featureSize: hiddenSize * side * side, seed: 1)
      let learner = try MAML(model, optimizer: Adam(lr: 0.01), stepSize: 0.1)
      learner.strategy = strategy
      try learner.train([batch], maxBatches: 1)
      return try [learner.history.losses] + learner.learnedParameters.values.map { try $0.tensor.toDoubles() }
    }
    let expected = try trained(.batched)
    for strategy in [Strategy.chunked(1), .chunked(2), .looped] {
      #expect(try trained(strategy) == expected, "\(strategy)")
    }
  }
}
