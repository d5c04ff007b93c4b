import ArrayCore
import Autograd

/// A window that slides over the last two axes; the stride is the kernel size unless given, and windows that do
/// not fit are left out, as in PyTorch.
open class Pool2d: FunctionModule {
  public let geometry: PoolGeometry

  public init(_ kernelSize: [Int], stride: [Int]? = nil, padding: [Int] = [0]) throws {
    let kernel = try Self.pair(kernelSize, "kernelSize", atLeast: 1)
    let padding = try Self.pair(padding, "padding", atLeast: 0)
    for (pad, size) in zip(padding, kernel) where pad > size / 2 {
      throw NNError.argument(
        type: "Pool2d", reason: "padding \(pad) is more than half the kernel size \(size)")
    }
    geometry = PoolGeometry(
      kernel: kernel, stride: try Self.pair(stride ?? kernelSize, "stride", atLeast: 1), padding: padding)
    super.init()
  }

  public convenience init(_ kernelSize: Int, stride: Int? = nil, padding: Int = 0) throws {
    try self.init([kernelSize], stride: stride.map { [$0] }, padding: [padding])
  }

  private static func pair(_ sizes: [Int], _ name: String, atLeast least: Int) throws -> [Int] {
    guard (1...2).contains(sizes.count), sizes.allSatisfy({ $0 >= least && $0 < 1 << 24 }) else {
      throw NNError.argument(type: "Pool2d", reason: "\(name) \(brief(sizes)) is out of range")
    }
    return sizes.count == 2 ? sizes : [sizes[0], sizes[0]]
  }

  override open var settings: String {
    var text = brief(geometry.kernel)
    if geometry.stride != geometry.kernel { text += ", stride: \(brief(geometry.stride))" }
    if geometry.padding != [0, 0] { text += ", padding: \(brief(geometry.padding))" }
    return text
  }

  /// Refuses inputs smaller than the window.
  func checked(_ x: Tensor) throws -> Tensor {
    let kernel = geometry.kernel
    guard x.rank >= 3,
      zip(x.shape.suffix(2), zip(kernel, geometry.padding)).allSatisfy({ $0 + 2 * $1.1 >= $1.0 })
    else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))",
        expected: "[.., channels, at least \(kernel[0]), at least \(kernel[1])]", found: x.shape)
    }
    return x
  }
}

/// The largest value of each window.
public final class MaxPool2d: Pool2d {
  override public func apply(_ x: Tensor) throws -> Tensor { try maxPool(checked(x), geometry) }
}

/// The mean of each window; padding counts as zeros.
public final class AvgPool2d: Pool2d {
  override public func apply(_ x: Tensor) throws -> Tensor { try averagePool(checked(x), geometry) }
}
