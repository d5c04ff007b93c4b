import ArrayCore
import Testing

extension ArrayCoreTests {
  @Suite struct MatrixProducts {
    static func product(_ a: Reference, _ b: Reference) throws -> Reference {
      let (p, q) = (a.shape.count, b.shape.count)
      let (m, k, n) = (a.shape[p - 2], a.shape[p - 1], b.shape[q - 1])
      let batch = try Shape.broadcast(
        try Shape(a.shape.dropLast(2)), try Shape(b.shape.dropLast(2)), operation: "test"
      ).array
      return Reference(
        batch + [m, n],
        Reference.indices(batch + [m, n]).map { index in
          let outer = index.dropLast(2)
          return (0..<k).reduce(0.0) {
            $0 + a.broadcast(at: Array(outer) + [index[index.count - 2], $1])
              * b.broadcast(at: Array(outer) + [$1, index[index.count - 1]])
          }
        })
    }

    @Test("products of any batch, size and layout", arguments: DType.allCases)
    func anyShape(_ dtype: DType) throws {
      let cases: [([Int], [Int])] = [
        ([1, 1], [1, 1]), ([3, 4], [4, 5]), ([0, 4], [4, 5]), ([3, 0], [0, 5]), ([3, 4], [4, 0]),
        ([1, 7], [7, 1]),
        ([5, 1], [1, 6]), ([2, 3, 4], [4, 5]), ([3, 4], [2, 4, 5]), ([2, 3, 4], [2, 4, 5]),
        ([2, 1, 3, 4], [3, 4, 2]),
        ([0, 3, 4], [4, 5]), ([21, 33], [33, 18]), ([3, 21, 40], [3, 40, 40]), ([2, 40, 1], [1, 1, 40]),
        ([4, 1, 3], [3, 2]), ([2, 2, 1, 3], [3, 2]), ([30, 30, 30], [30, 30]),
      ]
      for (p, q) in cases {
        let (a, b) = (Reference(p, seed: 21, dtype), Reference(q, seed: 22, dtype))
        let wanted = try Self.product(a, b)
        for x in try a.layouts(dtype) {
          for y in try b.layouts(dtype) {
            let got = try NDArray.matmul(x, y)
            #expect(got.shape.array == wanted.shape)
            for (u, v) in zip(try got.toDoubles(), wanted.values) {
              #expect(abs(u - v) <= (dtype == .float32 ? 3e-5 : 1e-12), "\(p) \(q): \(u) \(v)")
            }
          }
        }
      }
    }

    @Test("transposed and broadcast operands")
    func views() throws {
      let a = Reference([2, 4, 3], seed: 23, .float64)
      let b = Reference([5, 4], seed: 24, .float64)
      let at = try NDArray(a.values, [2, 4, 3]).transposed()
      let bt = try NDArray(b.values, [5, 4]).transposed().broadcast(to: [2, 4, 5])
      let plain = try NDArray.matmul(try at.copied(), try bt.copied())
      #expect(try NDArray.matmul(at, bt).toDoubles() == plain.toDoubles())
      let row = try NDArray([1, 2, 3, 4] as [Double], [1, 4]).broadcast(to: [3, 4])
      let right = try bt.selecting(axis: 0, index: 0)
      let copied = try NDArray.matmul(row.copied(), right.copied())
      try expect(
        try NDArray.matmul(row, right), Reference([3, 5], try copied.toDoubles()), tolerance: 1e-12)
    }

    @Test("a sum of products over leading axes is the product over joined axes")
    func reducing() throws {
      for (a, b, leading) in [
        ([6, 5, 3], [6, 5, 4], 1), ([2, 3, 5, 3], [2, 3, 5, 4], 2), ([3, 2, 5, 3], [3, 2, 5, 4], 1),
      ] {
        let x = try NDArray.normal(try Shape(a), key: RandomKey(seed: 1), .float64).transposed()
        let y = try NDArray.normal(try Shape(b), key: RandomKey(seed: 2), .float64)
        let wanted = try NDArray.matmul(x, y).sum(axes: Array(0..<leading))
        let got = try NDArray.matmulReducing(x, y, leading: leading)
        try expect(got, Reference(wanted.shape.array, try wanted.toDoubles()), tolerance: 1e-11)
        let other = try NDArray.matmulReducing(x.copied(), y, leading: leading)
        try expect(other, Reference(wanted.shape.array, try wanted.toDoubles()), tolerance: 1e-11)
      }
    }

    @Test("sizes that do not fit are named")
    func words() throws {
      let (a, b) = (try NDArray(zeros: [3, 4]), try NDArray(zeros: [5, 2]))
      let error = #expect(throws: TensorError.self) { try NDArray.matmul(a, b) }
      #expect(
        error?.description
          == "matmul: shapes [3, 4] and [5, 2] do not fit: the last axis of the left (4) must equal the "
          + "second-last of the right (5)")
      #expect(throws: TensorError("matmul", .rankTooLow([3], atLeast: 2))) {
        try NDArray.matmul(NDArray(zeros: [3]), b)
      }
    }

    @Test("long products, cut into panels and sections, agree with short ones at any thread count")
    func panels() throws {
      for (m, k, n) in [(900, 200, 150), (20, 40_000, 30), (40, 300, 5000), (3000, 64, 64)] {
        let a = try NDArray.normal([m, k], key: RandomKey(seed: 1))
        let b = try NDArray.normal([k, n], key: RandomKey(seed: 2))
        try expectSameOnAnyThreadCount { try NDArray.matmul(a, b) }
        try expectSameOnAnyThreadCount { try NDArray.matmul(a.transposed().copied().transposed(), b) }
        let got = try NDArray.matmul(a, b)
        for (i, j) in [(0, 0), (m - 1, n - 1), (m / 2, n / 3)] {
          let row = try a.selecting(axis: 0, index: i).cast(to: .float64)
          let column = try b.selecting(axis: 1, index: j).cast(to: .float64)
          let exact = try NDArray.binary(.multiply, row, column).sum().item()
          let value = try got.selecting(axis: 0, index: i).selecting(axis: 0, index: j).item()
          #expect(abs(value - exact) < 1e-5 * Double(k).squareRoot() * 10)
        }
      }
      let a = try NDArray.normal([50, 60, 70], key: RandomKey(seed: 1))
      let b = try NDArray.normal([50, 70, 80], key: RandomKey(seed: 2))
      try expectSameOnAnyThreadCount { try NDArray.matmul(a, b) }
    }
  }
}
