import CKernels

/// Convolution (cross-correlation, as in every deep-learning library) and its two adjoints over 1 to 3 spatial axes.
///
/// An operand with one axis more than its shape below has a task axis in front: each task is convolved on its own,
/// and operands without it are shared. Outputs and gradients of inputs have channels innermost in memory, seen in the
/// usual order.
///
/// The way of computing is chosen by the shapes and the type alone: ``Winograd`` for 3×3 kernels over enough channels,
/// ``RowConvolution`` for small kernels, ``ColumnConvolution`` for everything else.
extension NDArray {
  /// `out[n, o, p…] = Σ_{c, q…} x[n, c, stride·p + dilation·q − padding …] · w[o, c, q…]`, with x [N, C, spatial…] and
  /// w [O, C/groups, kernel…].
  /// - Throws: `geometry`, `cancelled`, `unsupportedDType` for int64.
  public static func convolution(
    _ x: NDArray, _ w: NDArray, _ geometry: ConvolutionGeometry
  ) throws(TensorError) -> NDArray {
    let (x, w) = try floats(x, w)
    let tasks = try taskCount(x, w, geometry)
    let plan = try ConvolutionPlan(
      input: x.withoutTasks(geometry), kernel: w.withoutTasks(geometry), geometry, x.dtype)
    let shape = ([tasks ?? 1] as Shape).appending(plan.output).removing(at: 2).appending([plan.kernel[0]])
    let result = try NDArray(uninitialized: shape, x.dtype, "conv")
    let seen = try ConvolutionPlan.seenChannelsFirst(result, hasTasks: tasks != nil)
    if result.elementCount == 0 { return seen }
    if plan.depth == 0 {
      try result.zero()
      return seen
    }
    let images = try plan.channelsLast(x)
    if let winograd = Winograd(plan) {
      try winograd.forward(result, images, w)
    } else if let rows = RowConvolution(plan) {
      try rows.forward(result, images, w)
    } else {
      try ColumnConvolution(plan).forward(result, images, w)
    }
    return seen
  }

  /// The adjoint of `convolution` with respect to its input: from g of the output's shape to [N, C, spatial…].
  /// `inputShape` is without the task axis.
  /// - Throws: `geometry`, `shapesDiffer`, `cancelled`, `unsupportedDType` for int64.
  public static func convolutionInputGradient(
    _ g: NDArray, _ w: NDArray, inputShape: Shape, _ geometry: ConvolutionGeometry
  ) throws(TensorError) -> NDArray {
    let (g, w) = try floats(g, w)
    let tasks = try taskCount(g, w, geometry)
    let plan = try ConvolutionPlan(input: inputShape, kernel: w.withoutTasks(geometry), geometry, g.dtype)
    let given = g.withoutTasks(geometry)
    if given != plan.output { throw TensorError("conv", .shapesDiffer(given, plan.output)) }
    if let flipped = try reflected(g, w, plan) { return flipped }
    let shape = ([tasks ?? 1] as Shape).appending(plan.input).removing(at: 2).appending([plan.input[1]])
    let result = try NDArray(zeros: shape, g.dtype)
    let seen = try ConvolutionPlan.seenChannelsFirst(result, hasTasks: tasks != nil)
    if result.elementCount == 0 || g.elementCount == 0 || plan.depth == 0 { return seen }
    try ColumnConvolution(plan).inputGradient(result, try plan.channelsLast(g), w)
    return seen
  }

  /// With strides of 1 the adjoint is itself a convolution, of g with the kernels reflected in space and their
  /// channels exchanged; that saves adding overlapping windows.
  private static func reflected(_ g: NDArray, _ w: NDArray, _ plan: ConvolutionPlan) throws(TensorError)
    -> NDArray?
  {
    let geometry = plan.geometry
    var mirrored = geometry
    for i in 0..<plan.spatial {
      let padding = geometry.dilation[i] * (plan.kernel[i + 2] - 1) - geometry.padding[i]
      if geometry.stride[i] != 1 || padding < 0 || plan.kernel[i + 2] == 0 { return nil }
      mirrored.padding[i] = padding
    }
    if g.elementCount == 0 || w.elementCount == 0 { return nil }
    let hasTasks = w.rank == plan.spatial + 3
    var kernels = w
    for i in 0..<plan.spatial {
      let axis = kernels.rank - 1 - i
      kernels = try kernels.sliced(axis: axis, from: kernels.shape[axis] - 1, to: -1, step: -1)
    }
    let lead = hasTasks ? 1 : 0
    if plan.groups == 1 {
      kernels = try kernels.moving(axis: lead, to: lead + 1)
    } else {
      // [O, C/groups, …] -> [groups, O/groups, C/groups, …] -> [groups, C/groups, O/groups, …] -> [C, O/groups, …]
      if kernels.rank == Shape.maximumRank { return nil }
      let head = kernels.shape.axes(0..<lead)
      let tail = kernels.shape.axes(lead + 2..<kernels.rank)
      let cut = head.appending([plan.groups, plan.outputsPerGroup, plan.kernel[1]]).appending(tail)
      let joined = head.appending([plan.input[1], plan.outputsPerGroup]).appending(tail)
      kernels = try kernels.reshaped(cut).moving(axis: lead + 1, to: lead + 2).reshaped(joined)
    }
    return try convolution(g, kernels, mirrored)
  }

  /// The adjoint of `convolution` with respect to its kernels: from g of the output's shape and the input x to
  /// `kernelShape` ([O, C/groups, kernel…], without the task axis). When g or x has tasks, each task has its own.
  /// - Throws: `geometry`, `shapesDiffer`, `cancelled`, `unsupportedDType` for int64.
  public static func convolutionWeightGradient(
    _ g: NDArray, _ x: NDArray, kernelShape: Shape, _ geometry: ConvolutionGeometry
  ) throws(TensorError) -> NDArray {
    let (g, x) = try floats(g, x)
    let tasks = try taskCount(g, x, geometry)
    let plan = try ConvolutionPlan(input: x.withoutTasks(geometry), kernel: kernelShape, geometry, g.dtype)
    let given = g.withoutTasks(geometry)
    if given != plan.output { throw TensorError("conv", .shapesDiffer(given, plan.output)) }
    let shape = ([tasks ?? 1] as Shape).appending(plan.kernel)
    let total: NDArray
    if g.elementCount == 0 || x.elementCount == 0 || shape.elementCount == 0 {
      total = try NDArray(zeros: shape, g.dtype)
    } else {
      let gradients = try plan.channelsLast(g)
      let images = try plan.channelsLast(x)
      total =
        if let winograd = Winograd(plan) {
          try winograd.weightGradient(gradients, images, tasks: shape[0])
        } else if let rows = RowConvolution(plan) {
          try rows.weightGradient(gradients, images, tasks: shape[0])
        } else {
          try ColumnConvolution(plan).weightGradient(gradients, images, tasks: shape[0])
        }
    }
    return try tasks != nil ? total : total.selecting(axis: 0, index: 0)
  }

  private static func floats(_ a: NDArray, _ b: NDArray) throws(TensorError) -> (NDArray, NDArray) {
    let dtype = DType.promoted(a.dtype, b.dtype)
    if !dtype.isFloating { throw TensorError("conv", .unsupportedDType(dtype)) }
    return (try a.cast(to: dtype), try b.cast(to: dtype))
  }

  /// The size of the task axis, which at least one operand has, or nil.
  private static func taskCount(
    _ a: NDArray, _ b: NDArray, _ geometry: ConvolutionGeometry
  ) throws(TensorError) -> Int? {
    let rank = geometry.stride.count + 3
    let counts = (a.rank == rank ? a.shape[0] : nil, b.rank == rank ? b.shape[0] : nil)
    if let p = counts.0, let q = counts.1, p != q {
      throw TensorError("conv", .shapesDiffer(a.shape, b.shape))
    }
    return counts.0 ?? counts.1
  }

  private func withoutTasks(_ geometry: ConvolutionGeometry) -> Shape {
    rank == geometry.stride.count + 3 ? shape.removing(at: 0) : shape
  }
}
