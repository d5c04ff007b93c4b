/// How the windows of a convolution lie on its input: one number for each of the 1 to 3 spatial axes.
public struct ConvolutionGeometry: Hashable, Sendable {
  /// The distance between neighbouring windows.
  public var stride: [Int]
  /// The zeros put on both sides of each axis.
  public var padding: [Int]
  /// The distance between the positions one window reads.
  public var dilation: [Int]
  /// Channels are cut into this many groups, each with its own kernels.
  public var groups: Int

  public init(stride: [Int] = [1, 1], padding: [Int] = [0, 0], dilation: [Int] = [1, 1], groups: Int = 1) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The shape [N, O, spatial…] of the convolution of [N, C, spatial…] with [O, C/groups, kernel…].
  ///
  /// Each spatial size is ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
  /// - Throws: `geometry` when the shapes or the window do not fit, in words that say how.
  public func outputShape(input: Shape, kernel: Shape) throws(TensorError) -> Shape {
    let spatial = stride.count
    let name = "conv"
    if spatial < 1 || spatial > 3 || padding.count != spatial || dilation.count != spatial {
      throw TensorError(
        name, .geometry("needs a stride, padding and dilation for each of 1 to 3 spatial axes"))
    }
    if input.rank != spatial + 2 || kernel.rank != spatial + 2 {
      throw TensorError(
        name,
        .geometry(
          "\(spatial) spatial axes need an input and a kernel of rank \(spatial + 2), not \(input) and \(kernel)"
        ))
    }
    if groups < 1 || kernel[0] % groups != 0 || input[1] % groups != 0 {
      throw TensorError(
        name,
        .geometry("\(input[1]) input and \(kernel[0]) output channels cannot be cut into \(groups) groups"))
    }
    if input[1] != kernel[1] * groups {
      throw TensorError(
        name,
        .geometry(
          "the input \(input) has \(input[1]) channels, but the kernel \(kernel) reads \(kernel[1])"
            + (groups > 1 ? " in each of \(groups) groups" : "")))
    }
    var result: Shape = [input[0], kernel[0]]
    for i in 0..<spatial {
      result.append(
        try Window.outputSize(
          name, input[i + 2], kernel[i + 2], stride[i], padding[i], dilation[i]))
    }
    return result
  }
}

/// How the windows of a pooling lie on its input.
public struct PoolGeometry: Hashable, Sendable {
  /// The size of the window.
  public var kernel: [Int]
  /// The distance between neighbouring windows.
  public var stride: [Int]
  /// The width of the border on both sides of each axis, at most half the window.
  public var padding: [Int]

  public init(kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding ?? kernel.map { _ in 0 }
  }

  private static let largestWindow = 1 << 24

  /// The shape of the pooled array: the last `kernel.count` axes are spatial.
  /// - Throws: `geometry`, `rankTooLow`.
  public func outputShape(input: Shape) throws(TensorError) -> Shape {
    let spatial = kernel.count
    let name = "pool"
    if spatial < 1 || spatial > 3 || stride.count != spatial || padding.count != spatial {
      throw TensorError(name, .geometry("needs a window, stride and padding for each of 1 to 3 spatial axes"))
    }
    if input.rank < spatial { throw TensorError(name, .rankTooLow(input, atLeast: spatial)) }
    // A border makes windows possible that are far larger than the input; nobody waits for those.
    if try Shape(kernel).checkedElementCount(name) > Self.largestWindow {
      throw TensorError(name, .geometry("a window of \(kernel) is too large"))
    }
    var result = input
    for i in 0..<spatial {
      let axis = input.rank - spatial + i
      if padding[i] > kernel[i] / 2 {
        throw TensorError(
          name, .geometry("the padding \(padding[i]) is more than half the window \(kernel[i])"))
      }
      result[axis] = try Window.outputSize(name, input[axis], kernel[i], stride[i], padding[i], 1)
    }
    return result
  }
}
