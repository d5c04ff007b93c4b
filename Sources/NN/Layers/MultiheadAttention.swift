import ArrayCore
import Autograd

/// Attention of several heads: softmax(Q Kᵀ / √d) V for each head of size d = embedding / heads, its results side by
/// side through a last linear map.
///
/// Inputs are query [L, N, E], key [S, N, E] and value [S, N, E] (with `batchFirst`, [N, L, E] and so on), or one for all
/// three; a fourth is added to the scores, [L, S] or [N, L, S]: −∞ hides a place. The output has the query's shape.
/// Parameters are named and laid out as PyTorch's: `in_proj_weight` [3 E, E], `in_proj_bias` [3 E], `out_proj.weight`,
/// `out_proj.bias`. Vaswani et al. 2017; torchmeta's MetaMultiheadAttention.
open class MultiheadAttention: Module {
  public let inProjWeight: Parameter
  public let inProjBias: Parameter?
  public let outProj: Linear
  public let numHeads: Int
  public let batchFirst: Bool

  /// The last map: of the kind that this module is.
  open class func makeOutput(_ size: Int, bias: Bool, seed: UInt64, dtype: DType) throws -> Linear {
    try Linear(size, size, bias: bias, seed: seed, dtype: dtype)
  }

  public required init(
    _ embedDim: Int, numHeads: Int, bias: Bool = true, batchFirst: Bool = false, seed: UInt64 = 0,
    dtype: DType = .float32
  ) throws {
    let type = "MultiheadAttention"
    try requireSize(embedDim, "embedDim", of: type)
    try requireSize(numHeads, "numHeads", of: type)
    guard embedDim % numHeads == 0 else {
      throw NNError.argument(type: type, reason: "\(numHeads) heads do not divide \(embedDim)")
    }
    // Xavier's bound over the stacked map, and zero biases, as PyTorch does.
    let bound = (6 / Double(4 * embedDim)).squareRoot()
    inProjWeight = try uniformParameter(
      [3 * embedDim, embedDim], bound: bound, seed: seed, stream: 0, dtype: dtype)
    inProjBias = bias ? try Parameter(Tensor.zeros([3 * embedDim], dtype: dtype)) : nil
    outProj = try Self.makeOutput(embedDim, bias: bias, seed: derivedSeed(seed, 1), dtype: dtype)
    if let bias = outProj.bias { try bias.assign(Tensor.zeros(bias.shape, dtype: dtype)) }
    self.numHeads = numHeads
    self.batchFirst = batchFirst
    super.init()
  }

  public required init(copying other: MultiheadAttention, _ copier: ModuleCopier) throws {
    inProjWeight = try copier(other.inProjWeight)
    inProjBias = try other.inProjBias.map { try copier($0) }
    outProj = try copier(typed: other.outProj)
    numHeads = other.numHeads
    batchFirst = other.batchFirst
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open var ownParameters: [(name: String, parameter: Parameter)] {
    [("in_proj_weight", inProjWeight)] + (inProjBias.map { [("in_proj_bias", $0)] } ?? [])
  }

  override open var children: [(name: String, module: Module)] { [("out_proj", outProj)] }

  override open func drawParameters(seed: UInt64) throws {
    let bound = (6 / Double(4 * inProjWeight.shape[1])).squareRoot()
    try inProjWeight.assign(
      uniformParameter(inProjWeight.shape, bound: bound, seed: seed, stream: 0, dtype: inProjWeight.dtype)
        .tensor)
  }

  override open var settings: String {
    "\(inProjWeight.shape[1]), numHeads: \(numHeads)" + (batchFirst ? ", batchFirst: true" : "")
  }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    guard [1, 3, 4].contains(inputs.count) else {
      throw NNError.inputCount(module: className, expected: 3, found: inputs.count)
    }
    let given = inputs.count == 1 ? [inputs[0], inputs[0], inputs[0]] : Array(inputs[..<3])
    let size = inProjWeight.shape[1]
    for x in given where x.rank != 3 || x.shape[2] != size {
      throw NNError.inputShape(
        module: "\(className)(\(settings))",
        expected: batchFirst ? "[batch, length, \(size)]" : "[length, batch, \(size)]", found: x.shape)
    }
    let weight = inProjWeight.value
    let bias = inProjBias?.value
    let heads = try given.enumerated().map { part, x in
      let rows = part * size
      let mapped = try linear(
        batchFirst ? x.permute([1, 0, 2]) : x, weight.slice(axis: 0, from: rows, to: rows + size),
        bias.map { try $0.slice(axis: 0, from: rows, to: rows + size) })
      // [length, batch, E] to [batch, heads, length, d].
      return try mapped.reshape([mapped.shape[0], mapped.shape[1], numHeads, size / numHeads]).permute([
        1, 2, 0, 3,
      ])
    }
    let scale = 1 / Double(size / numHeads).squareRoot()
    var scores = try matmul(heads[0] * scale, heads[1].permute([0, 1, 3, 2]))
    if inputs.count == 4 {
      let mask = inputs[3]
      scores = try scores + (mask.rank == 3 ? mask.unsqueeze(1) : mask)
    }
    let mixed = try matmul(softmax(scores), heads[2])
    let length = mixed.shape[2]
    let joined = try mixed.permute([2, 0, 1, 3]).reshape([length, mixed.shape[0], size])
    let y = try outProj(joined)
    return batchFirst ? try y.permute([1, 0, 2]) : y
  }
}

/// ``MultiheadAttention`` whose parameters the inner loop adapts.
public final class MetaMultiheadAttention: MultiheadAttention, MetaModule {
  override public class func makeOutput(_ size: Int, bias: Bool, seed: UInt64, dtype: DType) throws -> Linear
  {
    try MetaLinear(size, size, bias: bias, seed: seed, dtype: dtype)
  }
}
