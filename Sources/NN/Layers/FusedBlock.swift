import ArrayCore
import Autograd

/// Batch normalisation with the batch's statistics, ReLU and max pooling behind each other, computed together; with
/// the convolution in front of them, where there is one.
///
/// Normalisation takes away what a convolution's bias adds, so the bias is not added. Its gradient is exactly zero,
/// and the output counts as depending on it.
struct FusedBlock {
  /// The number of modules that it stands for.
  let length: Int
  private let convolution: Convolution?
  private let norm: BatchNorm
  private let pool: MaxPool2d

  /// The block that the modules begin with; nil if they begin with another. A subclass may compute something else,
  /// so only the library's own classes are taken for what they are; a learner's own statistics are for the module to take.
  init?(_ modules: [Module]) {
    guard ForwardScope.current?.statistics == nil else { return nil }
    let convolution = modules.first.flatMap(Self.convolution)
    let rest = modules.dropFirst(convolution == nil ? 0 : 1)
    guard rest.count >= 3, let norm = Self.norm(rest[rest.startIndex]), rest[rest.startIndex + 1] is ReLU,
      let pool = rest[rest.startIndex + 2] as? MaxPool2d, pool.geometry.stride == pool.geometry.kernel,
      pool.geometry.padding.allSatisfy({ $0 == 0 })
    else { return nil }
    self.convolution = convolution
    self.norm = norm
    self.pool = pool
    length = convolution == nil ? 3 : 4
  }

  private static func convolution(_ module: Module) -> Convolution? {
    type(of: module) == Conv2d.self || type(of: module) == MetaConv2d.self ? module as? Convolution : nil
  }

  /// A module that has no statistics but the batch's.
  private static func norm(_ module: Module) -> BatchNorm? {
    guard type(of: module) == BatchNorm2d.self || type(of: module) == MetaBatchNorm2d.self,
      let norm = module as? BatchNorm, norm.runningMean == nil
    else { return nil }
    return norm
  }

  /// As the modules one after the other, with their errors.
  func forward(_ inputs: [Tensor]) throws -> Tensor {
    let x = try norm.checkedInput([convolution?.convolve(inputs, bias: nil) ?? norm.single(inputs)])
    _ = try norm.checkedValues(x)
    let y = try batchNormReLUMaxPool(
      pool.checked(x), weight: norm.weight?.value, bias: norm.bias?.value, pool: pool.geometry, eps: norm.eps)
    guard let bias = convolution?.bias else { return y }
    return try Tensor.apply(.unaffected, y, bias.value)
  }
}
