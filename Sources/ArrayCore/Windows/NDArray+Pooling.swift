import CKernels

/// Pooling over the last 1 to 3 axes; any axes may stand in front of them.
extension NDArray {
  /// For each window, the position of its largest element within the spatial plane, counted in row-major order; the
  /// first of equal ones, and NaN counts as largest. The result is int64 [leading axes…, windows], so that the
  /// values are a `gather` along the last axis of x with its spatial axes joined.
  /// - Throws: `geometry`, `rankTooLow`.
  public static func maxPoolIndices(_ x: NDArray, _ geometry: PoolGeometry) throws(TensorError) -> NDArray {
    let output = try geometry.outputShape(input: x.shape)
    let planes = try Planes(x, geometry, output)
    let lead = x.rank - geometry.kernel.count
    let shape = x.shape.axes(0..<lead).appending([planes.window.outputPlane])
    let result = try NDArray(uninitialized: shape, .int64, "maxPool")
    let seen = planes.channelsInside ? try result.seenWithLastAxis(movedBefore: lead - 1) : result
    if result.elementCount == 0 { return seen }
    let (out, a, dtype, cut) = (result.pointer(Int64.self), planes.source.address, x.dtype, planes.cut)
    try planes.run { (window, image, from) in
      let to = image * cut.channels * window.pointee.outputPlane
      let so = cut.channels
      switch dtype {
      case .float32: il_max_positions_f32(out + to, a.floats + from, window, so, 1)
      case .float64: il_max_positions_f64(out + to, a.doubles + from, window, so, 1)
      case .int64: il_max_positions_i64(out + to, a.int64s + from, window, so, 1)
      }
    }
    return seen
  }

  /// The mean of each window; the padding counts as zeros.
  /// - Throws: `geometry`, `rankTooLow`, `unsupportedDType` for int64.
  public static func averagePool(_ x: NDArray, _ geometry: PoolGeometry) throws(TensorError) -> NDArray {
    if !x.dtype.isFloating { throw TensorError("avgPool", .unsupportedDType(x.dtype)) }
    let output = try geometry.outputShape(input: x.shape)
    let planes = try Planes(x, geometry, output)
    let (result, seen) = try planes.array(output, zeros: false)
    if result.elementCount == 0 { return seen }
    let (out, a, dtype, cut) = (result.address, planes.source.address, x.dtype, planes.cut)
    try planes.run { (window, image, from) in
      let to = image * cut.channels * window.pointee.outputPlane
      let so = cut.channels
      if dtype == .float32 {
        il_average_f32(out.floats + to, a.floats + from, window, so, 1)
      } else {
        il_average_f64(out.doubles + to, a.doubles + from, window, so, 1)
      }
    }
    return seen
  }

  /// The adjoint of `averagePool`: each element of g, divided by the size of the window, is added to the elements
  /// under its window. `inputShape` has the leading axes of g.
  /// - Throws: `geometry`, `rankTooLow`, `shapesDiffer`, `unsupportedDType` for int64.
  public static func averagePoolAdjoint(
    _ g: NDArray, inputShape: Shape, _ geometry: PoolGeometry
  ) throws(TensorError) -> NDArray {
    if !g.dtype.isFloating { throw TensorError("avgPool", .unsupportedDType(g.dtype)) }
    let output = try geometry.outputShape(input: inputShape)
    if g.shape != output { throw TensorError("avgPool", .shapesDiffer(g.shape, output)) }
    var planes = try Planes(g, geometry, output, input: inputShape)
    let (result, seen) = try planes.array(inputShape, zeros: true)
    if result.elementCount == 0 || g.elementCount == 0 { return seen }
    let (x, a, dtype, cut) = (result.address, planes.source.address, g.dtype, planes.cut)
    planes.window.setPlane(step: cut.channels)
    let size = planes.window.inputPlane * cut.channels
    try planes.run { (window, image, from) in
      let so = cut.channels
      if dtype == .float32 {
        il_average_add_f32(x.floats + image * size, a.floats + from, window, so, 1)
      } else {
        il_average_add_f64(x.doubles + image * size, a.doubles + from, window, so, 1)
      }
    }
    return seen
  }

  /// [a…, last, b] in memory, seen as [a…, b, last].
  fileprivate func seenWithLastAxis(movedBefore axis: Int) throws(TensorError) -> NDArray {
    var swapped = shape
    swapped[axis] = shape[rank - 1]
    swapped[rank - 1] = shape[axis]
    return try view(swapped, swapped.rowMajorStrides).moving(axis: -1, to: axis)
  }
}

/// An array as images of planes: row-major, or with the axis before the spatial ones (the channels) innermost.
private struct Planes {
  let source: NDArray
  let channelsInside: Bool
  let cut: Cut
  var window: il_window
  private let lead: Int

  /// How the images lie behind each other.
  struct Cut {
    /// The channels of an image; 1 where each plane is an image of its own.
    let channels: Int
    let images: Int
    /// From an image to the next.
    let step: Int
  }

  init(_ x: NDArray, _ geometry: PoolGeometry, _ output: Shape, input: Shape? = nil) throws(TensorError) {
    lead = x.rank - geometry.kernel.count
    let ones = geometry.kernel.map { _ in 1 }
    window = Window.make(
      input: input ?? x.shape, output: output, kernel: geometry.kernel, stride: geometry.stride,
      padding: geometry.padding, dilation: ones, lead: lead)
    let inside = lead > 0 ? try x.moving(axis: lead - 1, to: -1) : x
    channelsInside = lead > 0 && x.shape[lead - 1] > 1 && inside.isContiguous
    source = channelsInside ? inside : try x.contiguous()
    let channels = channelsInside ? x.shape[lead - 1] : 1
    let images = x.shape.axes(0..<lead).elementCount / Swift.max(1, channels)
    cut = Cut(channels: channels, images: images, step: images == 0 ? 0 : x.elementCount / images)
    window.channels = channels
    window.sc = 1
    window.setPlane(step: channels)
  }

  /// A fresh array in the same layout: as it lies, and as it is seen.
  func array(_ shape: Shape, zeros: Bool) throws(TensorError) -> (NDArray, NDArray) {
    var inMemory = shape
    if channelsInside { inMemory = shape.removing(at: lead - 1).appending([cut.channels]) }
    let result = try NDArray(uninitialized: inMemory, source.dtype, "pool")
    if zeros { try result.zero() }
    return (result, channelsInside ? try result.moving(axis: -1, to: lead - 1) : result)
  }

  /// Launches `body` with the window, the number of each image and the offset of its first element.
  func run(_ body: @escaping (UnsafePointer<il_window>, Int, Int) -> Void) throws(TensorError) {
    let (window, cut) = (window, cut)
    try launch { () throws(TensorError) in
      try withUnsafePointer(to: window) { window throws(TensorError) in
        let perUnit = Swift.max(1, (1 << 14) / Swift.max(1, cut.step))
        try ThreadPool.run(units: (cut.images + perUnit - 1) / perUnit, stopping: "pool") { unit in
          for image in unit * perUnit..<Swift.min(cut.images, (unit + 1) * perUnit) {
            body(window, image, image * cut.step)
          }
        }
      }
    }
    withExtendedLifetime(source.storage) {}
  }
}
