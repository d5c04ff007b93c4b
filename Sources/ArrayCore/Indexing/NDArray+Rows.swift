/// Rows of a table by their numbers.
extension NDArray {
  /// The rows `table[index]`: a table [V, D…] and an index of any shape give [index…, D…].
  /// - Throws: `indexOutOfRange`, `rankTooLow`, `rankTooHigh`, `unsupportedDType` for an index that is not int64.
  public static func takeRows(_ table: NDArray, _ index: NDArray) throws(TensorError) -> NDArray {
    if table.rank < 1 { throw TensorError("embedding", .rankTooLow(table.shape, atLeast: 1)) }
    let places = try index.checkedIndices("embedding", count: table.shape[0])
    let row = table.shape.axes(1..<table.rank)
    if index.rank + row.rank > Shape.maximumRank {
      throw TensorError("embedding", .rankTooHigh(index.rank + row.rank))
    }
    let whole = try table.contiguous()
    let result = try NDArray(uninitialized: index.shape.appending(row), table.dtype, "embedding")
    let bytes = row.elementCount * table.dtype.byteSize
    let (position, count) = (places.pointer(Int.self), places.elementCount)
    let (out, from) = (result.address, whole.address)
    try launch {
      for i in 0..<count { (out + i * bytes).copyMemory(from: from + position[i] * bytes, byteCount: bytes) }
    }
    withExtendedLifetime((places.storage, whole.storage)) {}
    return result
  }

  /// The adjoint of `takeRows`: zeros of `rowCount` rows, to which each row of g is added at its index, in order.
  /// - Throws: `indexOutOfRange`, `shapesDiffer`, `integerOverflow`, `unsupportedDType` for an index not int64.
  public static func addRows(_ g: NDArray, _ index: NDArray, rowCount: Int) throws(TensorError) -> NDArray {
    let places = try index.checkedIndices("embedding", count: rowCount)
    if g.rank < index.rank || g.shape.axes(0..<index.rank) != index.shape {
      throw TensorError("embedding", .shapesDiffer(g.shape, index.shape))
    }
    let row = g.shape.axes(index.rank..<g.rank)
    if row.rank == Shape.maximumRank { throw TensorError("embedding", .rankTooHigh(row.rank + 1)) }
    let result = try NDArray(zeros: ([rowCount] as Shape).appending(row), g.dtype)
    let rows = try g.contiguous()
    let size = row.elementCount
    let (position, count) = (places.pointer(Int.self), places.elementCount)
    let (from, to) = (rows.address, result.address)
    switch g.dtype {
    case .float32:
      try launch {
        for i in 0..<count { add(from.floats + i * size, to.floats + position[i] * size, size) }
      }
    case .float64:
      try launch {
        for i in 0..<count { add(from.doubles + i * size, to.doubles + position[i] * size, size) }
      }
    case .int64:
      try launch { () throws(TensorError) in
        for i in 0..<count {
          try addExactly(from.int64s + i * size, to.int64s + position[i] * size, size)
        }
      }
    }
    withExtendedLifetime((places.storage, rows.storage)) {}
    return result
  }

  private static func add(
    _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for j in 0..<count { to[j] += from[j] }
  }

  private static func add(
    _ from: UnsafeMutablePointer<Double>, _ to: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for j in 0..<count { to[j] += from[j] }
  }

  private static func addExactly(
    _ from: UnsafeMutablePointer<Int64>, _ to: UnsafeMutablePointer<Int64>, _ count: Int
  ) throws(TensorError) {
    for j in 0..<count {
      let (sum, overflow) = to[j].addingReportingOverflow(from[j])
      if overflow { throw TensorError("embedding", .integerOverflow) }
      to[j] = sum
    }
  }
}
