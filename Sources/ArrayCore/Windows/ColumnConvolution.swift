import CKernels

/// Convolution of any kind: what windows see is copied into rows of a matrix, whose product with the kernels has the
/// output's channels as columns.
struct ColumnConvolution {
  let plan: ConvolutionPlan

  init(_ plan: ConvolutionPlan) { self.plan = plan }

  /// Output positions per unit of work, by the sizes alone: the matrix of what they see fits the second cache.
  private var rowsPerUnit: Int { max(64, min(1024, (384 << 10) / plan.dtype.byteSize / max(plan.depth, 1))) }

  /// The kernels as [T, groups, outputs per group, taps…, channels per group] in row-major order.
  private func kernelRows(_ w: NDArray) throws(TensorError) -> NDArray {
    let tasks = w.rank == plan.spatial + 3 ? w.shape[0] : 1
    let whole = w.rank == plan.spatial + 3 ? w : try w.inserting(axis: 0)
    return try whole.moving(axis: 2, to: -1).contiguous().reshaped([
      tasks, plan.groups, plan.outputsPerGroup, plan.window.taps, plan.kernel[1],
    ])
  }

  /// Writes what windows see into rows of `columns`.
  private func read(
    _ x: UnsafeMutableRawPointer, _ columns: UnsafeMutableRawPointer, from: Int, to: Int
  ) {
    withUnsafePointer(to: plan.window) { window in
      if plan.dtype == .float32 {
        il_columns_f32(columns.floats, x.floats, window, from, to)
      } else {
        il_columns_f64(columns.doubles, x.doubles, window, from, to)
      }
    }
  }

  /// Adds rows of `columns` to where windows saw them.
  private func add(
    _ columns: UnsafeMutableRawPointer, _ x: UnsafeMutableRawPointer, from: Int, to: Int
  ) {
    withUnsafePointer(to: plan.window) { window in
      if plan.dtype == .float32 {
        il_columns_add_f32(x.floats, columns.floats, window, from, to)
      } else {
        il_columns_add_f64(x.doubles, columns.doubles, window, from, to)
      }
    }
  }

  /// Writes the convolution of `images` [T or 1, N, spatial…, C] with w to `result` [T, N, spatial…, O].
  func forward(_ result: NDArray, _ images: NDArray, _ w: NDArray) throws(TensorError) {
    let kernels = try kernelRows(w)
    // Kernels that all tasks share see the tasks as more images.
    let products = w.rank == plan.spatial + 3 ? result.shape[0] : 1
    let rows = result.shape[0] * plan.input[0] * plan.window.outputPlane / products
    let unit = rowsPerUnit
    let unitsPerProduct = (rows + unit - 1) / unit
    let (plan, o, depth, width) = (plan, plan.kernel[0], plan.depth, plan.dtype.byteSize)
    let imageStep = images.shape[0] == 1 && products > 1 ? 0 : images.elementCount / products
    let kernelStep = kernels.shape[0] == 1 ? 0 : kernels.elementCount / products
    let each = plan.outputsPerGroup
    let space = try Workspace(unit * depth, plan.dtype, units: products * unitsPerProduct, "conv")
    let (parts, out, x, k) = (space.parts, result.address, images.address, kernels.address)
    try launch { () throws(TensorError) in
      try parts.run(units: products * unitsPerProduct, stopping: "conv") { (index, columns) in
        let (product, from) = (index / unitsPerProduct, index % unitsPerProduct * unit)
        let to = min(rows, from + unit)
        for group in 0..<plan.groups {
          read(x + (product * imageStep + group * plan.kernel[1]) * width, columns, from: from, to: to)
          Gemm.run(
            plan.dtype, out + ((product * rows + from) * o + group * each) * width, ldo: o,
            columns, (false, depth), k + (product * kernelStep + group * each * depth) * width,
            (true, depth), m: to - from, k: depth, n: each)
        }
      }
    }
    withExtendedLifetime((space, images.storage, kernels.storage)) {}
  }

  /// Adds the gradient with respect to the input, from `gradients` [T or 1, N, spatial…, O], to `result` [T, N,
  /// spatial…, C].
  func inputGradient(_ result: NDArray, _ gradients: NDArray, _ w: NDArray) throws(TensorError) {
    let kernels = try kernelRows(w)
    let products = result.shape[0]
    let (plan, o, depth, width) = (plan, plan.kernel[0], plan.depth, plan.dtype.byteSize)
    let plane = plan.window.outputPlane
    let images = plan.input[0]
    let unit = rowsPerUnit
    // Windows of one image overlap, so a unit is whole images.
    let imagesPerUnit = max(1, unit / plane)
    let unitsPerProduct = (images + imagesPerUnit - 1) / imagesPerUnit
    let gradientStep = gradients.shape[0] == 1 ? 0 : gradients.elementCount / products
    let kernelStep = kernels.shape[0] == 1 ? 0 : kernels.elementCount / products
    let each = plan.outputsPerGroup
    let space = try Workspace(unit * depth, plan.dtype, units: products * unitsPerProduct, "conv")
    let (parts, x, g, k) = (space.parts, result.address, gradients.address, kernels.address)
    try launch { () throws(TensorError) in
      try parts.run(units: products * unitsPerProduct, stopping: "conv") { (index, columns) in
        let (product, first) = (index / unitsPerProduct, index % unitsPerProduct * imagesPerUnit)
        let end = min(images, first + imagesPerUnit) * plane
        for group in 0..<plan.groups {
          let target = x + (product * images * plan.window.si + group * plan.kernel[1]) * width
          var from = first * plane
          while from < end {
            let to = min(end, from + unit)
            Gemm.run(
              plan.dtype, columns, ldo: depth,
              g + (product * gradientStep + from * o + group * each) * width, (false, o),
              k + (product * kernelStep + group * each * depth) * width, (false, depth),
              m: to - from, k: each, n: depth)
            add(columns, target, from: from, to: to)
            from = to
          }
        }
      }
    }
    withExtendedLifetime((space, gradients.storage, kernels.storage)) {}
  }

  /// The gradient with respect to the kernels, seen as [T, O, C/groups, kernel…], from `gradients` [T or 1, N,
  /// spatial…, O] and `images` [T or 1, N, spatial…, C].
  func weightGradient(_ gradients: NDArray, _ images: NDArray, tasks: Int) throws(TensorError) -> NDArray {
    let (plan, o, depth, width) = (plan, plan.kernel[0], plan.depth, plan.dtype.byteSize)
    let rows = plan.input[0] * plan.window.outputPlane
    let unit = rowsPerUnit
    // A few sections per task, each a sum of its own; then they are added in order.
    let units = (rows + unit - 1) / unit
    let unitsPerSection = max(4, (units + 7) / 8)
    let sections = max(1, (units + unitsPerSection - 1) / unitsPerSection)
    let taps = Shape.init(plan.kernel.dropFirst(2), plan.kernel[1])
    let partial = try NDArray(
      uninitialized: ([tasks, sections, o] as Shape).appending(taps), plan.dtype, "conv")
    let imageStep = images.shape[0] == 1 ? 0 : images.elementCount / tasks
    let gradientStep = gradients.shape[0] == 1 ? 0 : gradients.elementCount / tasks
    let each = plan.outputsPerGroup
    let space = try Workspace(unit * depth, plan.dtype, units: tasks * sections, "conv")
    let (parts, out, g, x) = (space.parts, partial.address, gradients.address, images.address)
    try launch { () throws(TensorError) in
      try parts.run(units: tasks * sections, stopping: "conv") { (index, columns) in
        let (task, section) = (index / sections, index % sections)
        let start = section * unitsPerSection * unit
        let end = min(rows, start + unitsPerSection * unit)
        for group in 0..<plan.groups {
          var from = start
          while from < end && !Cancellation.isRequested {
            let to = min(end, from + unit)
            read(x + (task * imageStep + group * plan.kernel[1]) * width, columns, from: from, to: to)
            Gemm.run(
              plan.dtype, out + (index * o + group * each) * depth * width, ldo: depth,
              g + (task * gradientStep + from * o + group * each) * width, (true, o), columns,
              (false, depth), m: each, k: to - from, n: depth, accumulate: from > start)
            from = to
          }
        }
      }
      try Cancellation.check("conv")
    }
    withExtendedLifetime((space, images.storage, gradients.storage)) {}
    let total = try sections == 1 ? partial.removing(axis: 1) : partial.sum(axes: [1])
    return try total.moving(axis: -1, to: 2)
  }
}

extension Shape {
  /// The sizes of a slice, then one more; the caller knows that there is room.
  init(_ sizes: Slice<Shape>, _ last: Int) {
    self.init()
    for size in sizes { append(size) }
    append(last)
  }
}
