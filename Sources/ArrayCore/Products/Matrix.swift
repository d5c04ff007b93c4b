import CKernels
import COpenBLAS

/// One matrix within an array: an address and two strides.
struct Matrix {
  var address: UnsafeMutableRawPointer
  var rowStride: Int
  var columnStride: Int

  /// How BLAS can read the matrix as it lies: plain, transposed, or not at all.
  func layout(rows: Int, columns: Int) -> (transposed: Bool, leading: Int)? {
    let row = rows <= 1 ? Swift.max(columns, 1) : rowStride
    let column = columns <= 1 ? 1 : columnStride
    if column == 1 && row >= Swift.max(columns, 1) { return (false, row) }
    let wideColumn = columns <= 1 ? Swift.max(rows, 1) : columnStride
    let narrowRow = rows <= 1 ? 1 : rowStride
    if narrowRow == 1 && wideColumn >= Swift.max(rows, 1) { return (true, wideColumn) }
    return nil
  }
}

/// Matrix products through OpenBLAS, which always runs on the calling thread alone: our own pool cuts the work.
enum Gemm {
  /// Done once, before the first product.
  static let prepared: Void = {
    il_blas_choose_kernels()
    openblas_set_num_threads(1)
  }()

  /// OpenBLAS counts in 32 bits.
  static let largestSize = Int(Int32.max)

  /// `out = a · b + (accumulate ? out : 0)` for float32 and float64; `out` is row-major with rows of `ldo`.
  static func run(
    _ dtype: DType, _ out: UnsafeMutableRawPointer, ldo: Int, _ a: UnsafeMutableRawPointer,
    _ aLayout: (transposed: Bool, leading: Int), _ b: UnsafeMutableRawPointer,
    _ bLayout: (transposed: Bool, leading: Int), m: Int, k: Int, n: Int, accumulate: Bool = false
  ) {
    prepared
    let aFlag = aLayout.transposed ? CblasTrans : CblasNoTrans
    let bFlag = bLayout.transposed ? CblasTrans : CblasNoTrans
    let (m, k, n) = (Int32(truncatingIfNeeded: m), Int32(truncatingIfNeeded: k), Int32(truncatingIfNeeded: n))
    let lda = Int32(truncatingIfNeeded: aLayout.leading)
    let ldb = Int32(truncatingIfNeeded: bLayout.leading)
    let ldo = Int32(truncatingIfNeeded: ldo)
    if dtype == .float32 {
      cblas_sgemm(
        CblasRowMajor, aFlag, bFlag, m, n, k, 1, a.floats, lda, b.floats, ldb, accumulate ? 1 : 0, out.floats,
        ldo)
    } else {
      cblas_dgemm(
        CblasRowMajor, aFlag, bFlag, m, n, k, 1, a.doubles, lda, b.doubles, ldb, accumulate ? 1 : 0,
        out.doubles,
        ldo)
    }
  }
}
