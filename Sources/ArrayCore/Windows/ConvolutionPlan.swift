import CKernels

/// The sizes of one convolution, whichever of its three products is computed.
///
/// All work happens with channels innermost (NHWC). A task axis in front of any operand gives each task its own
/// product; where only the input has one, tasks are merely more images.
struct ConvolutionPlan {
  let geometry: ConvolutionGeometry
  let dtype: DType
  let spatial: Int
  /// [N, C, spatial…], [O, C/groups, kernel…] and [N, O, spatial…], without the task axis.
  let input: Shape
  let kernel: Shape
  let output: Shape
  /// The window, reading an NHWC image.
  let window: il_window

  init(
    input: Shape, kernel: Shape, _ geometry: ConvolutionGeometry, _ dtype: DType
  ) throws(TensorError) {
    self.geometry = geometry
    self.dtype = dtype
    self.input = input
    self.kernel = kernel
    spatial = geometry.stride.count
    output = try geometry.outputShape(input: input, kernel: kernel)
    for shape in [input, kernel, output] { _ = try shape.checkedElementCount("conv") }
    // What windows see is counted in products of this and at most 1,024 rows.
    if kernel.removing(at: 0).elementCount > 1 << 40 { throw TensorError("conv", .sizeTooLarge(kernel)) }
    var window = Window.make(
      input: input, output: output, kernel: Array(kernel.dropFirst(2)), stride: geometry.stride,
      padding: geometry.padding, dilation: geometry.dilation, lead: 2)
    let channels = input[1]
    window.channels = kernel[1]
    window.sc = 1
    window.setPlane(step: channels)
    window.si = window.inputPlane * channels
    self.window = window
  }

  /// Channels each window reads in one group, times the positions it reads: the columns of the matrix.
  var depth: Int { window.taps * kernel[1] }
  var groups: Int { geometry.groups }
  var outputsPerGroup: Int { kernel[0] / groups }

  /// [T, N, spatial…, C] in row-major order, T being 1 without a task axis.
  func channelsLast(_ array: NDArray) throws(TensorError) -> NDArray {
    let hasTasks = array.rank == spatial + 3
    let whole = hasTasks ? array : try array.inserting(axis: 0)
    return try whole.moving(axis: 2, to: -1).contiguous()
  }

  /// A fresh [T, N, spatial…, channels] array seen as [T?, N, channels, spatial…].
  static func seenChannelsFirst(_ array: NDArray, hasTasks: Bool) throws(TensorError) -> NDArray {
    let first = try array.moving(axis: -1, to: 2)
    return hasTasks ? first : try first.selecting(axis: 0, index: 0)
  }
}
