import CKernels

/// Batch normalisation with the batch's own statistics, and its derivatives, with the selection of pooling windows.
///
/// With the mean μ and the biased variance of each channel, r = 1/√(var + eps) and x̂ = (x − μ) r. S keeps of each
/// window the first largest x, or the first smallest where the channel's sign is −1, or the first where it is 0; Sᵀ
/// puts values back there, among zeros. Derivatives take S for constant. ⟨·⟩ is the mean over a channel.
///
/// All take the `moments` that `channelMoments` made of the same x. Any operand may have a task axis in front or be
/// shared by the tasks of the others.
extension NDArray {
  /// S x̂
  /// - Throws: `geometry`, `shapesDiffer`, `unsupportedDType`, as the others.
  public static func normalize(
    _ x: NDArray, moments: NDArray, _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    try combined(IL_NORMALISED, x, nil, nil, moments, geometry)
  }

  /// The gradient to x of ⟨g, S x̂⟩, summed: r(ĝ − ⟨ĝ⟩ − x̂⟨ĝx̂⟩) with ĝ = Sᵀg.
  public static func normalizeGradient(
    _ x: NDArray, _ g: NDArray, moments: NDArray, _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    try combined(IL_GRADIENT, x, g, nil, moments, geometry)
  }

  /// The derivative of S x̂ along u: S r(u − ⟨u⟩ − x̂⟨ux̂⟩).
  public static func normalizeTangent(
    _ x: NDArray, _ u: NDArray, moments: NDArray, _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    try combined(IL_TANGENT, x, nil, u, moments, geometry)
  }

  /// The derivative along u of the gradient, −r²((c − 3ab) x̂ + b(ĝ − ⟨ĝ⟩) + a(u − ⟨u⟩)) with a = ⟨ĝx̂⟩, b = ⟨ux̂⟩
  /// and c = ⟨uĝ⟩ − ⟨u⟩⟨ĝ⟩.
  public static func normalizeCurvature(
    _ x: NDArray, _ g: NDArray, _ u: NDArray, moments: NDArray, _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    try combined(IL_CURVATURE, x, g, u, moments, geometry)
  }

  /// Every one of them is a combination of 1, x − μ, ĝ and u whose factors come from sums over the channel: a pass
  /// that reads for the sums, and a pass that writes.
  private static func combined<Code: BinaryInteger>(
    _ code: Code, _ x: NDArray, _ g: NDArray?, _ u: NDArray?, _ moments: NDArray,
    _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    let kind = Int32(code)
    let withTasks = [x, g, u].first { ($0?.rank ?? 0) == geometry.spatialAxes + 3 } ?? nil
    let plan = try NormalizationPlan(x, tasks: withTasks?.shape[0], geometry)
    let (channels, units, cut, tasks) = (plan.channels, plan.units, plan.cut, plan.tasks ?? 1)
    guard moments.shape == [x.rank == geometry.spatialAxes + 3 ? x.shape[0] : 1, 3, channels] else {
      throw TensorError("normalize", .shapesDiffer(moments.shape, [tasks, 3, channels]))
    }
    let (isFull, needsSums) = (kind != IL_NORMALISED && g != nil, kind != IL_NORMALISED)
    let (result, seen) = try plan.array(isFull ? plan.input : plan.output, x.dtype)
    if result.elementCount == 0 { return seen }
    let source = try plan.operand(x, plan.input, x.dtype)
    let pooled = try g.map { (g) throws(TensorError) in try plan.operand(g, plan.output, x.dtype) }
    let direction = try u.map { (u) throws(TensorError) in try plan.operand(u, plan.input, x.dtype) }
    let partial = try NDArray(
      uninitialized: [needsSums ? tasks * units : 0, 5, channels], .float64, "normalize")
    let factors = try NDArray(uninitialized: [tasks, 4, channels], x.dtype, "normalize")
    let work = Combination(
      kind: kind, isSingle: x.dtype == .float32, out: result.address, x: source.array.address,
      g: pooled?.array.address, u: direction?.array.address, moments: moments.address,
      sums: partial.pointer(), factors: factors.address, xStep: source.perTask, gStep: pooled?.perTask ?? 0,
      uStep: direction?.perTask ?? 0, momentsStep: moments.shape[0] > 1 ? 3 * channels : 0,
      outStep: (isFull ? plan.input : plan.output).elementCount, isFull: isFull, channels: channels,
      units: units, cut: cut, values: Double(plan.valuesPerChannel))
    try launch { () throws(TensorError) in
      if needsSums {
        try ThreadPool.run(units: tasks * units, stopping: "normalize") { work.sum($0) }
      }
      for task in 0..<tasks { work.findFactors(task) }
      try ThreadPool.run(units: tasks * units, stopping: "normalize") { work.write($0) }
    }
    withExtendedLifetime((source, pooled, direction, moments.storage, partial.storage, factors.storage)) {}
    withExtendedLifetime(result.storage) {}
    return seen
  }
}

/// One combination with its addresses. Units are counted through all tasks.
private struct Combination {
  let kind: Int32
  let isSingle: Bool
  let out: UnsafeMutableRawPointer
  let x: UnsafeMutableRawPointer
  let g: UnsafeMutableRawPointer?
  let u: UnsafeMutableRawPointer?
  let moments: UnsafeMutableRawPointer
  let sums: UnsafeMutablePointer<Double>
  let factors: UnsafeMutableRawPointer
  // From a task to the next; 0 for what all share.
  let xStep: Int
  let gStep: Int
  let uStep: Int
  let momentsStep: Int
  let outStep: Int
  /// Whether the result has every position, not the windows' selection.
  let isFull: Bool
  let channels: Int
  let units: Int
  let cut: NormalizationPlan.Cut
  let values: Double

  /// The sums of one unit.
  func sum(_ unit: Int) {
    let (task, to) = (unit / units, sums + unit * 5 * channels)
    cut.with(unit: unit % units) { window, images, first in
      let (fromX, fromU) = (task * xStep + first * cut.full, task * uStep + first * cut.full)
      let fromG = task * gStep + first * cut.kept
      if isSingle {
        il_normalise_sums_f32(
          to, x.floats + fromX, g.map { UnsafePointer($0.floats + fromG) },
          u.map { UnsafePointer($0.floats + fromU) }, moments.floats + task * momentsStep, window, images)
      } else {
        il_normalise_sums_f64(
          to, x.doubles + fromX, g.map { UnsafePointer($0.doubles + fromG) },
          u.map { UnsafePointer($0.doubles + fromU) }, moments.doubles + task * momentsStep, window, images)
      }
    }
  }

  /// The factors of one task, from the sums of its units in their order.
  func findFactors(_ task: Int) {
    let (parts, to, from) = (sums + task * units * 5 * channels, task * 4 * channels, task * momentsStep)
    if isSingle {
      il_normalise_factors_f32(
        kind, factors.floats + to, parts, units, moments.floats + from, values, channels)
    } else {
      il_normalise_factors_f64(
        kind, factors.doubles + to, parts, units, moments.doubles + from, values, channels)
    }
  }

  /// The results of one unit.
  func write(_ unit: Int) {
    let task = unit / units
    let (atMoments, atFactors) = (task * momentsStep, task * 4 * channels)
    cut.with(unit: unit % units) { window, images, first in
      let (fromX, fromU) = (task * xStep + first * cut.full, task * uStep + first * cut.full)
      let fromG = task * gStep + first * cut.kept
      let to = task * outStep + first * (isFull ? cut.full : cut.kept)
      switch (isSingle, isFull) {
      case (true, true):
        il_normalise_spread_f32(
          out.floats + to, x.floats + fromX, g.map { UnsafePointer($0.floats + fromG) },
          u.map { UnsafePointer($0.floats + fromU) }, moments.floats + atMoments, factors.floats + atFactors,
          window, images)
      case (false, true):
        il_normalise_spread_f64(
          out.doubles + to, x.doubles + fromX, g.map { UnsafePointer($0.doubles + fromG) },
          u.map { UnsafePointer($0.doubles + fromU) }, moments.doubles + atMoments,
          factors.doubles + atFactors, window, images)
      case (true, false):
        il_normalise_select_f32(
          out.floats + to, x.floats + fromX, u.map { UnsafePointer($0.floats + fromU) },
          moments.floats + atMoments, factors.floats + atFactors, window, images)
      case (false, false):
        il_normalise_select_f64(
          out.doubles + to, x.doubles + fromX, u.map { UnsafePointer($0.doubles + fromU) },
          moments.doubles + atMoments, factors.doubles + atFactors, window, images)
      }
    }
  }
}
