import ArrayCore

/// What the operations of one batch normalisation share: the axes and windows, and the moments of the input x.
///
/// The moments are constants that stand for what x makes of them: the rules of the operations take their dependence
/// on x into account, so an operation is only ever applied to the x that the moments were made of.
public final class BatchMoments: Sendable {
  let geometry: NormalizationGeometry
  let eps: Double
  /// [tasks or 1, 3, C]: the mean, 1/√(variance + eps), and the sign by which windows select.
  let array: NDArray

  /// One pass over x: [N, C, spatial…].
  /// - Parameter weight: [C]; windows select the smallest where it is negative.
  package init(
    _ x: Tensor, weight: Tensor?, eps: Double, _ geometry: NormalizationGeometry
  ) throws(TensorError) {
    self.geometry = geometry
    self.eps = eps
    array = try NDArray.channelMoments(x.array, weight: weight?.array, eps: eps, geometry)
  }

  /// Where the windows select, as an index along the joined spatial axes; nil where they keep every value.
  func selection(_ x: Tensor) throws(TensorError) -> Tensor? {
    guard geometry.selects else { return nil }
    var shape = x.array.shape
    for axis in 0..<shape.rank where axis != x.physical(1) && !(x.hasTasks && axis == 0) { shape[axis] = 1 }
    let sign = try array.selecting(axis: 1, index: 2).reshaped(shape)
    let keys = try NDArray.binary(.multiply, x.array, sign)
    return Tensor(
      try NDArray.maxPoolIndices(keys, PoolGeometry(kernel: geometry.window)), hasTasks: x.hasTasks)
  }
}
