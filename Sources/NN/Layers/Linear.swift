import ArrayCore
import Autograd

/// y = x Wᵀ + b, with `weight` [out, in] and `bias` [out]; x is [.., in], y [.., out].
///
/// Initialised as PyTorch does: weight and bias from U(−1/√in, 1/√in). Learned in the outer loop only; see
/// ``MetaLinear``.
open class Linear: Module {
  public let weight: Parameter
  public let bias: Parameter?

  public init(
    _ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    try requireSize(inFeatures, "inFeatures", atLeast: 0, of: "Linear")
    try requireSize(outFeatures, "outFeatures", atLeast: 0, of: "Linear")
    let bound = fanBound(inFeatures)
    weight = try uniformParameter(
      [outFeatures, inFeatures], bound: bound, seed: seed, stream: 0, dtype: dtype)
    self.bias =
      bias ? try uniformParameter([outFeatures], bound: bound, seed: seed, stream: 1, dtype: dtype) : nil
    super.init()
  }

  public required init(copying other: Linear, _ copier: ModuleCopier) throws {
    weight = try copier(other.weight)
    bias = try other.bias.map { try copier($0) }
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open func drawParameters(seed: UInt64) throws {
    try drawUniform(weight, bias, fanIn: weight.shape[1], seed: seed)
  }

  override open var settings: String { "\(weight.shape[1]), \(weight.shape[0]), bias: \(bias != nil)" }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    let x = try single(inputs)
    guard let last = x.shape.last, last == weight.shape[1] else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))", expected: "[.., \(weight.shape[1])]", found: x.shape)
    }
    return try linear(x, weight.value, bias?.value)
  }
}

/// ``Linear`` whose parameters the inner loop adapts.
public final class MetaLinear: Linear, MetaModule {}

/// y_k = x1ᵀ W_k x2 + b_k, with `weight` [out, in1, in2]; x1 is [.., in1], x2 [.., in2].
///
/// Initialised as PyTorch does: U(−1/√in1, 1/√in1).
open class Bilinear: Module {
  public let weight: Parameter
  public let bias: Parameter?

  public init(
    _ in1Features: Int, _ in2Features: Int, _ outFeatures: Int, bias: Bool = true, seed: UInt64 = 0,
    dtype: DType = .float32
  ) throws {
    try requireSize(in1Features, "in1Features", of: "Bilinear")
    try requireSize(in2Features, "in2Features", of: "Bilinear")
    try requireSize(outFeatures, "outFeatures", of: "Bilinear")
    let bound = fanBound(in1Features)
    weight = try uniformParameter(
      [outFeatures, in1Features, in2Features], bound: bound, seed: seed, stream: 0, dtype: dtype)
    self.bias =
      bias ? try uniformParameter([outFeatures], bound: bound, seed: seed, stream: 1, dtype: dtype) : nil
    super.init()
  }

  public required init(copying other: Bilinear, _ copier: ModuleCopier) throws {
    weight = try copier(other.weight)
    bias = try other.bias.map { try copier($0) }
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open func drawParameters(seed: UInt64) throws {
    try drawUniform(weight, bias, fanIn: weight.shape[1], seed: seed)
  }

  override open var settings: String {
    "\(weight.shape[1]), \(weight.shape[2]), \(weight.shape[0]), bias: \(bias != nil)"
  }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    guard inputs.count == 2 else {
      throw NNError.inputCount(module: className, expected: 2, found: inputs.count)
    }
    for (x, size) in zip(inputs, weight.shape.dropFirst()) where x.shape.last != size {
      throw NNError.inputShape(module: "\(className)(\(settings))", expected: "[.., \(size)]", found: x.shape)
    }
    // [.., 1, 1, in1] × [out, in1, in2] = [.., out, 1, in2], then the product with x2.
    let left = try inputs[0].unsqueeze(-2).unsqueeze(-2)
    let right = try inputs[1].unsqueeze(-2).unsqueeze(-1)
    let y = try matmul(matmul(left, weight.value), right).squeeze(-1).squeeze(-1)
    guard let bias else { return y }
    return try y + bias.value
  }
}

/// ``Bilinear`` whose parameters the inner loop adapts.
public final class MetaBilinear: Bilinear, MetaModule {}
