import ArrayCore
import Autograd

/// Rows of a table by number: `weight` [count, size], index of any shape to index.shape + [size].
///
/// Initialised from the standard normal distribution, as PyTorch does.
open class Embedding: Module {
  public let weight: Parameter

  public required init(
    _ numEmbeddings: Int, _ embeddingDim: Int, seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    try requireSize(numEmbeddings, "numEmbeddings", of: "Embedding")
    try requireSize(embeddingDim, "embeddingDim", of: "Embedding")
    weight = try Parameter(
      Tensor(NDArray.normal([numEmbeddings, embeddingDim], key: RandomKey(seed: seed, stream: 0), dtype)))
    super.init()
  }

  public required init(copying other: Embedding, _ copier: ModuleCopier) throws {
    weight = try copier(other.weight)
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open func drawParameters(seed: UInt64) throws {
    let key = RandomKey(seed: seed, stream: 0)
    try weight.assign(Tensor(NDArray.normal(weight.shape, key: key, weight.dtype)))
  }

  override open var settings: String { "\(weight.shape[0]), \(weight.shape[1])" }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor { try rows(single(inputs)) }

  /// The rows with the numbers. Numbers without a fraction serve as int64.
  final func rows(_ index: Tensor) throws -> Tensor {
    guard index.dtype.isFloating else { return try takeRows(weight.value, index) }
    for number in try index.array.toDoubles() where Int(exactly: number) == nil {
      throw NNError.argument(type: className, reason: "it takes whole numbers (int64), not \(number)")
    }
    return try takeRows(weight.value, index.cast(to: .int64))
  }
}

/// ``Embedding`` whose table the inner loop adapts.
public final class MetaEmbedding: Embedding, MetaModule {}
