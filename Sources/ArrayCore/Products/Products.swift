import CKernels
import Synchronization

/// A batch of matrix products of equal sizes, and how it is cut into units of work.
struct Products {
  let dtype: DType
  let out: UnsafeMutableRawPointer
  var a: Matrix
  var b: Matrix
  var m: Int
  let k: Int
  let n: Int
  var count: Int
  var batch: Shape
  var aSteps: Shape
  var bSteps: Shape
  /// A row that is added to every row of a product, and how far it moves from product to product.
  var bias: (address: UnsafeMutableRawPointer, steps: Shape)?

  /// Multiplications per unit of work, about 0.1 ms.
  private static let unitWork = 1 << 22
  /// A product of more multiplications than this, about 10 µs, is cut into panels.
  private static let longWork = 1 << 19
  /// Multiplications per panel of a long product at most, about 0.5 ms.
  private static let panelWork = 1 << 25
  /// Products of fewer multiplications than this are done by our own loop: a BLAS call would cost more.
  private static let smallWork = 1 << 13

  /// When every product has the same right operand and the rows of the left ones follow each other evenly, they are
  /// the rows of one product.
  mutating func foldSharedRight() {
    if count == 1 { return }
    if let bias, bias.steps.contains(where: { $0 != 0 }) { return }
    var size = m
    for i in stride(from: batch.rank - 1, through: 0, by: -1) where batch[i] != 1 {
      if bSteps[i] != 0 || (m > 1 || size > 1) && aSteps[i] != a.rowStride * size { return }
      if m == 1 && size == 1 { a.rowStride = aSteps[i] }
      size *= batch[i]
    }
    if size > Gemm.largestSize || dtype != .int64 && a.layout(rows: size, columns: k) == nil { return }
    m = size
    count = 1
    batch = []
    aSteps = []
    bSteps = []
    bias?.steps = []
  }

  func run() throws(TensorError) {
    let work = m.multipliedReportingOverflow(by: n).partialValue.multipliedReportingOverflow(by: k)
    let each = work.overflow ? Int.max : work.partialValue
    if dtype != .int64 && each > Self.longWork { return try runLong() }
    let perUnit = Swift.max(1, Self.unitWork / 2 / Swift.max(each, 1))
    try launch { () throws(TensorError) in
      let problems = Atomic<Int32>(0)
      ThreadPool.run(units: (count + perUnit - 1) / perUnit) { unit in
        if Cancellation.isRequested { return }
        let met = runBatch(from: unit * perUnit, to: Swift.min(count, (unit + 1) * perUnit), each)
        if met != 0 { problems.bitwiseOr(met, ordering: .relaxed) }
      }
      try Cancellation.check("matmul")
      try NDArray.check(problems.load(ordering: .relaxed), "matmul")
    }
  }

  /// Where a product is in the batch, and its operands and its bias from the first ones on, in elements.
  private func place(of product: Int) -> (index: Shape, a: Int, b: Int, bias: Int) {
    var index = Shape(uncheckedRepeating: 0, count: batch.rank)
    var (aOffset, bOffset, biasOffset) = (0, 0, 0)
    var rest = product
    for axis in stride(from: batch.rank - 1, through: 0, by: -1) {
      index[axis] = rest % batch[axis]
      rest /= batch[axis]
      aOffset += index[axis] * aSteps[axis]
      bOffset += index[axis] * bSteps[axis]
      if let bias { biasOffset += index[axis] * bias.steps[axis] }
    }
    return (index, aOffset, bOffset, biasOffset)
  }

  /// One product of the batch on its own.
  private func product(_ number: Int) -> Products {
    let width = dtype.byteSize
    let place = place(of: number)
    var (left, right) = (a, b)
    left.address += place.a * width
    right.address += place.b * width
    return Products(
      dtype: dtype, out: out + number * m * n * width, a: left, b: right, m: m, k: k, n: n, count: 1,
      batch: [],
      aSteps: [], bSteps: [], bias: bias.map { ($0.address + place.bias * width, []) })
  }

  /// The products `from` to `to`; returns the problems met.
  private func runBatch(from: Int, to: Int, _ work: Int) -> Int32 {
    let width = dtype.byteSize
    var (index, aOffset, bOffset, biasOffset) = place(of: from)
    var problems: Int32 = 0
    let small = work <= Self.smallWork
    guard let aLayout = dtype == .int64 ? (false, 0) : a.layout(rows: m, columns: k),
      let bLayout = dtype == .int64 ? (false, 0) : b.layout(rows: k, columns: n)
    else { return 0 }
    for i in from..<to {
      let (p, q) = (a.address + aOffset * width, b.address + bOffset * width)
      let target = out + i * m * n * width
      switch dtype {
      case .int64:
        problems |= il_product_i64(
          target.int64s, p.int64s, q.int64s, m, k, n, n, a.rowStride, a.columnStride, b.rowStride,
          b.columnStride)
      case .float32 where small:
        il_product_f32(
          target.floats, p.floats, q.floats, m, k, n, n, a.rowStride, a.columnStride, b.rowStride,
          b.columnStride)
      case .float64 where small:
        il_product_f64(
          target.doubles, p.doubles, q.doubles, m, k, n, n, a.rowStride, a.columnStride, b.rowStride,
          b.columnStride)
      default:
        Gemm.run(dtype, target, ldo: n, p, aLayout, q, bLayout, m: m, k: k, n: n)
      }
      if let bias { addRow(target, bias.address + biasOffset * width, rows: m, columns: n) }
      var axis = batch.rank - 1
      while axis >= 0 {
        aOffset += aSteps[axis]
        bOffset += bSteps[axis]
        if let bias { biasOffset += bias.steps[axis] }
        index[axis] += 1
        if index[axis] < batch[axis] { break }
        index[axis] = 0
        aOffset -= aSteps[axis] * batch[axis]
        bOffset -= bSteps[axis] * batch[axis]
        if let bias { biasOffset -= bias.steps[axis] * batch[axis] }
        axis -= 1
      }
    }
    return problems
  }

  private func addRow(
    _ target: UnsafeMutableRawPointer, _ row: UnsafeMutableRawPointer, rows: Int, columns: Int
  ) {
    switch dtype {
    case .float32: il_add_row_f32(target.floats, row.floats, rows, columns, n)
    case .float64: il_add_row_f64(target.doubles, row.doubles, rows, columns, n)
    case .int64:
      for i in 0..<rows { for j in 0..<columns { target.int64s[i * n + j] &+= row.int64s[j] } }
    }
  }

  /// Rows and columns of the panels of one long product: two panels at least, nearly equal, and the longer side is the
  /// one that is cut, since BLAS packs the operand of the other side anew for each panel.
  private var panelSize: (rows: Int, columns: Int) {
    func even(_ size: Int, parts: Int) -> Int { ((size + parts - 1) / parts).roundedUp(to: 16) }
    var (rows, columns) = (even(m, parts: (m + 1023) / 1024), even(n, parts: (n + 1023) / 1024))
    while max(rows, columns) > 32 && (rows >= m && columns >= n || rows * columns * k > Self.panelWork) {
      if rows > columns { rows = even(rows, parts: 2) } else { columns = even(columns, parts: 2) }
    }
    return (rows, columns)
  }

  /// Long products: rows and columns are cut into panels, or the inner axis when there are few of both. Each is cut as
  /// it would be alone.
  private func runLong() throws(TensorError) {
    guard let aLayout = a.layout(rows: m, columns: k), let bLayout = b.layout(rows: k, columns: n) else {
      return
    }
    let panels = m.multipliedReportingOverflow(by: n).partialValue / (192 * 1024)
    if panels < 4 && k >= 8192 {
      for number in 0..<count { try product(number).runSections(aLayout, bLayout) }
      return
    }
    let (rows, columns) = panelSize
    let across = (n + columns - 1) / columns
    let each = across * ((m + rows - 1) / rows)
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: count * each, stopping: "matmul") { unit in
        product(unit / each).runPanel(
          row: unit % each / across * rows, column: unit % across * columns, rows, columns, aLayout, bLayout)
      }
    }
  }

  private func runPanel(
    row i: Int, column j: Int, _ rows: Int, _ columns: Int, _ aLayout: (transposed: Bool, leading: Int),
    _ bLayout: (transposed: Bool, leading: Int)
  ) {
    let width = dtype.byteSize
    Gemm.run(
      dtype, out + (i * n + j) * width, ldo: n, a.address + i * a.rowStride * width, aLayout,
      b.address + j * b.columnStride * width, bLayout, m: Swift.min(rows, m - i), k: k,
      n: Swift.min(columns, n - j))
    guard let bias else { return }
    addRow(
      out + (i * n + j) * width, bias.address + j * width, rows: Swift.min(rows, m - i),
      columns: Swift.min(columns, n - j))
  }

  /// The inner axis is cut into sections, whose products are added in order.
  private func runSections(
    _ aLayout: (transposed: Bool, leading: Int), _ bLayout: (transposed: Bool, leading: Int)
  ) throws(TensorError) {
    let width = dtype.byteSize
    let each = Swift.max(2048, Swift.min(k, Self.unitWork / Swift.max(m * n, 1)))
    let length = Swift.max(each, (k + 63) / 64)
    let sections = (k + length - 1) / length
    let partial = try NDArray(uninitialized: [sections, m, n], dtype, "matmul")
    let sums = partial.address
    try launch { () throws(TensorError) in
      try ThreadPool.run(units: sections, stopping: "matmul") { section in
        let start = section * length
        // Within a section, panels of the inner axis keep an interrupt near.
        var at = start
        let end = Swift.min(k, start + length)
        while at < end && !Cancellation.isRequested {
          let depth = Swift.min(16384, end - at)
          Gemm.run(
            dtype, sums + section * m * n * width, ldo: n, a.address + at * a.columnStride * width, aLayout,
            b.address + at * b.rowStride * width, bLayout, m: m, k: depth, n: n, accumulate: at > start)
          at += depth
        }
      }
      try Cancellation.check("matmul")
    }
    let total = try partial.sum(axes: [0])
    let (target, source) = (out, total.address)
    try launch {
      target.copyMemory(from: source, byteCount: m * n * width)
      if let bias { addRow(target, bias.address, rows: m, columns: n) }
    }
    withExtendedLifetime((partial.storage, total.storage)) {}
  }
}
