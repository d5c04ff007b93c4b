import COpenBLAS
import Synchronization

extension NDArray {
  /// X with A X = B, or Aᵀ X = B when `transposed`: a [..., n, n] and b [..., n, m] give [..., n, m]; the axes before the
  /// last two broadcast.
  ///
  /// By LU decomposition with row exchanges (LAPACK's getrf and getrs), each matrix on one thread.
  /// - Throws: `rankTooLow`, `innerAxesDiffer`, `shapesDoNotBroadcast`, `unsupportedDType` for int64, `cancelled`, and
  ///   `invalid` for a matrix that is not square or is singular.
  public static func solve(
    _ a: NDArray, _ b: NDArray, transposed: Bool = false
  ) throws(TensorError) -> NDArray {
    if a.rank < 2 { throw TensorError("solve", .rankTooLow(a.shape, atLeast: 2)) }
    if b.rank < 2 { throw TensorError("solve", .rankTooLow(b.shape, atLeast: 2)) }
    let dtype = DType.promoted(a.dtype, b.dtype)
    if dtype == .int64 { throw TensorError("solve", .unsupportedDType(.int64)) }
    let (n, m) = (a.shape[a.rank - 1], b.shape[b.rank - 1])
    if a.shape[a.rank - 2] != n {
      throw TensorError("solve", .invalid("needs a square matrix, but the shape is \(a.shape)"))
    }
    if b.shape[b.rank - 2] != n { throw TensorError("solve", .innerAxesDiffer(a.shape, b.shape)) }
    guard
      let batch = try? Shape.broadcast(
        a.shape.axes(0..<a.rank - 2), b.shape.axes(0..<b.rank - 2), operation: "solve")
    else { throw TensorError("solve", .shapesDoNotBroadcast(a.shape, b.shape)) }
    if batch.rank > Shape.maximumRank - 2 { throw TensorError("solve", .rankTooHigh(batch.rank + 2)) }
    if Swift.max(n, m) > Gemm.largestSize { throw TensorError("solve", .sizeTooLarge(b.shape)) }
    // Both are overwritten. Rows of our order are LAPACK's columns: it sees Aᵀ, and B as it is once that is transposed.
    let factors = try a.cast(to: dtype).broadcast(to: batch.appending([n, n])).copied()
    let columns = try b.cast(to: dtype).broadcast(to: batch.appending([n, m])).transposed().copied()
    if columns.elementCount == 0 { return try columns.transposed() }
    let pivots = try NDArray(uninitialized: [batch.elementCount, n], .int64, "solve")
    let work = LinearSystems(
      dtype: dtype, matrices: factors.address, columns: columns.address, pivots: pivots.address, n: n, m: m,
      transposed: transposed)
    let count = batch.elementCount
    try launch { () throws(TensorError) in
      let singular = Atomic<Bool>(false)
      try ThreadPool.run(units: count, stopping: "solve") { unit in
        if !work.solve(unit) { singular.store(true, ordering: .relaxed) }
      }
      if singular.load(ordering: .relaxed) {
        throw TensorError("solve", .invalid("the matrix is singular: it has no inverse"))
      }
    }
    withExtendedLifetime((factors.storage, pivots.storage)) {}
    return try columns.transposed()
  }
}

/// Systems of equations of equal sizes, one after the other in memory.
private struct LinearSystems: @unchecked Sendable {
  let dtype: DType
  let matrices: UnsafeMutableRawPointer
  let columns: UnsafeMutableRawPointer
  /// n 32-bit numbers for each system, in the place of n 64-bit ones.
  let pivots: UnsafeMutableRawPointer
  let n: Int
  let m: Int
  let transposed: Bool

  /// False when the matrix of the system is singular.
  func solve(_ index: Int) -> Bool {
    Gemm.prepared
    var (size, width, info) = (Int32(truncatingIfNeeded: n), Int32(truncatingIfNeeded: m), Int32(0))
    // LAPACK sees the transposed matrix.
    var side = CChar(bitPattern: UInt8(ascii: transposed ? "N" : "T"))
    let order = (pivots + index * n * 8).assumingMemoryBound(to: Int32.self)
    if dtype == .float32 {
      let (a, b) = (matrices.floats + index * n * n, columns.floats + index * n * m)
      sgetrf_(&size, &size, a, &size, order, &info)
      if info > 0 { return false }
      sgetrs_(&side, &size, &width, a, &size, order, b, &size, &info)
    } else {
      let (a, b) = (matrices.doubles + index * n * n, columns.doubles + index * n * m)
      dgetrf_(&size, &size, a, &size, order, &info)
      if info > 0 { return false }
      dgetrs_(&side, &size, &width, a, &size, order, b, &size, &info)
    }
    return true
  }
}
