import CKernels

extension NDArray {
  /// The mean μ, 1/√(var + eps) with the biased variance, and the sign of the weight, of each channel:
  /// [1, 3, C], or [T, 3, C] for the tasks of x. Without a weight the sign is 1.
  ///
  /// One pass over x [N, C, spatial…]. The sums are made in float64, of distances from each channel's first value,
  /// which keeps the digits where the mean is large against the deviation.
  /// - Parameters:
  ///   - x: [N, C, spatial…], or with tasks in front.
  ///   - weight: [C], or [T, C] where x has tasks.
  ///   - eps: added to the variance.
  ///   - geometry: which axes are what.
  /// - Throws: `geometry`, `shapesDiffer`, `unsupportedDType` for int64.
  public static func channelMoments(
    _ x: NDArray, weight: NDArray?, eps: Double, _ geometry: NormalizationGeometry
  ) throws(TensorError) -> NDArray {
    let hasTasks = x.rank == geometry.spatialAxes + 3
    let tasks = hasTasks ? x.shape[0] : 1
    let plan = try NormalizationPlan(
      x, tasks: hasTasks ? tasks : nil, NormalizationGeometry(spatialAxes: geometry.spatialAxes))
    let (channels, values, units, cut) = (plan.channels, plan.valuesPerChannel, plan.units, plan.cut)
    let weight = try weight?.cast(to: x.dtype).contiguous()
    if let weight, weight.shape != [channels], !hasTasks || weight.shape != [tasks, channels] {
      throw TensorError("normalize", .shapesDiffer(weight.shape, [channels]))
    }
    let result = try NDArray(uninitialized: [tasks, 3, channels], x.dtype, "normalize")
    if x.elementCount == 0 {
      try result.zero()
      return result
    }
    let source = try plan.operand(x, plan.input, x.dtype)
    let partial = try NDArray(uninitialized: [tasks, units, 2, channels], .float64, "normalize")
    let (out, a, sums) = (result.address, source.array.address, partial.pointer(Double.self))
    let (w, weightStep) = (weight?.address, weight?.rank == 2 ? channels : 0)
    let (isSingle, taskStep) = (x.dtype == .float32, source.perTask)
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: tasks * units, stopping: "normalize") { unit in
        let (start, to) = (unit / units * taskStep, unit * 2 * channels)
        cut.with(unit: unit % units) { window, _, first in
          let from = start + first * channels
          if isSingle {
            il_moment_sums_f32(sums + to, a.floats + from, a.floats + start, window.pointee.in2, channels)
          } else {
            il_moment_sums_f64(sums + to, a.doubles + from, a.doubles + start, window.pointee.in2, channels)
          }
        }
      }
      for task in 0..<tasks {
        let (start, at, from) = (task * taskStep, task * 3 * channels, task * weightStep)
        let parts = sums + task * units * 2 * channels
        if isSingle {
          il_moments_f32(
            out.floats + at, parts, units, a.floats + start, w.map { UnsafePointer($0.floats + from) },
            Double(values), eps, channels)
        } else {
          il_moments_f64(
            out.doubles + at, parts, units, a.doubles + start, w.map { UnsafePointer($0.doubles + from) },
            Double(values), eps, channels)
        }
      }
    }
    withExtendedLifetime((source.array.storage, partial.storage, weight?.storage, result.storage)) {}
    return result
  }
}
