import CKernels

/// Convolution of few channels, straight from the images: the kernels, as a matrix [k0·k1·C, O], fit the first cache,
/// and a row of outputs is the product of what lies there in k0 rows of the padded image with them.
///
/// In an NHWC image the k1·C numbers that a window reads from one row are neighbours, and those of the next window
/// begin `stride·C` further on; so the rows of the left matrix overlap where they lie, and nothing is copied but the
/// image into its padding.
struct RowConvolution {
  let plan: ConvolutionPlan
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let outputs: Int
  /// Rows of the kernels' matrix are filled up to whole vectors.
  private let outputRow: Int
  /// Elements of one padded row.
  private let line: Int

  private static let kernelBytes = 128 << 10
  /// Bytes of the padded rows that one unit works on, when one window does not reach over more.
  private static let rowsBytes = 32 << 10

  /// Nil where the kernels are large, or windows read rows with gaps.
  init?(_ plan: ConvolutionPlan) {
    geometry = plan.geometry
    if plan.spatial != 2 || plan.groups != 1 { return nil }
    if geometry.dilation[1] != 1 && plan.kernel[3] != 1 { return nil }
    self.plan = plan
    (outputs, channels) = (plan.kernel[0], plan.kernel[1])
    outputRow = outputs.roundedUp(to: 64 / plan.dtype.byteSize)
    line = (plan.input[3] + 2 * geometry.padding[1]) * channels
    if plan.depth * outputRow * plan.dtype.byteSize > Self.kernelBytes { return nil }
    if line * reach(1) * plan.dtype.byteSize > 4 << 20 { return nil }
  }

  private var kernelSize: Int { plan.depth * outputRow }

  /// The padded rows that `count` rows of windows reach over.
  private func reach(_ count: Int) -> Int {
    (count - 1) * geometry.stride[0] + geometry.dilation[0] * (plan.kernel[2] - 1) + 1
  }

  /// Rows of outputs in one strip of an image, and the strips of an image.
  private var strip: (rows: Int, count: Int) {
    let height = plan.output[2]
    var rows = height
    while rows > 1 && reach(rows) * line * plan.dtype.byteSize > Self.rowsBytes { rows = (rows + 1) / 2 }
    return (rows, (height + rows - 1) / rows)
  }

  /// Copies the rows that the windows from `row` to `end` of the image read, with zeros around.
  private func pad(_ rows: UnsafeMutableRawPointer, _ image: UnsafeMutableRawPointer, _ row: Int, _ end: Int)
  {
    let width = plan.dtype.byteSize
    let (left, inside) = (geometry.padding[1] * channels * width, plan.input[3] * channels * width)
    let all = line * width
    var target = rows
    let first = row * geometry.stride[0] - geometry.padding[0]
    for y in first..<first + reach(end - row) {
      if y < 0 || y >= plan.input[2] {
        target.initializeMemory(as: UInt8.self, repeating: 0, count: all)
      } else {
        target.initializeMemory(as: UInt8.self, repeating: 0, count: left)
        (target + left).copyMemory(from: image + y * inside, byteCount: inside)
        (target + left + inside).initializeMemory(as: UInt8.self, repeating: 0, count: left)
      }
      target += all
    }
  }

  /// Writes the kernels of one task as a matrix [k0, k1, C, outputRow], the filling being zero.
  private func arrange(_ u: UnsafeMutableRawPointer, _ w: UnsafeMutableRawPointer, _ strides: Shape) {
    let width = plan.dtype.byteSize
    let first = strides.rank - 4
    var loop = il_loop()
    (loop.size0, loop.size1, loop.size2) = (1, channels, outputs)
    (loop.out1, loop.out2, loop.a1, loop.a2) = (outputRow, 1, strides[first + 1], strides[first])
    if outputRow > outputs {
      u.initializeMemory(as: UInt8.self, repeating: 0, count: kernelSize * width)
    }
    for i in 0..<plan.kernel[2] {
      for j in 0..<plan.kernel[3] {
        let target = u + (i * plan.kernel[3] + j) * channels * outputRow * width
        let source = w + (i * strides[first + 2] + j * strides[first + 3]) * width
        if plan.dtype == .float32 {
          il_copy_4(
            target.assumingMemoryBound(to: UInt32.self), source.assumingMemoryBound(to: UInt32.self), &loop)
        } else {
          il_copy_8(
            target.assumingMemoryBound(to: UInt64.self), source.assumingMemoryBound(to: UInt64.self), &loop)
        }
      }
    }
  }

  /// Writes the convolution of `images` [T or 1, N, H, W, C] with w to `result` [T, N, H, W, O].
  func forward(_ result: NDArray, _ images: NDArray, _ w: NDArray) throws(TensorError) {
    let hasOwnKernels = w.rank == 5
    let products = hasOwnKernels ? result.shape[0] : 1
    let count = result.shape[0] * result.shape[1]
    let perProduct = count / products
    let (dtype, width, kernelSize, strides) = (plan.dtype, plan.dtype.byteSize, kernelSize, w.strides)
    let (strip, strips) = strip
    let matrices = try Storage(products * kernelSize, dtype, "conv")
    let space = try Workspace(reach(strip) * line, dtype, units: count * strips, "conv")
    let (parts, u, kernels, x, y) = (space.parts, matrices.pointer, w.address, images.address, result.address)
    let kernelStep = hasOwnKernels ? strides[0] * width : 0
    let imageSize = plan.window.si * width
    let isShared = images.shape[0] == 1 && products > 1
    let (height, rowSize) = (plan.output[2], plan.output[3] * outputs * width)
    let panel = il_panel(
      m: plan.output[3], n: outputs, segments: plan.kernel[2], k: plan.kernel[3] * channels,
      as: geometry.dilation[0] * line, ar: geometry.stride[1] * channels, ac: 1, ldb: outputRow, ldo: outputs,
      add: 0)
    let rowStep = geometry.stride[0] * line * width
    // Images are small next to what a unit costs to begin.
    let perUnit = max(1, (1 << 16) / max(1, strip * rowSize))
    let all = count * strips
    try launch { () throws(TensorError) in
      for product in 0..<products {
        arrange(u + product * kernelSize * width, kernels + product * kernelStep, strides)
      }
      try parts.run(units: (all + perUnit - 1) / perUnit, stopping: "conv") { (unit, rows) in
        for at in unit * perUnit..<min(all, (unit + 1) * perUnit) {
          let (image, from) = (at / strips, at % strips * strip)
          let to = min(height, from + strip)
          let product = image / perProduct
          pad(rows, x + (isShared ? image % perProduct : image) * imageSize, from, to)
          for row in from..<to {
            Transforms.multiply(
              dtype, y + (image * height + row) * rowSize, rows + (row - from) * rowStep,
              u + product * kernelSize * width, panel)
          }
        }
      }
    }
    withExtendedLifetime((matrices, space, images.storage)) {}
  }

  /// The gradient with respect to the kernels, [T, O, C, k0, k1] in row-major order, from `gradients` [T or 1, N, H,
  /// W, O] and `images` [T or 1, N, H, W, C].
  func weightGradient(_ gradients: NDArray, _ images: NDArray, tasks: Int) throws(TensorError) -> NDArray {
    let (dtype, width, kernelSize) = (plan.dtype, plan.dtype.byteSize, kernelSize)
    let (strip, strips) = strip
    let all = plan.input[0] * strips
    // A few sections for each task, each a sum of its own; then they are added in order. How many does not depend on the
    // tasks: a task's numbers are the same beside any others.
    let wanted = max(1, min(16, all / 4))
    let section = (all + wanted - 1) / wanted
    let sections = (all + section - 1) / section
    let partial = try NDArray(
      uninitialized: [tasks, sections, plan.kernel[2] * plan.kernel[3], channels, outputRow], dtype, "conv")
    let filled = outputRow > outputs ? plan.output[3] * outputRow : 0
    let space = try Workspace(reach(strip) * line + filled, dtype, units: tasks * sections, "conv")
    let (parts, u, g, x) = (space.parts, partial.address, gradients.address, images.address)
    let imageSize = plan.window.si * width
    let (height, rowSize) = (plan.output[2], plan.output[3] * outputs * width)
    let gradientStep = gradients.shape[0] == 1 ? 0 : gradients.elementCount / tasks * width
    let imageStep = images.shape[0] == 1 ? 0 : images.elementCount / tasks * width
    var panel = il_panel(
      m: plan.kernel[3] * channels, n: outputRow, segments: 1, k: plan.output[3], as: 0, ar: 1,
      ac: geometry.stride[1] * channels, ldb: outputRow, ldo: outputRow, add: 1)
    if plan.kernel[3] == 0 { panel.m = 0 }
    let ready = panel
    let rowStep = geometry.stride[0] * line * width
    let tapStep = geometry.dilation[0] * line * width
    let (taps, tapSize) = (plan.kernel[2], plan.kernel[3] * channels * outputRow * width)
    let (outputs, outputRow, across) = (outputs, outputRow, plan.output[3])
    let filling = reach(strip) * line * width
    try launch { () throws(TensorError) in
      try parts.run(units: tasks * sections, stopping: "conv") { (unit, rows) in
        let task = unit / sections
        let start = unit % sections * section
        let sum = u + unit * kernelSize * width
        sum.initializeMemory(as: UInt8.self, repeating: 0, count: kernelSize * width)
        for at in start..<min(all, start + section) {
          if Cancellation.isRequested && at > start { break }
          let (image, from) = (at / strips, at % strips * strip)
          let to = min(height, from + strip)
          pad(rows, x + task * imageStep + image * imageSize, from, to)
          for row in from..<to {
            var right = g + task * gradientStep + (image * height + row) * rowSize
            if filled > 0 {
              let copy = rows + filling
              for i in 0..<across {
                (copy + i * outputRow * width).copyMemory(
                  from: right + i * outputs * width, byteCount: outputs * width)
                (copy + (i * outputRow + outputs) * width).initializeMemory(
                  as: UInt8.self, repeating: 0, count: (outputRow - outputs) * width)
              }
              right = copy
            }
            for tap in 0..<taps {
              Transforms.multiply(
                dtype, sum + tap * tapSize, rows + (row - from) * rowStep + tap * tapStep, right, ready)
            }
          }
        }
      }
      try Cancellation.check("conv")
    }
    withExtendedLifetime((space, images.storage, gradients.storage)) {}
    let total = try sections == 1 ? partial.removing(axis: 1) : partial.sum(axes: [1])
    let shape = ([tasks] as Shape).appending(plan.kernel)
    return try total.sliced(axis: 3, from: 0, to: outputs, step: 1).moving(axis: 3, to: 1).moving(
      axis: 2, to: 3
    )
    .reshaped(shape).contiguous()
  }
}
