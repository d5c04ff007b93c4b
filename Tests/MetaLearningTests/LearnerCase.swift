import Autograd
import MetaLearning
import NN
import Testing

/// A kind of learner over tasks, on a model with running statistics.
struct LearnerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable (_ model: Module) throws -> EpisodicLearner
  let outerLoss: @Sendable (EpisodicLearner, Batch) throws -> OuterResult
  let adapt: @Sendable (EpisodicLearner, MetaLearning.Task) throws -> NamedTensors
  let evaluate: @Sendable (EpisodicLearner, any BatchSource) throws -> EvaluationResult

  private init<L: EpisodicLearner & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L,
    _ outerLoss: @escaping @Sendable (L, Batch) throws -> OuterResult,
    _ adapt: @escaping @Sendable (L, MetaLearning.Task) throws -> NamedTensors,
    _ evaluate: @escaping @Sendable (L, any BatchSource) throws -> EvaluationResult
  ) {
    testDescription = name
    self.make = make
    self.outerLoss = { try outerLoss(#require($0 as? L), $1) }
    self.adapt = { try adapt(#require($0 as? L), $1) }
    self.evaluate = { try evaluate(#require($0 as? L), $1) }
  }

  private static func maml<L: MAML & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L
  ) -> LearnerCase {
    LearnerCase(name, make, { try $0.outerLoss($1) }, { try $0.adapt($1).params }, { try $0.evaluate($1) })
  }

  private static func embedding<L: EmbeddingLearner & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (Module) throws -> L
  ) -> LearnerCase {
    LearnerCase(name, make, { try $0.outerLoss($1) }, { try $0.adapt($1).params }, { try $0.evaluate($1) })
  }

  static let all = [
    maml("MAML") { try MAML($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2) },
    maml("FOMAML") { try FOMAML($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2) },
    maml("MetaSGD") { try MetaSGD($0, optimizer: AdamW(), initStepSize: 0.1) },
    maml("ANIL") { try ANIL($0, optimizer: Adam(), stepSize: 0.1, adapting: ["4.*"]) },
    maml("Reptile") { try Reptile($0, optimizer: SGD(lr: 0.1, momentum: 0.9), stepSize: 0.1) },
    maml("IMAML") { try IMAML($0, optimizer: Adam(), stepSize: 0.1) },
    maml("MAMLPlusPlus") {
      try MAMLPlusPlus($0, optimizer: Adam(), stepSize: 0.1, numAdaptationSteps: 2, perStepStatistics: true)
    },
    embedding("PrototypicalNetworks") { try PrototypicalNetworks($0, optimizer: Adam(), ways: 3) },
    embedding("MatchingNetworks") { try MatchingNetworks($0, optimizer: Adam(), ways: 3) },
    embedding("R2D2") { try R2D2($0, optimizer: Adam(), ways: 3) },
  ]
}

/// Tasks of 3 ways over fifteen classes of four numbers.
func fifteenClasses(_ split: MetaSplit? = nil) throws -> ClassTasks {
  try ClassTasks(
    Tensor.randn([150, 4], seed: 1), Tensor((0..<150).map { $0 % 15 }, shape: [150]), ways: 3, shots: 2,
    testShots: 3, metaSplit: split, seed: 4)
}
