/// Axes: counting from the end, adding, removing, and the broadcasting rule.
extension Shape {
  /// The axis counted from the front; -1 is the last one.
  /// - Throws: `axisOutOfRange`.
  public func normalized(axis: Int, _ operation: String) throws(TensorError) -> Int {
    if axis >= rank || axis < -rank {
      throw TensorError(operation, .axisOutOfRange(axis: axis, rank: rank))
    }
    return axis < 0 ? axis + rank : axis
  }

  /// The axes counted from the front, in ascending order.
  /// - Throws: `axisOutOfRange`, or `repeatedAxis`.
  public func normalized(axes: [Int], _ operation: String) throws(TensorError) -> [Int] {
    var result: [Int] = []
    let mask = try axisMask(axes, operation)
    for axis in 0..<rank where mask & (1 << axis) != 0 { result.append(axis) }
    return result
  }

  /// The axes as bits of one number.
  func axisMask(_ axes: [Int], _ operation: String) throws(TensorError) -> Int {
    var mask = 0
    for axis in axes {
      let bit = 1 << (try normalized(axis: axis, operation))
      if mask & bit != 0 { throw TensorError(operation, .repeatedAxis(axis)) }
      mask |= bit
    }
    return mask
  }

  /// The shape with one more axis before `axis` (`axis == rank` adds it last).
  /// - Throws: `rankTooHigh`, `axisOutOfRange`.
  public func inserting(_ size: Int, at axis: Int) throws(TensorError) -> Shape {
    if rank == Self.maximumRank { throw TensorError("inserting an axis", .rankTooHigh(rank + 1)) }
    if axis < 0 || axis > rank {
      throw TensorError("inserting an axis", .axisOutOfRange(axis: axis, rank: rank + 1))
    }
    var result = Shape()
    for i in 0..<axis { result.append(self[i]) }
    result.append(size)
    for i in axis..<rank { result.append(self[i]) }
    return result
  }

  /// The shape without one axis; an axis that it does not have changes nothing.
  public func removing(at axis: Int) -> Shape {
    var result = Shape()
    for i in 0..<rank where i != axis { result.append(self[i]) }
    return result
  }

  /// The shape with another size of one axis; an axis that it does not have changes nothing.
  public func replacing(_ axis: Int, with size: Int) -> Shape {
    var result = self
    if axis >= 0 && axis < rank { result[axis] = size }
    return result
  }

  /// The axes `range` alone; the caller knows that they exist.
  func axes(_ range: Range<Int>) -> Shape {
    var result = Shape()
    for i in range { result.append(self[i]) }
    return result
  }

  /// The axes of this shape, then those of another; the caller knows that there are at most eight.
  func appending(_ other: Shape) -> Shape {
    var result = self
    for size in other { result.append(size) }
    return result
  }

  /// The shape of an elementwise result: shapes are aligned at their last axes, and a size of 1 (or a missing
  /// axis) stretches to the other's size, as in NumPy.
  /// - Throws: `shapesDoNotBroadcast`.
  public static func broadcast(_ a: Shape, _ b: Shape, operation: String) throws(TensorError) -> Shape {
    if a == b { return a }
    let long = a.rank >= b.rank ? a : b
    let short = a.rank >= b.rank ? b : a
    var result = long
    let shift = long.rank - short.rank
    for i in 0..<short.rank {
      let p = long[i + shift]
      let q = short[i]
      if p == q || q == 1 { continue }
      if p != 1 { throw TensorError(operation, .shapesDoNotBroadcast(a, b)) }
      result[i + shift] = q
    }
    return result
  }
}
