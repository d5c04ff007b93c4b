import CKernels

/// The sizes of one batch normalisation, channels innermost, and how it is cut into units of work.
struct NormalizationPlan {
  /// Of one task: [N, C, spatial…], and what the windows keep of it.
  let input: Shape
  let output: Shape
  /// Nil where no operand has a task axis.
  let tasks: Int?
  let channels: Int
  /// The values of one channel of one task.
  let valuesPerChannel: Int
  /// The units of one task, by its shape alone.
  let units: Int
  let cut: Cut

  /// As a launch may capture it: whole images, or runs of positions where every value is kept.
  struct Cut {
    /// The window over one image.
    let window: il_window
    /// Whether an "image" is one position, so that neighbouring ones are one row.
    let isFlat: Bool
    let images: Int
    let imagesPerUnit: Int
    /// Elements of one image, in full and as kept.
    let full: Int
    let kept: Int

    /// Calls `body` with the window and the number of images of one unit, and the number of the first.
    func with(unit: Int, _ body: (_ window: UnsafePointer<il_window>, _ images: Int, _ first: Int) -> Void) {
      let first = unit * imagesPerUnit
      let count = Swift.min(imagesPerUnit, images - first)
      var own = window
      if isFlat { (own.in2, own.out2) = (count, count) }
      withUnsafePointer(to: own) { body($0, isFlat ? 1 : count, first) }
    }
  }

  private static let unitElements = 1 << 15

  init(_ x: NDArray, tasks: Int?, _ geometry: NormalizationGeometry) throws(TensorError) {
    let rank = geometry.spatialAxes + 2
    guard x.dtype.isFloating else { throw TensorError("normalize", .unsupportedDType(x.dtype)) }
    input = x.rank == rank + 1 ? x.shape.removing(at: 0) : x.shape
    output = try geometry.outputShape(input: input)
    self.tasks = tasks
    channels = input[1]
    let spatial = input.axes(2..<rank)
    valuesPerChannel = input[0] * spatial.elementCount
    var window = Window.make(
      input: input, output: output, kernel: geometry.window, stride: geometry.window,
      padding: geometry.window.map { _ in 0 }, dilation: geometry.window.map { _ in 1 }, lead: 2)
    window.channels = channels
    let isFlat = !geometry.selects
    if isFlat { (window.in0, window.in1, window.out0, window.out1) = (1, 1, 1, 1) }
    let images = isFlat ? valuesPerChannel : input[0]
    let full = isFlat ? channels : window.inputPlane * channels
    let kept = isFlat ? channels : window.outputPlane * channels
    let perUnit = Swift.max(1, Self.unitElements / Swift.max(1, full))
    cut = Cut(
      window: window, isFlat: isFlat, images: images, imagesPerUnit: perUnit, full: full, kept: kept)
    units = (images + perUnit - 1) / perUnit
  }

  /// A fresh array for one of the shapes: as it lies, channels innermost, and as it is seen.
  func array(_ shape: Shape, _ dtype: DType) throws(TensorError) -> (lying: NDArray, seen: NDArray) {
    let inMemory = try shape.removing(at: 1).appending([channels]).inserting(tasks ?? 1, at: 0)
    let lying = try NDArray(uninitialized: inMemory, dtype, "normalize")
    return (lying, try ConvolutionPlan.seenChannelsFirst(lying, hasTasks: tasks != nil))
  }

  /// An operand of one of the shapes, with or without the tasks, channels innermost.
  func operand(_ array: NDArray, _ shape: Shape, _ dtype: DType) throws(TensorError) -> Operand {
    let hasTasks = array.rank == shape.rank + 1
    let own = hasTasks ? array.shape.removing(at: 0) : array.shape
    guard own == shape else { throw TensorError("normalize", .shapesDiffer(own, shape)) }
    if hasTasks, array.shape[0] != tasks {
      throw TensorError("normalize", .shapesDiffer(array.shape, try shape.inserting(tasks ?? 1, at: 0)))
    }
    let whole = hasTasks ? array : try array.inserting(axis: 0)
    let lying = try whole.cast(to: dtype).moving(axis: 2, to: -1).contiguous()
    return Operand(array: lying, perTask: hasTasks ? shape.elementCount : 0)
  }

  /// The address of an operand's numbers, task by task; what the tasks share has a step of 0.
  struct Operand {
    let array: NDArray
    let perTask: Int
  }
}
