import ArrayCore
import Testing

extension ArrayCoreTests {
  /// The ways of computing a convolution, which are chosen by shape.
  @Suite struct Convolutions {
    typealias Case = Windows.Case

    /// 3×3 kernels over enough channels: tiles that stick out of odd sizes, channels that fill vectors or do not.
    static let tiled: [Case] = {
      var cases: [Case] = []
      for (height, width, padding) in [
        (1, 1, 1), (1, 4, 1), (2, 3, 1), (3, 3, 0), (3, 3, 1), (3, 5, 2), (4, 4, 1), (6, 7, 0), (7, 6, 2),
        (9, 5, 1),
      ] {
        cases.append(
          Case(
            input: [2, 8, height, width], kernel: [9, 8, 3, 3],
            geometry: .init(padding: [padding, padding])))
      }
      for (c, o) in [(16, 16), (17, 31), (32, 48), (40, 10)] {
        cases.append(Case(input: [3, c, 5, 4], kernel: [o, c, 3, 3], geometry: .init(padding: [1, 1])))
      }
      cases.append(Case(input: [1, 12, 6, 5], kernel: [8, 12, 3, 3], geometry: .init(padding: [0, 2])))
      return cases
    }()

    /// Few channels, and kernels, strides and gaps of other kinds.
    static let rows: [Case] = [
      Case(input: [3, 1, 8, 7], kernel: [16, 1, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [2, 3, 9, 13], kernel: [32, 3, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [2, 3, 6, 6], kernel: [5, 3, 3, 3], geometry: .init(padding: [0, 0])),
      Case(input: [2, 2, 7, 9], kernel: [70, 2, 5, 4], geometry: .init(padding: [2, 2])),
      Case(input: [2, 4, 9, 8], kernel: [6, 4, 3, 3], geometry: .init(stride: [2, 2], padding: [1, 1])),
      Case(input: [2, 4, 9, 8], kernel: [6, 4, 3, 1], geometry: .init(padding: [2, 0], dilation: [2, 3])),
      Case(input: [2, 6, 5, 5], kernel: [20, 6, 1, 1], geometry: .init()),
      Case(input: [1, 20, 6, 5], kernel: [1, 20, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [1, 3, 120, 50], kernel: [4, 3, 3, 3], geometry: .init(padding: [1, 1])),
    ]

    private func agree(_ got: NDArray, _ wanted: Reference, _ dtype: DType, _ comment: String) throws {
      #expect(got.shape.array == wanted.shape, "\(comment)")
      let largest = wanted.values.map(abs).max() ?? 0
      for (p, q) in zip(try got.toDoubles(), wanted.values)
      where abs(p - q) > (dtype == .float32 ? 1e-5 : 1e-13) * max(largest, 1) {
        Issue.record("\(comment): \(p), not \(q)")
        return
      }
    }

    @Test("tiles and rows agree with plain loops at every edge", arguments: tiled + rows)
    func edges(_ c: Case) throws {
      for dtype in [DType.float32, .float64] {
        let (x, w) = (Reference(c.input, seed: 51, dtype), Reference(c.kernel, seed: 52, dtype))
        let shape = try c.geometry.outputShape(input: try Shape(c.input), kernel: try Shape(c.kernel)).array
        let g = Reference(shape, seed: 53, dtype)
        var out = Reference(shape, Array(repeating: 0, count: g.values.count))
        var gx = Reference(c.input, Array(repeating: 0, count: x.values.count))
        var gw = Reference(c.kernel, Array(repeating: 0, count: w.values.count))
        for (o, i, k) in Windows.triples(c, shape) {
          out[o] += x[i] * w[k]
          gx[i] += g[o] * w[k]
          gw[k] += g[o] * x[i]
        }
        let layouts = (try x.layouts(dtype), try w.layouts(dtype), try g.layouts(dtype))
        for n in 0..<2 {
          let (p, q, r) = (layouts.0[n], layouts.1[n], layouts.2[n])
          try agree(try NDArray.convolution(p, q, c.geometry), out, dtype, "forward \(c)")
          try agree(
            try NDArray.convolutionInputGradient(r, q, inputShape: try Shape(c.input), c.geometry), gx, dtype,
            "input \(c)")
          try agree(
            try NDArray.convolutionWeightGradient(r, p, kernelShape: try Shape(c.kernel), c.geometry), gw,
            dtype,
            "weight \(c)")
        }
      }
    }

    /// The three products of a geometry.
    private func all(
      _ x: NDArray, _ w: NDArray, _ g: NDArray, _ input: Shape, _ kernel: Shape,
      _ geometry: ConvolutionGeometry
    ) throws -> [NDArray] {
      [
        try NDArray.convolution(x, w, geometry),
        try NDArray.convolutionInputGradient(g, w, inputShape: input, geometry),
        try NDArray.convolutionWeightGradient(g, x, kernelShape: kernel, geometry),
      ]
    }

    /// Shapes for each way of computing, large enough for several units and sections.
    static let large: [Case] = [
      Case(input: [40, 32, 13, 14], kernel: [48, 32, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [30, 1, 28, 28], kernel: [64, 1, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [9, 3, 40, 41], kernel: [20, 3, 3, 3], geometry: .init(padding: [1, 1])),
      Case(
        input: [60, 6, 15, 15], kernel: [8, 3, 3, 3],
        geometry: .init(stride: [2, 2], padding: [1, 1], dilation: [1, 2], groups: 2)),
    ]

    @Test("each way of computing is equal bit for bit at any thread count", arguments: large)
    func threads(_ c: Case) throws {
      let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
      let x = try NDArray.normal(input, key: RandomKey(seed: 1))
      let w = try NDArray.normal(kernel, key: RandomKey(seed: 2))
      let g = try NDArray.normal(
        try c.geometry.outputShape(input: input, kernel: kernel), key: RandomKey(seed: 3))
      for i in 0..<3 {
        try expectSameOnAnyThreadCount { try all(x, w, g, input, kernel, c.geometry)[i] }
      }
    }

    @Test("tiles of large float32 convolutions stay close to float64", arguments: large)
    func accuracy(_ c: Case) throws {
      let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
      let x = try NDArray.normal(input, key: RandomKey(seed: 1))
      let w = try NDArray.normal(kernel, key: RandomKey(seed: 2))
      let g = try NDArray.normal(
        try c.geometry.outputShape(input: input, kernel: kernel), key: RandomKey(seed: 3))
      let single = try all(x, w, g, input, kernel, c.geometry)
      let double = try all(
        x.cast(to: .float64), w.cast(to: .float64), g.cast(to: .float64), input, kernel, c.geometry)
      for (a, b) in zip(single, double) {
        let (p, q) = (try a.toDoubles(), try b.toDoubles())
        let largest = q.map(abs).max() ?? 1
        for (u, v) in zip(p, q) where abs(u - v) > 3e-6 * largest {
          Issue.record("\(c): \(u), not \(v)")
          break
        }
      }
    }

    @Test("tasks have their own tiles and rows", arguments: [tiled[7], tiled[11], rows[1], rows[4]])
    func tasks(_ c: Case) throws {
      let tasks = 3
      let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
      let output = try c.geometry.outputShape(input: input, kernel: kernel)
      func make(_ shape: Shape, _ seed: UInt64, _ batched: Bool) throws -> NDArray {
        try NDArray.normal(
          batched ? shape.inserting(tasks, at: 0) : shape, key: RandomKey(seed: seed), .float64)
      }
      func one(_ array: NDArray, _ task: Int, _ shape: Shape) throws -> NDArray {
        array.shape == shape ? array : try array.selecting(axis: 0, index: task)
      }
      for (own, shared) in [(true, true), (true, false), (false, true)] {
        let (x, w) = (try make(input, 1, own), try make(kernel, 2, shared))
        let g = try make(output, 3, own || !shared)
        let whole = try all(x, w, g, input, kernel, c.geometry)
        for t in 0..<tasks {
          let single = try all(
            one(x, t, input), one(w, t, kernel), one(g, t, output), input, kernel, c.geometry)
          for (a, b) in zip(whole, single) {
            let got = try one(a, t, b.shape)
            for (p, q) in zip(try got.toDoubles(), try b.toDoubles()) { #expect(abs(p - q) < 1e-11) }
          }
        }
      }
    }

    @Test(
      "a captured convolution and its gradients replay to the same bits on other inputs", arguments: large)
    func capture(_ c: Case) throws {
      let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
      let output = try c.geometry.outputShape(input: input, kernel: kernel)
      func inputs(_ seed: UInt64) throws -> [NDArray] {
        try [input, kernel, output].enumerated().map {
          try NDArray.normal($1, key: RandomKey(seed: seed + UInt64($0)))
        }
      }
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      ThreadPool.threadCount = 2
      let capture = try Capture(try inputs(10)) {
        try all($0[0], $0[1], $0[2], input, kernel, c.geometry)
      }
      let first = try inputs(10)
      for (a, b) in zip(capture.outputs, try all(first[0], first[1], first[2], input, kernel, c.geometry)) {
        #expect(try bits(a) == bits(b))
      }
      for (seed, threads) in [(20, 2), (30, 1), (40, 3), (10, 2)] as [(UInt64, Int)] {
        ThreadPool.threadCount = threads
        let other = try inputs(seed)
        try capture.replay(other)
        for (a, b) in zip(capture.outputs, try all(other[0], other[1], other[2], input, kernel, c.geometry)) {
          #expect(try bits(a) == bits(b))
        }
      }
    }

    @Test("captured pooling replays to the same bits on other inputs")
    func pooling() throws {
      let geometry = PoolGeometry(kernel: [2, 2])
      func pooled(_ x: NDArray, _ g: NDArray) throws -> [NDArray] {
        [
          try NDArray.maxPoolIndices(x, geometry), try NDArray.averagePool(x, geometry),
          try NDArray.averagePoolAdjoint(g, inputShape: x.shape, geometry),
        ]
      }
      func inputs(_ seed: UInt64) throws -> [NDArray] {
        [
          try NDArray.normal([6, 20, 9, 8], key: RandomKey(seed: seed)),
          try NDArray.normal([6, 20, 4, 4], key: RandomKey(seed: seed + 1)),
        ]
      }
      let capture = try Capture(try inputs(1)) { try pooled($0[0], $0[1]) }
      for seed in [5, 1] as [UInt64] {
        let other = try inputs(seed)
        try capture.replay(other)
        for (a, b) in zip(capture.outputs, try pooled(other[0], other[1])) { #expect(try bits(a) == bits(b)) }
      }
    }

    @Test("a long convolution is given up when an interrupt comes")
    func interrupts() async {
      // An interrupt is for the whole process.
      await #expect(processExitsWith: .success) { () async throws in
        for c in Convolutions.large {
          let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
          let (x, w) = (try NDArray(ones: input), try NDArray(ones: kernel))
          Cancellation.request()
          defer { Cancellation.clear() }
          #expect(throws: TensorError.self) { try NDArray.convolution(x, w, c.geometry) }
        }
      }
    }
  }
}
