import CKernels

/// Convolution of 3×3 kernels by Winograd's F(2×2, 3×3): 16 multiplications for 4 outputs in place of 36.
///
/// Tiles of 4×4 inputs, which overlap by two, are transformed into 16 matrices [tiles, C]; each is multiplied by the
/// matrix [C, O] of the transformed kernels, and the products are transformed into tiles of 2×2 outputs. The
/// adjoint with respect to the kernels is the adjoint of this, a sum over tiles. The work is cut into blocks of
/// tiles, whose matrices stay in the second cache.
struct Winograd {
  let plan: ConvolutionPlan
  /// Whole tiles of 2×2 outputs in each image.
  private let tiles0: Int
  private let tiles1: Int
  private let channels: Int
  private let outputs: Int
  /// The rows of the matrices are filled up to whole vectors.
  private let channelRow: Int
  private let outputRow: Int

  /// Bytes of the matrices of one block of tiles.
  private static let blockBytes = 768 << 10
  /// Bytes of the transformed kernels, or of their gradients, that are there at once.
  private static let kernelBytes = 4 << 20
  /// With fewer channels the transforms cost more than they save.
  private static let fewestChannels = 8
  /// Sums that a gradient with respect to kernels is made of.
  private static let mostSections = 8
  /// Channels whose kernels are transformed in one unit.
  private static let kernelUnit = 8

  /// Nil where the convolution is none of 3×3 kernels side by side over enough channels.
  init?(_ plan: ConvolutionPlan) {
    let geometry = plan.geometry
    if plan.spatial != 2 || plan.groups != 1 || plan.kernel[2] != 3 || plan.kernel[3] != 3 { return nil }
    if geometry.stride != [1, 1] || geometry.dilation != [1, 1] { return nil }
    if min(plan.kernel[0], plan.kernel[1]) < Self.fewestChannels { return nil }
    self.plan = plan
    tiles0 = (plan.output[2] + 1) / 2
    tiles1 = (plan.output[3] + 1) / 2
    (outputs, channels) = (plan.kernel[0], plan.kernel[1])
    let vector = 64 / plan.dtype.byteSize
    channelRow = channels.roundedUp(to: vector)
    outputRow = outputs.roundedUp(to: vector)
  }

  /// Elements of the transformed kernels of one product.
  private var kernelSize: Int { 16 * channels * outputRow }
  /// How many products' kernels, or sums of them, are there at once.
  private func round(_ products: Int) -> Int {
    max(1, min(products, Self.kernelBytes / (kernelSize * plan.dtype.byteSize)))
  }

  /// Tiles in a block, when there are `tiles` in all: blocks of nearly equal sizes.
  private func block(_ tiles: Int) -> Int {
    let most = max(6, Self.blockBytes / (16 * (channelRow + outputRow) * plan.dtype.byteSize))
    let blocks = (tiles + most - 1) / most
    return ((tiles + blocks - 1) / blocks).roundedUp(to: 6)
  }

  /// The distance between the matrices of a block; not a power of two, whose multiples share places in the caches.
  private func step(_ block: Int, _ row: Int) -> Int { block * row + 5 * 64 / plan.dtype.byteSize }

  /// How a transform sees images of the sizes of `shape`, [N, channels, height, width].
  private func view(_ shape: Shape, row: Int, block: Int) -> il_winograd {
    il_winograd(
      tiles0: tiles0, tiles1: tiles1, in0: shape[2], in1: shape[3], channels: shape[1],
      pad0: plan.geometry.padding[0], pad1: plan.geometry.padding[1], row: row, step: step(block, row))
  }

  /// How the transforms see kernels whose output, channel and spatial strides are the last four of `strides`.
  private func kernelView(_ strides: Shape) -> il_winograd_kernel {
    let first = strides.rank - 4
    return il_winograd_kernel(
      outputs: outputs, so: strides[first], sc: strides[first + 1], s0: strides[first + 2],
      s1: strides[first + 3], row: outputRow, step: channels * outputRow)
  }

  /// Writes the convolution of `images` [T or 1, N, H, W, C] with w to `result` [T, N, H, W, O].
  func forward(_ result: NDArray, _ images: NDArray, _ w: NDArray) throws(TensorError) {
    let hasOwnKernels = w.rank == 5
    let products = hasOwnKernels ? result.shape[0] : 1
    let tiles = result.shape[0] / products * result.shape[1] * tiles0 * tiles1
    let block = block(tiles)
    let blocks = (tiles + block - 1) / block
    let round = round(products)
    let (dtype, width, kernelSize, channels) = (plan.dtype, plan.dtype.byteSize, kernelSize, channels)
    let input = view(plan.input, row: channelRow, block: block)
    let output = view(plan.output, row: outputRow, block: block)
    let kernelView = kernelView(w.strides)
    let transformed = try Storage(round * kernelSize, dtype, "conv")
    let space = try Workspace(16 * (input.step + output.step), dtype, units: round * blocks, "conv")
    let (parts, u, kernels, x, y) = (
      space.parts, transformed.pointer, w.address, images.address, result.address
    )
    let kernelStep = hasOwnKernels ? w.strides[0] * width : 0
    let imageStep = images.shape[0] == 1 && products > 1 ? 0 : images.elementCount / products * width
    let resultStep = result.elementCount / products * width
    let panel = il_panel(
      m: 0, n: outputRow, segments: 1, k: channels, as: 0, ar: channelRow, ac: 1, ldb: outputRow,
      ldo: outputRow,
      add: 0)
    let cuts = (channels + Self.kernelUnit - 1) / Self.kernelUnit
    try launch { () throws(TensorError) in
      for first in stride(from: 0, to: products, by: round) {
        let count = min(round, products - first)
        ThreadPool.run(units: count * cuts) { unit in
          let (product, cut) = (unit / cuts, unit % cuts * Self.kernelUnit)
          Transforms.kernel(
            dtype, u + product * kernelSize * width, kernels + (first + product) * kernelStep, kernelView,
            cut,
            min(channels, cut + Self.kernelUnit))
        }
        try parts.run(units: count * blocks, stopping: "conv") { (unit, v) in
          let (product, from) = (unit / blocks, unit % blocks * block)
          let to = min(tiles, from + block)
          let m = v + 16 * input.step * width
          Transforms.input(dtype, v, x + (first + product) * imageStep, input, from, to)
          var panel = panel
          panel.m = to - from
          for place in 0..<16 {
            Transforms.multiply(
              dtype, m + place * output.step * width, v + place * input.step * width,
              u + (product * kernelSize + place * kernelView.step) * width, panel)
          }
          Transforms.output(dtype, y + (first + product) * resultStep, m, output, from, to)
        }
      }
    }
    withExtendedLifetime((transformed, space, images.storage)) {}
  }

  /// The gradient with respect to the kernels, [T, O, C, 3, 3] in row-major order, from `gradients` [T or 1, N, H, W,
  /// O] and `images` [T or 1, N, H, W, C].
  func weightGradient(_ gradients: NDArray, _ images: NDArray, tasks: Int) throws(TensorError) -> NDArray {
    let (dtype, width, kernelSize, channels) = (plan.dtype, plan.dtype.byteSize, kernelSize, channels)
    let result = try NDArray(uninitialized: ([tasks] as Shape).appending(plan.kernel), dtype, "conv")
    let tiles = plan.input[0] * tiles0 * tiles1
    // A few sections for each task, each a sum of its own; then they are added in order. How many does not depend on the
    // tasks: a task's numbers are the same beside any others.
    let wanted = max(1, min(Self.mostSections, tiles / 96))
    let section = ((tiles + wanted - 1) / wanted).roundedUp(to: 2)
    let sections = (tiles + section - 1) / section
    let round = max(1, round(tasks * sections) / sections)
    let block = block(section)
    let input = view(plan.input, row: channelRow, block: block)
    let output = view(plan.output, row: outputRow, block: block)
    let kernelView = kernelView(result.strides)
    let sums = try Storage(round * sections * kernelSize, dtype, "conv")
    let space = try Workspace(16 * (input.step + output.step), dtype, units: round * sections, "conv")
    let (parts, u, g, x, out) = (space.parts, sums.pointer, gradients.address, images.address, result.address)
    let gradientStep = gradients.shape[0] == 1 ? 0 : gradients.elementCount / tasks * width
    let imageStep = images.shape[0] == 1 ? 0 : images.elementCount / tasks * width
    let resultStep = result.elementCount / tasks * width
    let panel = il_panel(
      m: channels, n: outputRow, segments: 1, k: 0, as: 0, ar: 1, ac: channelRow, ldb: outputRow,
      ldo: outputRow,
      add: 0)
    let cuts = (channels + Self.kernelUnit - 1) / Self.kernelUnit
    try launch { () throws(TensorError) in
      for first in stride(from: 0, to: tasks, by: round) {
        let count = min(round, tasks - first)
        try parts.run(units: count * sections, stopping: "conv") { (unit, v) in
          let task = first + unit / sections
          let start = unit % sections * section
          let end = min(tiles, start + section)
          let z = v + 16 * input.step * width
          var from = start
          while from < end && !(from > start && Cancellation.isRequested) {
            let to = min(end, from + block)
            Transforms.input(dtype, v, x + task * imageStep, input, from, to)
            Transforms.gradient(dtype, z, g + task * gradientStep, output, from, to)
            var panel = panel
            panel.k = to - from
            panel.add = from > start ? 1 : 0
            for place in 0..<16 {
              Transforms.multiply(
                dtype, u + (unit * kernelSize + place * kernelView.step) * width,
                v + place * input.step * width, z + place * output.step * width, panel)
            }
            from = to
          }
        }
        ThreadPool.run(units: count * cuts) { unit in
          let (task, cut) = (unit / cuts, unit % cuts * Self.kernelUnit)
          Transforms.kernelGradient(
            dtype, out + (first + task) * resultStep, u + task * sections * kernelSize * width, kernelView,
            sections, cut, min(channels, cut + Self.kernelUnit))
        }
        try Cancellation.check("conv")
      }
    }
    withExtendedLifetime((sums, space, images.storage, gradients.storage)) {}
    return result
  }
}
