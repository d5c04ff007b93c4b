import Autograd
import NN

/// Learners that tell classes apart by how near a query's embedding is to those of the train (support) set.
public class MetricLearner: EmbeddingLearner {
  public required init(_ model: Module, optimizer: Optimizer? = nil, ways: Int? = nil) throws {
    try super.init(model, optimizer, ways: ways, .crossEntropy)
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try changes.require([], of: String(describing: type(of: self)))
    return try Self(model, optimizer: changes.optimizer(of: self), ways: ways)
  }
}
