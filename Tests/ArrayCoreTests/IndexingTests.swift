import ArrayCore
import Testing

extension ArrayCoreTests {
  @Suite struct Indexing {
    @Test("gather and scatterAdd are adjoint in every layout", arguments: DType.allCases)
    func gather(_ dtype: DType) throws {
      for (shape, axis) in [([5], 0), ([3, 4], 1), ([3, 4], 0), ([2, 3, 4], 1), ([2, 3, 0], 1)] {
        var indexShape = shape
        indexShape[axis] = 6
        let x = Reference(shape, seed: 51, dtype)
        let g = Reference(indexShape, seed: 52, dtype)
        let key = RandomKey(seed: 53)
        let places = Reference(
          indexShape, g.values.indices.map { Double(key.integer(at: UInt64($0), below: shape[axis])) })
        var gathered = g
        var added = Reference(shape, Array(repeating: 0, count: x.values.count))
        for index in Reference.indices(indexShape) {
          var from = index
          from[axis] = Int(places[index])
          gathered[index] = x[from]
          added[from] += g[index]
        }
        for a in try x.layouts(dtype) {
          for i in try places.layouts(.int64) {
            try expect(try NDArray.gather(a, axis: axis, index: i), gathered)
          }
        }
        for c in try g.layouts(dtype) {
          for i in try places.layouts(.int64) {
            try expect(
              try NDArray.scatterAdd(c, axis: axis, index: i, size: shape[axis]), added,
              tolerance: dtype == .float32 ? 1e-5 : 1e-12)
          }
        }
      }
    }

    @Test("an index out of range is an error that names it")
    func outOfRange() throws {
      let x = try NDArray([1, 2, 3], nil)
      for bad in [3, -1, Int.max, Int.min] {
        let index = try NDArray([0, bad], nil)
        let error = TensorError("gather", .indexOutOfRange(index: bad, count: 3))
        #expect(throws: error) { try NDArray.gather(x, axis: 0, index: index) }
        #expect(throws: TensorError.self) { try NDArray.scatterAdd(index, axis: 0, index: index, size: 3) }
        #expect(throws: TensorError.self) { try NDArray.takeRows(x, index) }
        #expect(throws: TensorError.self) { try NDArray.addRows(index, index, rowCount: 3) }
        #expect(throws: TensorError.self) { try NDArray.oneHot(index, classes: 3) }
      }
      #expect(throws: TensorError("gather", .unsupportedDType(.float32))) {
        try NDArray.gather(x, axis: 0, index: NDArray([0] as [Float], nil))
      }
    }

    @Test("rows are taken and added back", arguments: DType.allCases)
    func rows(_ dtype: DType) throws {
      let table = try NDArray([1, 2, 3, 4, 5, 6], [3, 2], dtype: dtype)
      let index = try NDArray([2, 0, 2, 2], [2, 2])
      let rows = try NDArray.takeRows(table, index)
      #expect(rows.shape == [2, 2, 2])
      #expect(try rows.toDoubles() == [5, 6, 1, 2, 5, 6, 5, 6])
      let back = try NDArray.addRows(rows, index, rowCount: 3)
      #expect(try back.toDoubles() == [1, 2, 0, 0, 15, 18])
      #expect(try NDArray.takeRows(table, NDArray([Int](), [0])).shape == [0, 2])
    }

    @Test("oneHot puts a one at each index")
    func oneHot() throws {
      let result = try NDArray.oneHot(NDArray([2, 0], nil), classes: 3)
      #expect(try result.toDoubles() == [0, 0, 1, 1, 0, 0])
      #expect(result.shape == [2, 3])
    }

    @Test("concatenation and stacking join layouts and types")
    func joining() throws {
      let a = Reference([2, 3], seed: 61, .float64)
      let b = Reference([2, 1], seed: 62, .float64)
      let wanted = Reference(
        [2, 4], Reference.indices([2, 4]).map { $0[1] < 3 ? a[$0] : b[[$0[0], 0]] })
      for x in try a.layouts(.float64) {
        for y in try b.layouts(.float64) { try expect(try NDArray.concatenate([x, y], axis: -1), wanted) }
        let stacked = try NDArray.stack([x, x], axis: 1)
        #expect(stacked.shape == [2, 2, 3])
        try expect(try stacked.selecting(axis: 1, index: 1), a)
      }
      #expect(
        try NDArray.concatenate([NDArray([1], nil), NDArray([0.5] as [Float], nil)], axis: 0).dtype
          == .float32)
      #expect(throws: TensorError.self) { try NDArray.concatenate([], axis: 0) }
      #expect(throws: TensorError.self) {
        try NDArray.concatenate([NDArray(zeros: [2, 3]), NDArray(zeros: [3, 3])], axis: 1)
      }
    }

    @Test("slices, reshapes and permutations see the right elements")
    func views() throws {
      let a = Reference([3, 4, 5], seed: 63, .float64)
      for x in try a.layouts(.float64) {
        let slice = try x.sliced(axis: 1, from: 3, to: 0, step: -2)
        try expect(
          slice,
          Reference([3, 2, 5], Reference.indices([3, 2, 5]).map { a[[$0[0], 3 - 2 * $0[1], $0[2]]] }))
        try expect(
          try slice.embedded(in: [3, 4, 5], axis: 1, from: 3, step: -2).sliced(axis: 1, from: 1, to: 2),
          Reference([3, 1, 5], Reference.indices([3, 1, 5]).map { a[[$0[0], 1, $0[2]]] }))
        try expect(try x.reshaped([12, 5]), Reference([12, 5], a.values))
        try expect(try x.reshaped([3, 2, 2, 5, 1]), Reference([3, 2, 2, 5, 1], a.values))
        try expect(
          try x.permuted([2, 0, 1]),
          Reference([5, 3, 4], Reference.indices([5, 3, 4]).map { a[[$0[1], $0[2], $0[0]]] }))
        try expect(
          try x.moving(axis: 0, to: 2),
          Reference([4, 5, 3], Reference.indices([4, 5, 3]).map { a[[$0[2], $0[0], $0[1]]] }))
        try expect(
          try x.selecting(axis: -1, index: -1),
          Reference([3, 4], Reference.indices([3, 4]).map { a[$0 + [4]] }))
        try expect(try x.inserting(axis: -1).removing(axis: 3), a)
      }
      let x = try NDArray(zeros: [3, 4])
      #expect(throws: TensorError.self) { try x.reshaped([5, 2]) }
      #expect(throws: TensorError.self) { try x.sliced(axis: 0, from: 0, to: 4) }
      #expect(throws: TensorError.self) { try x.sliced(axis: 0, from: 0, to: 3, step: 0) }
      #expect(throws: TensorError.self) { try x.selecting(axis: 0, index: 3) }
      #expect(throws: TensorError.self) { try x.permuted([0, 0]) }
      #expect(throws: TensorError.self) { try x.permuted([0]) }
      #expect(throws: TensorError.self) { try x.removing(axis: 0) }
      #expect(throws: TensorError.self) { try x.broadcast(to: [3, 5]) }
      #expect(try x.sliced(axis: 0, from: 2, to: 1).shape == [0, 4])
      #expect(try x.sliced(axis: 0, from: 0, to: 3, step: Int.max).shape == [1, 4])
    }
  }
}
