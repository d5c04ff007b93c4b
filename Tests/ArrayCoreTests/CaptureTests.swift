import ArrayCore
import Testing

extension ArrayCoreTests {
  @Suite struct Captures {
    private func random(_ shape: Shape, _ seed: UInt64, _ dtype: DType = .float32) throws -> NDArray {
      try NDArray.normal(shape, key: RandomKey(seed: seed), dtype)
    }

    @Test("a replay on other numbers equals computing anew, bit for bit")
    func replay() throws {
      func compute(_ x: [NDArray]) throws -> [NDArray] {
        let product = try NDArray.matmul(x[0], x[1], bias: x[2])
        let activated = try NDArray.unary(.relu, product)
        let back = try NDArray.reluGradient(NDArray.binary(.multiply, activated, scalar: 3), activated)
        let sums = try back.transposed().copied().sum(axes: [1])
        let picked = try NDArray.gather(back.logSoftmax(axis: 1), axis: 1, index: x[3])
        let spread = try NDArray.scatterAdd(picked, axis: 1, index: x[3], size: 5)
        let ones = try NDArray.binary(
          .add, NDArray(full: 2, [4, 5]), NDArray.eye(5).sliced(axis: 0, from: 0, to: 4))
        let rows = try NDArray.takeRows(x[1], x[3])
        let added = try NDArray.addRows(rows, x[3], rowCount: 6)
        let joined = try NDArray.concatenate([spread, NDArray.axpy(ones, back, scale: -0.5)], axis: 0)
        return [sums, picked, joined, added, try NDArray(zeros: [3])]
      }
      func inputs(_ seed: UInt64) throws -> [NDArray] {
        [
          try random([4, 6], seed), try random([6, 5], seed + 1), try random([5], seed + 2),
          try NDArray([Int(seed) % 5, 1, 4, 0], [4, 1]),
        ]
      }
      let capture = try Capture(inputs(1), compute)
      #expect(capture.isReplayable)
      for seed: UInt64 in [1, 12, 23] {
        try capture.replay(inputs(seed))
        let expected = try compute(inputs(seed))
        for (a, b) in zip(capture.outputs, expected) {
          #expect(try a.shape == b.shape && a.toDoubles() == b.toDoubles())
        }
      }
      #expect(try capture.timedReplay().count > 10)
    }

    @Test("memory that one array gave back serves smaller ones after it, in a replay too")
    func reusedMemory() throws {
      let count = 1 << 16
      func compute(_ x: [NDArray]) throws -> [NDArray] {
        let whole = try NDArray.unary(.exp, x[0]).sum(axes: [0])
        let halves = try [0, count / 2].map { from in
          try NDArray.unary(.sin, x[0].sliced(axis: 0, from: from, to: from + count / 2))
        }
        return [whole, try NDArray.binary(.multiply, halves[0], halves[1]).sum(axes: [0])]
      }
      let capture = try Capture([random([count], 1)], compute)
      // The input, and one array of its size for all that comes after; nothing else is large.
      #expect(capture.memory <= 3 * count * 4 && capture.memory >= 2 * count * 4)
      for seed: UInt64 in [2, 3] {
        let x = [try random([count], seed)]
        try capture.replay(x)
        for (a, b) in zip(capture.outputs, try compute(x)) { #expect(try a.toDoubles() == b.toDoubles()) }
      }
    }

    @Test("what was refused at first is refused in a replay as well")
    func errors() throws {
      let x = try random([3, 2], 1)
      let capture = try Capture([x, NDArray([0, 1, 1], [3, 1])]) {
        [try NDArray.gather($0[0], axis: 1, index: $0[1])]
      }
      #expect(throws: TensorError("gather", .indexOutOfRange(index: 7, count: 2))) {
        try capture.replay([x, NDArray([0, 7, 1], [3, 1])])
      }
      try capture.replay([x, NDArray([1, 0, 1], [3, 1])])
      #expect(try capture.outputs[0].toDoubles()[1] == x.toDoubles()[2])
    }

    @Test("a computation that reads numbers, draws them, or uses arrays from outside is not replayable")
    func refusals() throws {
      let x = try random([2, 2], 1)
      func isReplayable(_ body: ([NDArray]) throws -> [NDArray]) throws -> Bool {
        try Capture([x], body).isReplayable
      }
      #expect(try isReplayable { [try NDArray.unary(.exp, $0[0])] })
      #expect(try !isReplayable { [try NDArray(full: $0[0].sum().item(), [2])] })
      #expect(try !isReplayable { [try NDArray($0[0].toDoubles())] })
      #expect(try !isReplayable { [try NDArray.binary(.add, $0[0], self.random([2, 2], 3))] })
      #expect(try !isReplayable { [try NDArray.binary(.add, $0[0], x)] })
      #expect(try !isReplayable { _ in [x] })
    }

    @Test("its memory is given back with it, and arrays that outlive it stay whole")
    func memory() throws {
      let x = try NDArray(ones: [256, 256])
      var output: NDArray?
      do {
        let capture = try Capture([x]) { [try NDArray.unary(.exp, NDArray.binary(.add, $0[0], $0[0]))] }
        #expect(capture.memory >= 2 * 256 * 256 * 4)
        output = capture.outputs.first
      }
      let filled = try NDArray(full: 5, [256, 256])
      let kept = try #require(output).toDoubles()
      #expect(kept.allSatisfy { abs($0 - 7.389056) < 1e-5 } && filled.elementCount == kept.count)
    }
  }
}
