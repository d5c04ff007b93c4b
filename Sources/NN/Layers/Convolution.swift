import ArrayCore
import Autograd

/// Cross-correlation over one to three spatial axes, as PyTorch's `Conv1d` to `Conv3d`:
///
/// y[n, o, p] = b[o] + Σ_{c, k} w[o, c, k] · x[n, c, stride·p + dilation·k − padding]
///
/// `weight` is [out, in/groups, kernel…], `bias` [out]. Sizes are one number for all axes or one an axis.
/// Initialised from U(±1/√(in/groups · Πkernel)). ``PaddingMode`` says what stands beyond the edge.
open class Convolution: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let geometry: ConvolutionGeometry
  public let paddingMode: PaddingMode

  /// The number of spatial axes.
  open class var spatialAxes: Int { 2 }

  public required init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: [Int], stride: [Int] = [1], padding: [Int] = [0],
    dilation: [Int] = [1], groups: Int = 1, bias: Bool = true, paddingMode: PaddingMode = .zeros,
    seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    let axes = Self.spatialAxes
    let type = "Conv\(axes)d"
    self.paddingMode = paddingMode
    try requireSize(inChannels, "inChannels", of: type)
    try requireSize(outChannels, "outChannels", of: type)
    try requireSize(groups, "groups", of: type)
    guard inChannels % groups == 0, outChannels % groups == 0 else {
      throw NNError.argument(
        type: type, reason: "\(groups) groups do not divide \(inChannels) and \(outChannels) channels")
    }
    let kernel = try Self.perAxis(kernelSize, "kernelSize", atLeast: 1)
    geometry = ConvolutionGeometry(
      stride: try Self.perAxis(stride, "stride", atLeast: 1),
      padding: try Self.perAxis(padding, "padding", atLeast: 0),
      dilation: try Self.perAxis(dilation, "dilation", atLeast: 1), groups: groups)
    let shape = try Shape([outChannels, inChannels / groups] + kernel)
    let count = try shape.checkedElementCount(type)
    let bound = fanBound(count / outChannels)
    weight = try uniformParameter(shape, bound: bound, seed: seed, stream: 0, dtype: dtype)
    self.bias =
      bias ? try uniformParameter([outChannels], bound: bound, seed: seed, stream: 1, dtype: dtype) : nil
    super.init()
  }

  public convenience init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, paddingMode: PaddingMode = .zeros,
    seed: UInt64 = 0,
    dtype: DType = .float32
  ) throws {
    try self.init(
      inChannels, outChannels, kernelSize: [kernelSize], stride: [stride], padding: [padding],
      dilation: [dilation], groups: groups, bias: bias, paddingMode: paddingMode, seed: seed, dtype: dtype)
  }

  public required init(copying other: Convolution, _ copier: ModuleCopier) throws {
    weight = try copier(other.weight)
    bias = try other.bias.map { try copier($0) }
    geometry = other.geometry
    paddingMode = other.paddingMode
    super.init()
  }

  override open func drawParameters(seed: UInt64) throws {
    try drawUniform(weight, bias, fanIn: weight.shape.dropFirst().reduce(1, *), seed: seed)
  }

  /// One size an axis, from one for all or one each.
  private static func perAxis(_ sizes: [Int], _ name: String, atLeast least: Int) throws -> [Int] {
    let axes = spatialAxes
    guard sizes.count == axes || sizes.count == 1 else {
      throw NNError.argument(
        type: "Conv\(axes)d", reason: "\(name) has \(sizes.count) sizes, it needs 1 or \(axes)")
    }
    for size in sizes {
      // A bound far above any use keeps the arithmetic of output sizes from overflowing.
      guard size >= least, size < 1 << 24 else {
        throw NNError.argument(type: "Conv\(axes)d", reason: "\(name) \(size) is out of range")
      }
    }
    return sizes.count == axes ? sizes : Array(repeating: sizes[0], count: axes)
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open var settings: String {
    let kernel = Array(weight.shape.dropFirst(2))
    var text = "\(weight.shape[1] * geometry.groups), \(weight.shape[0]), kernelSize: \(brief(kernel))"
    if geometry.stride.contains(where: { $0 != 1 }) { text += ", stride: \(brief(geometry.stride))" }
    if geometry.padding.contains(where: { $0 != 0 }) { text += ", padding: \(brief(geometry.padding))" }
    if geometry.dilation.contains(where: { $0 != 1 }) { text += ", dilation: \(brief(geometry.dilation))" }
    if geometry.groups != 1 { text += ", groups: \(geometry.groups)" }
    if paddingMode != .zeros { text += ", paddingMode: .\(paddingMode.rawValue)" }
    if bias == nil { text += ", bias: false" }
    return text
  }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    try convolve(inputs, bias: bias?.value)
  }

  /// The output with the given bias in place of the module's own.
  final func convolve(_ inputs: [Tensor], bias: Tensor?) throws -> Tensor {
    let x = try single(inputs)
    let channels = weight.shape[1] * geometry.groups
    guard x.rank == geometry.stride.count + 2, x.shape[1] == channels else {
      let axes = ["length", "height, width", "depth, height, width"][min(geometry.stride.count, 3) - 1]
      throw NNError.inputShape(
        module: "\(className)(\(settings))", expected: "[batch, \(channels), \(axes)]", found: x.shape)
    }
    guard paddingMode != .zeros else { return try convolution(x, weight.value, bias: bias, geometry) }
    var inside = geometry
    inside.padding = geometry.padding.map { _ in 0 }
    let padded = try paddingMode.padded(x, geometry.padding, for: className)
    return try convolution(padded, weight.value, bias: bias, inside)
  }
}

/// One number if all sizes are equal, a tuple otherwise.
func brief(_ sizes: [Int]) -> String {
  guard let first = sizes.first, sizes.contains(where: { $0 != first }) else {
    return sizes.first.map(String.init) ?? "()"
  }
  return "(" + sizes.map(String.init).joined(separator: ", ") + ")"
}

/// ``Convolution`` over [batch, channels, length].
open class Conv1d: Convolution {
  override open class var spatialAxes: Int { 1 }
}

/// ``Convolution`` over [batch, channels, height, width].
open class Conv2d: Convolution {
  override open class var spatialAxes: Int { 2 }
}

/// ``Convolution`` over [batch, channels, depth, height, width].
open class Conv3d: Convolution {
  override open class var spatialAxes: Int { 3 }
}

/// ``Conv1d`` whose parameters the inner loop adapts.
public final class MetaConv1d: Conv1d, MetaModule {}

/// ``Conv2d`` whose parameters the inner loop adapts.
public final class MetaConv2d: Conv2d, MetaModule {}

/// ``Conv3d`` whose parameters the inner loop adapts.
public final class MetaConv3d: Conv3d, MetaModule {}
