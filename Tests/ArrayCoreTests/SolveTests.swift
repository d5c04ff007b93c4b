import ArrayCore
import Testing

@Suite("linear systems")
struct SolveTests {
  private func random(_ shape: Shape, _ stream: UInt64, _ dtype: DType) throws -> NDArray {
    try NDArray.normal(shape, key: RandomKey(seed: 5, stream: stream), dtype)
  }

  @Test(
    "the matrix times the solution is the right side", arguments: [1, 2, 7, 40, 130],
    [DType.float32, .float64])
  func product(n: Int, dtype: DType) throws {
    let a = try random([3, n, n], 1, dtype)
    let b = try random([2, 1, n, 4], 2, dtype)
    for transposed in [false, true] {
      let x = try NDArray.solve(a, b, transposed: transposed)
      #expect(x.shape == [2, 3, n, 4] && x.dtype == dtype)
      let back = try NDArray.matmul(transposed ? a.transposed() : a, x)
      let off = try NDArray.binary(.subtract, back, b).toDoubles().map(abs).max() ?? 0
      let size = try x.toDoubles().map(abs).max() ?? 0
      #expect(off <= Double(n) * size * (dtype == .float32 ? 1e-5 : 1e-13))
    }
  }

  @Test("a system whose rows must change places is solved")
  func pivots() throws {
    let a = try NDArray([0.0, 2, 1, 0], [2, 2])
    #expect(try NDArray.solve(a, NDArray([4.0, 3], [2, 1])).toDoubles() == [3, 2])
    #expect(try NDArray.solve(a, NDArray([4.0, 3], [2, 1]), transposed: true).toDoubles() == [1.5, 4])
  }

  @Test("results are the same at any number of threads")
  func threads() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let (a, b) = (try random([9, 20, 20], 1, .float32), try random([9, 20, 3], 2, .float32))
    ThreadPool.threadCount = 1
    let one = try NDArray.solve(a, b).toDoubles()
    ThreadPool.threadCount = 3
    #expect(try NDArray.solve(a, b).toDoubles() == one)
  }

  @Test("what has no solution is refused with its reason")
  func refusals() throws {
    let ones = try NDArray(ones: [2, 2])
    func reason(_ a: NDArray, _ b: NDArray) -> String {
      let error = #expect(throws: TensorError.self) { try NDArray.solve(a, b) }
      return error?.description ?? ""
    }
    #expect(reason(ones, ones) == "solve: the matrix is singular: it has no inverse")
    #expect(try reason(NDArray(ones: [2, 3]), ones).contains("square matrix, but the shape is [2, 3]"))
    #expect(try reason(ones, NDArray(ones: [3, 1])).contains("do not fit"))
    #expect(try reason(ones, NDArray(ones: [2])).contains("at least 2 axes"))
    #expect(try reason(ones.cast(to: .int64), ones.cast(to: .int64)).contains("int64"))
    #expect(try reason(NDArray(ones: [3, 2, 2]), NDArray(ones: [2, 2, 2])).contains("broadcast"))
  }
}
