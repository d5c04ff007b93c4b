import ArrayCore
import Autograd

/// Normalises over the last axes, whose sizes are given: y = (x − E[x]) / √(Var[x] + eps) · weight + bias.
///
/// `weight` and `bias` have the normalised shape; ones and zeros at first. Ba, Kiros and Hinton 2016.
open class LayerNorm: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let eps: Double

  public required init(_ normalizedShape: [Int], eps: Double = 1e-5, dtype: DType = .float32) throws {
    let shape = try Shape(normalizedShape)
    guard shape.rank > 0 else {
      throw NNError.argument(type: "LayerNorm", reason: "the normalised shape is empty")
    }
    weight = try Parameter(Tensor.ones(shape, dtype: dtype))
    bias = try Parameter(Tensor.zeros(shape, dtype: dtype))
    self.eps = eps
    super.init()
  }

  public required init(copying other: LayerNorm, _ copier: ModuleCopier) throws {
    weight = try copier(other.weight)
    bias = try copier(other.bias)
    eps = other.eps
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  /// Puts back ones and zeros.
  override open func drawParameters(seed: UInt64) throws {
    try weight.assign(Tensor.ones(weight.shape, dtype: weight.dtype))
    try bias.assign(Tensor.zeros(bias.shape, dtype: bias.dtype))
  }

  override open var settings: String { "\(weight.shape)" }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    let x = try single(inputs)
    guard x.shape.suffix(weight.shape.rank).elementsEqual(weight.shape) else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))",
        expected: "[.., \(weight.shape.map(String.init).joined(separator: ", "))]", found: x.shape)
    }
    return try layerNorm(
      x, weight: weight.value, bias: bias.value, normalizedRank: weight.shape.rank, eps: eps)
  }
}

/// ``LayerNorm`` whose parameters the inner loop adapts.
public final class MetaLayerNorm: LayerNorm, MetaModule {}
