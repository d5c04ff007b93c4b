import ArrayCore
import Foundation
import Testing

extension ArrayCoreTests {
  @Suite struct Reductions {
    static func reduce(_ a: Reference, _ axes: [Int], _ join: ([Double]) -> Double) -> Reference {
      let kept = a.shape.indices.filter { !axes.contains($0) }
      let shape = kept.map { a.shape[$0] }
      let inner = axes.sorted()
      return Reference(
        shape,
        Reference.indices(shape).map { outer in
          join(
            Reference.indices(inner.map { a.shape[$0] }).map { reduced in
              var index = Array(repeating: 0, count: a.shape.count)
              for (i, axis) in kept.enumerated() { index[axis] = outer[i] }
              for (i, axis) in inner.enumerated() { index[axis] = reduced[i] }
              return a[index]
            })
        })
    }

    @Test("sum, max and min over any axes and layouts", arguments: DType.allCases)
    func anyAxes(_ dtype: DType) throws {
      let cases: [([Int], [[Int]])] = [
        ([], [[]]), ([5], [[], [0]]), ([70], [[0]]), ([3, 40], [[0], [1], [0, 1]]),
        ([1, 4, 1], [[0], [1], [2], [0, 2]]),
        ([2, 3, 4], [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]),
        (
          [2, 3, 2, 3, 2, 2],
          [[0, 2, 4], [1, 3, 5], [0, 1, 2, 3], [0, 2, 4, 5], [0, 2, 3, 5], [1, 2, 4]]
        ),
      ]
      for (shape, choices) in cases {
        let a = Reference(shape, seed: 11, dtype)
        for axes in choices {
          for x in try a.layouts(dtype) {
            let comment = "\(shape) over \(axes)"
            let sum = Self.reduce(a, axes) { $0.reduce(0, +) }
            let got = try x.sum(axes: axes)
            #expect(got.shape.array == sum.shape)
            for (p, q) in zip(try got.toDoubles(), sum.values) {
              #expect(abs(p - q) <= (dtype == .float32 ? 1e-5 : 1e-13), "\(comment): \(p) \(q)")
            }
            try expect(try x.max(axes: axes), Self.reduce(a, axes) { $0.max() ?? 0 }, comment)
            try expect(try x.min(axes: axes), Self.reduce(a, axes) { $0.min() ?? 0 }, comment)
            var whole = shape
            for axis in axes { whole[axis] = 1 }
            #expect(try x.sum(axes: axes, keepDims: true).shape.array == whole)
          }
        }
      }
    }

    @Test("negative axes count from the end; repeated and missing ones are errors")
    func axisErrors() throws {
      let a = try NDArray([1, 2, 3, 4, 5, 6], [2, 3])
      #expect(try a.sum(axes: [-1]).toInts() == [6, 15])
      #expect(throws: TensorError("sum", .repeatedAxis(-1))) { try a.sum(axes: [1, -1]) }
      #expect(throws: TensorError("sum", .axisOutOfRange(axis: 2, rank: 2))) { try a.sum(axes: [2]) }
    }

    @Test("an empty sum is zero, an empty maximum is an error")
    func empty() throws {
      let a = try NDArray(zeros: [3, 0])
      #expect(try a.sum(axes: [1]).toDoubles() == [0, 0, 0])
      #expect(try a.sum().item() == 0)
      #expect(try a.sum(axes: [0]).shape == [0])
      #expect(throws: TensorError("max", .emptyReduction([3, 0]))) { try a.max(axes: [1]) }
      #expect(throws: TensorError("argmax", .emptyReduction([3, 0]))) { try a.argmax(axis: 1) }
      #expect(try a.max(axes: [0]).shape == [0])
      #expect(try a.argmax(axis: 0).shape == [0])
    }

    @Test("float32 sums of ten million elements are right to 1e-6")
    func accuracy() throws {
      let n = 10_000_000
      let a = try NDArray.uniform([n], key: RandomKey(seed: 3))
      let exact = try a.withFloats { $0.reduce(0.0) { $0 + Double($1) } }
      #expect(abs(try a.sum().item() - exact) / exact < 1e-7)
      let columns = try a.reshaped([n / 10, 10]).sum(axes: [0]).sum().item()
      #expect(abs(columns - exact) / exact < 1e-6)
    }

    @Test("argmax and argmin give the first of equal elements")
    func arg() throws {
      let a = try NDArray([3, 1, 3, 0, 0, 2], [2, 3])
      #expect(try a.argmax(axis: 1).toInts() == [0, 2])
      #expect(try a.argmin(axis: -1).toInts() == [1, 0])
      #expect(try a.argmax(axis: 0).toInts() == [0, 0, 0])
      #expect(try a.argmax(axis: 0, keepDims: true).shape == [1, 3])
      for x in try Reference([3, 4, 5], seed: 4, .float32).layouts(.float32) {
        let order = try x.argmax(axis: 1)
        let best = try NDArray.gather(x, axis: 1, index: order.inserting(axis: 1))
        #expect(try best.toDoubles() == x.max(axes: [1]).toDoubles())
      }
    }

    @Test("sum(to:) undoes a broadcast")
    func sumTo() throws {
      let a = Reference([2, 3, 4], seed: 12, .float64)
      for x in try a.layouts(.float64) {
        try expect(
          try x.sum(to: [3, 1]),
          Reference([3, 1], Self.reduce(a, [0, 2]) { $0.reduce(0, +) }.values), tolerance: 1e-13)
        #expect(try x.sum(to: []).shape == [])
      }
      #expect(throws: TensorError.self) { try NDArray(zeros: [2, 3]).sum(to: [2]) }
    }

    @Test("softmax and its logarithm along any axis, without overflow")
    func softmax() throws {
      for dtype in [DType.float32, .float64] {
        for shape in [[5], [3, 4], [2, 3, 4], [0, 3], [3, 0]] {
          var a = Reference(shape, seed: 13, dtype)
          if !a.values.isEmpty { a.values[0] = 1000 }
          for axis in shape.indices {
            let wanted = Reference(
              shape,
              Reference.indices(shape).map { index in
                let row = (0..<shape[axis]).map { i -> Double in
                  var other = index
                  other[axis] = i
                  return a[other]
                }
                let top = row.max() ?? 0
                return exp(a[index] - top) / row.reduce(0) { $0 + exp($1 - top) }
              })
            for x in try a.layouts(dtype) {
              let got = try x.softmax(axis: axis)
              #expect(got.shape.array == shape)
              for (p, q) in zip(try got.toDoubles(), wanted.values) { #expect(abs(p - q) < 1e-6) }
              for (p, q) in zip(try x.logSoftmax(axis: axis).toDoubles(), wanted.values) where q > 1e-30 {
                #expect(abs(p - log(q)) < (dtype == .float32 ? 1e-5 : 1e-12))
              }
            }
          }
        }
      }
    }

    @Test("long reductions are equal bit for bit at any thread count")
    func threads() throws {
      let a = try NDArray.normal([4, 20, 28, 28, 16], key: RandomKey(seed: 5))
      try expectSameOnAnyThreadCount { try a.sum() }
      try expectSameOnAnyThreadCount { try a.sum(axes: [1, 2, 3]) }
      try expectSameOnAnyThreadCount { try a.sum(axes: [4]) }
      try expectSameOnAnyThreadCount { try a.max(axes: [0, 4]) }
      try expectSameOnAnyThreadCount { try a.permuted([0, 1, 4, 2, 3]).sum(axes: [1, 3, 4]) }
      let whole = try a.cast(to: .float64).toDoubles().reduce(0, +)
      #expect(abs(try a.sum().item() - whole) < 1e-2)
    }
  }
}
