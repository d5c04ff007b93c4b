import ArrayCore
import Autograd

/// Rows of a table, brought together bag by bag: their sum, mean or largest numbers.
///
/// An index [bags, n] gives [bags, size]. A flat index [n] with a second input, the int64 place [bags] where each bag
/// begins, allows bags of different sizes; an empty one is zeros. Every order of derivative, where PyTorch's
/// `EmbeddingBag` has only the first. Of equal largest rows, each gets an equal part of the gradient.
open class EmbeddingBag: Embedding {
  public enum Mode: String, CaseIterable, Sendable { case sum, mean, max }

  public let mode: Mode

  public required init(
    _ numEmbeddings: Int, _ embeddingDim: Int, mode: Mode = .mean, seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    self.mode = mode
    try super.init(numEmbeddings, embeddingDim, seed: seed, dtype: dtype)
  }

  public required init(_ numEmbeddings: Int, _ embeddingDim: Int, seed: UInt64, dtype: DType) throws {
    mode = .mean
    try super.init(numEmbeddings, embeddingDim, seed: seed, dtype: dtype)
  }

  public required init(copying other: Embedding, _ copier: ModuleCopier) throws {
    mode = (other as? EmbeddingBag)?.mode ?? .mean
    try super.init(copying: other, copier)
  }

  override open var settings: String { super.settings + ", mode: .\(mode.rawValue)" }

  // Where the bags begin is read.
  override open var hasPureForward: Bool { false }
  override open var hasFixedParts: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    guard inputs.count == 1 || inputs.count == 2 else {
      throw NNError.inputCount(module: className, expected: 1, found: inputs.count)
    }
    let index = inputs[0]
    guard inputs.count == 2 else {
      guard index.rank == 2 else {
        throw NNError.inputShape(
          module: "\(className)(\(settings))", expected: "[bags, n]", found: index.shape)
      }
      return try together(rows(index), axis: 1)
    }
    guard index.rank == 1 else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))", expected: "[n] beside the bags' beginnings", found: index.shape)
    }
    let picked = try rows(index)
    let starts = try beginnings(inputs[1], count: index.shape[0])
    let bags = try starts.indices.map { bag in
      let end = bag + 1 < starts.count ? starts[bag + 1] : index.shape[0]
      guard end > starts[bag] else { return try Tensor.zeros([weight.shape[1]], dtype: weight.dtype) }
      return try together(picked.slice(axis: 0, from: starts[bag], to: end), axis: 0)
    }
    return try stack(bags)
  }

  private func together(_ rows: Tensor, axis: Int) throws -> Tensor {
    switch mode {
    case .sum: try rows.sum([axis])
    case .mean: try rows.mean([axis])
    case .max: try rows.max([axis])
    }
  }

  /// The places where bags begin: from 0 on, none before the one in front of it.
  private func beginnings(_ offsets: Tensor, count: Int) throws -> [Int] {
    let places =
      try offsets.dtype.isFloating ? offsets.toDoubles().compactMap(Int.init(exactly:)) : offsets.toInts()
    guard offsets.rank == 1, places.count == offsets.shape[0], places.first == 0,
      zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }), places.allSatisfy({ $0 <= count })
    else {
      throw NNError.argument(
        type: className,
        reason: "the bags' beginnings must be whole numbers that rise from 0 to at most \(count), in one axis"
      )
    }
    return places
  }
}

/// ``EmbeddingBag`` whose table the inner loop adapts.
public final class MetaEmbeddingBag: EmbeddingBag, MetaModule {}
