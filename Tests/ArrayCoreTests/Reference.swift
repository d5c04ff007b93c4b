import ArrayCore
import Testing

/// Plain loops over row-major Doubles: what the array operations must agree with.
struct Reference {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], _ values: [Double]) {
    self.shape = shape
    self.values = values
  }

  /// Values that differ, of both signs, none of them zero; small whole numbers for int64.
  init(_ shape: [Int], seed: UInt64, _ dtype: DType) {
    let key = RandomKey(seed: seed, stream: 99)
    let count = shape.reduce(1, *)
    self.init(
      shape,
      (0..<count).map { i in
        if dtype == .int64 { return Double(key.integer(at: UInt64(i), below: 9) + 1) * (i % 3 == 0 ? -1 : 1) }
        let value = key.uniform(at: UInt64(i)) * 4 - 2
        return dtype == .float32 ? Double(Float(value)) : value
      })
  }

  /// All indices of the shape, in row-major order.
  static func indices(_ shape: [Int]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for size in shape { result = result.flatMap { head in (0..<size).map { head + [$0] } } }
    return result
  }

  subscript(_ index: [Int]) -> Double {
    get { values[flat(index)] }
    set { values[flat(index)] = newValue }
  }

  private func flat(_ index: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The element that broadcasting puts at `index` of a larger shape.
  func broadcast(at index: [Int]) -> Double {
    let own = index.suffix(shape.count)
    return self[zip(own, shape).map { $1 == 1 ? 0 : $0 }]
  }

  /// The same elements as an array, lying in memory in several ways.
  func layouts(_ dtype: DType) throws -> [NDArray] {
    let plain = try NDArray(values, try Shape(shape), dtype: dtype)
    var result = [plain]
    if shape.count > 1 {
      let back = Array((0..<shape.count).reversed())
      result.append(try plain.permuted(back).copied().permuted(back))
    }
    if let last = shape.last, last > 0 {
      var wide = try Shape(shape)
      wide[shape.count - 1] = 2 * last + 1
      let sparse = try plain.embedded(in: wide, axis: -1, from: 1, step: 2)
      result.append(try sparse.sliced(axis: -1, from: 1, to: 2 * last, step: 2))
      let reversed = try plain.sliced(axis: -1, from: last - 1, to: -1, step: -1).copied()
      result.append(try reversed.sliced(axis: -1, from: last - 1, to: -1, step: -1))
    }
    return result
  }
}

/// Fails unless the array has the shape and elements, to a relative tolerance (NaN equals NaN).
func expect(
  _ array: NDArray, _ wanted: Reference, tolerance: Double = 0, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let got = try array.toDoubles()
  #expect(array.shape.array == wanted.shape, "\(comment)", sourceLocation: sourceLocation)
  guard got.count == wanted.values.count else {
    Issue.record("\(comment): \(got.count) elements", sourceLocation: sourceLocation)
    return
  }
  for (i, (a, b)) in zip(got, wanted.values).enumerated() where !close(a, b, tolerance) {
    Issue.record("\(comment): element \(i) is \(a), not \(b)", sourceLocation: sourceLocation)
    return
  }
}

func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  if a == b || (a.isNaN && b.isNaN) { return true }
  return abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-30)
}

/// The relative error a result of this type may have.
func tolerance(_ dtype: DType) -> Double {
  switch dtype {
  case .float32: 2e-6
  case .float64: 1e-14
  case .int64: 0
  }
}

/// The bytes of an array's elements, for comparisons bit for bit.
func bits(_ array: NDArray) throws -> [UInt64] { try array.toDoubles().map(\.bitPattern) }

/// Runs `body` on one thread and on several, and fails unless the results are equal bit for bit.
func expectSameOnAnyThreadCount(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> NDArray
) throws {
  let before = ThreadPool.threadCount
  defer { ThreadPool.threadCount = before }
  ThreadPool.threadCount = 1
  let one = try bits(try body())
  for count in [2, 3] {
    ThreadPool.threadCount = count
    #expect(try bits(try body()) == one, "\(count) threads", sourceLocation: sourceLocation)
  }
}
