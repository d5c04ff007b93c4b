/// Other looks at the same elements. Only `reshaped` (where strides do not allow it), `contiguous` and `copied`
/// may copy.
extension NDArray {
  /// The elements in the same row-major order with other axes.
  /// - Throws: `elementCountDiffers`.
  public func reshaped(_ shape: Shape) throws(TensorError) -> NDArray {
    if shape == self.shape { return self }
    if try shape.checkedElementCount("reshape") != elementCount {
      throw TensorError("reshape", .elementCountDiffers(self.shape, shape))
    }
    if isContiguous { return view(shape, shape.rowMajorStrides) }
    if let strides = reshapedStrides(shape) { return view(shape, strides) }
    return try copied().view(shape, shape.rowMajorStrides)
  }

  /// Strides that show the elements in the wanted shape without a copy, where there are such.
  private func reshapedStrides(_ wanted: Shape) -> Shape? {
    if elementCount == 0 { return wanted.rowMajorStrides }
    var result = wanted.rowMajorStrides
    var source = rank - 1
    var target = wanted.rank - 1
    // Axes are matched in groups of equal products, from the last.
    while target >= 0 {
      if wanted[target] == 1 {
        target -= 1
        continue
      }
      while source >= 0 && shape[source] == 1 { source -= 1 }
      if source < 0 { return nil }
      var sourceProduct = shape[source]
      var targetProduct = wanted[target]
      let base = strides[source]
      var targetStride = base
      result[target] = targetStride
      while sourceProduct != targetProduct {
        if sourceProduct < targetProduct {
          var next = source - 1
          while next >= 0 && shape[next] == 1 { next -= 1 }
          if next < 0 || strides[next] != strides[source] * shape[source] { return nil }
          source = next
          sourceProduct *= shape[source]
        } else {
          targetStride *= wanted[target]
          target -= 1
          if target < 0 { return nil }
          result[target] = targetStride
          targetProduct *= wanted[target]
        }
      }
      source -= 1
      target -= 1
    }
    return result
  }

  /// Axis `i` of the result is axis `axes[i]` of this array.
  /// - Throws: `axisOutOfRange`, `repeatedAxis`, or `invalid` when an axis is left out.
  public func permuted(_ axes: [Int]) throws(TensorError) -> NDArray {
    if axes.count != rank {
      throw TensorError("permute", .invalid("\(axes.count) axes are given for the shape \(shape)"))
    }
    _ = try shape.axisMask(axes, "permute")
    var shape = self.shape
    var strides = self.strides
    for i in 0..<rank {
      let axis = axes[i] < 0 ? axes[i] + rank : axes[i]
      shape[i] = self.shape[axis]
      strides[i] = self.strides[axis]
    }
    return view(shape, strides)
  }

  /// The last two axes exchanged.
  /// - Throws: `rankTooLow`.
  public func transposed() throws(TensorError) -> NDArray {
    if rank < 2 { throw TensorError("transpose", .rankTooLow(shape, atLeast: 2)) }
    var shape = self.shape
    var strides = self.strides
    shape.swapAt(rank - 1, rank - 2)
    strides.swapAt(rank - 1, rank - 2)
    return view(shape, strides)
  }

  /// One axis moved to another place; the others keep their order.
  /// - Throws: `axisOutOfRange`.
  public func moving(axis: Int, to place: Int) throws(TensorError) -> NDArray {
    let from = try shape.normalized(axis: axis, "moving an axis")
    let to = try shape.normalized(axis: place, "moving an axis")
    if from == to { return self }
    return view(
      try shape.removing(at: from).inserting(shape[from], at: to),
      try strides.removing(at: from).inserting(strides[from], at: to))
  }

  /// The array stretched to a larger shape by NumPy's rule, without a copy (stride 0).
  /// - Throws: `shapesDoNotBroadcast`.
  public func broadcast(to target: Shape) throws(TensorError) -> NDArray {
    if target == shape { return self }
    _ = try target.checkedElementCount("broadcast")
    let shift = target.rank - rank
    if shift < 0 { throw TensorError("broadcast", .shapesDoNotBroadcast(shape, target)) }
    var strides = Shape(uncheckedRepeating: 0, count: target.rank)
    for i in 0..<rank {
      if shape[i] == target[i + shift] {
        strides[i + shift] = self.strides[i]
      } else if shape[i] != 1 {
        throw TensorError("broadcast", .shapesDoNotBroadcast(shape, target))
      }
    }
    return view(target, strides)
  }

  /// The elements `from`, `from + step`, … before `to` along an axis. A negative step walks from `from` down to
  /// just above `to` (which may be -1).
  /// - Throws: `indexOutOfRange` when a bound lies outside, `invalid` for a step of 0.
  public func sliced(axis: Int, from: Int, to: Int, step: Int = 1) throws(TensorError) -> NDArray {
    let axis = try shape.normalized(axis: axis, "slice")
    let size = shape[axis]
    if step == 0 || step == Int.min { throw TensorError("slice", .invalid("the step cannot be \(step)")) }
    let forward = step > 0
    let count: Int
    if forward {
      if from < 0 || from > size { throw TensorError("slice", .indexOutOfRange(index: from, count: size)) }
      if to < 0 || to > size { throw TensorError("slice", .indexOutOfRange(index: to, count: size)) }
      count = to > from ? (to - from - 1) / step + 1 : 0
    } else {
      if from < -1 || from >= size { throw TensorError("slice", .indexOutOfRange(index: from, count: size)) }
      if to < -1 || to >= size { throw TensorError("slice", .indexOutOfRange(index: to, count: size)) }
      count = from > to ? (from - to - 1) / -step + 1 : 0
    }
    var strides = self.strides
    // With one element left the stride is never walked, and a huge step must not overflow it.
    strides[axis] = count > 1 ? strides[axis] * step : strides[axis]
    return view(
      shape.replacing(axis, with: count), strides, offset: count > 0 ? from * self.strides[axis] : 0)
  }

  /// The elements at one index of an axis, without that axis.
  /// - Throws: `axisOutOfRange`, `indexOutOfRange`.
  public func selecting(axis: Int, index: Int) throws(TensorError) -> NDArray {
    let axis = try shape.normalized(axis: axis, "index")
    let size = shape[axis]
    if index < -size || index >= size {
      throw TensorError("index", .indexOutOfRange(index: index, count: size))
    }
    let place = index < 0 ? index + size : index
    return view(shape.removing(at: axis), strides.removing(at: axis), offset: place * strides[axis])
  }

  /// A new axis of size 1 at place `axis` of the result.
  /// - Throws: `axisOutOfRange`, `rankTooHigh`.
  public func inserting(axis: Int) throws(TensorError) -> NDArray {
    let place = axis < 0 ? axis + rank + 1 : axis
    if place < 0 || place > rank {
      throw TensorError("unsqueeze", .axisOutOfRange(axis: axis, rank: rank + 1))
    }
    return view(try shape.inserting(1, at: place), try strides.inserting(0, at: place))
  }

  /// The array without an axis of size 1.
  /// - Throws: `axisOutOfRange`, or `invalid` when the axis has another size.
  public func removing(axis: Int) throws(TensorError) -> NDArray {
    let axis = try shape.normalized(axis: axis, "squeeze")
    if shape[axis] != 1 {
      throw TensorError("squeeze", .invalid("axis \(axis) of the shape \(shape) is not of size 1"))
    }
    return view(shape.removing(at: axis), strides.removing(at: axis))
  }

  /// The array itself when its elements lie in row-major order without gaps, otherwise a copy that does.
  public func contiguous() throws(TensorError) -> NDArray {
    isContiguous ? self : try copied()
  }

  /// A row-major copy of its own.
  public func copied() throws(TensorError) -> NDArray {
    let result = try NDArray(uninitialized: shape, dtype, "copy")
    try result.fill(from: self)
    return result
  }
}
