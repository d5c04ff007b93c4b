import ArrayCore
import Testing

extension ArrayCoreTests {
  @Suite struct Normalization {
    struct Case: CustomStringConvertible, Sendable {
      /// [N, C, spatial…]
      var input: [Int]
      var window: [Int]
      var description: String { "\(input) \(window)" }
    }

    static let cases: [Case] = [
      Case(input: [7, 5], window: []), Case(input: [3, 8, 5], window: [1]),
      Case(input: [2, 64, 4, 4], window: [2, 2]), Case(input: [3, 33, 7, 5], window: [2, 2]),
      Case(input: [1, 1, 3, 2], window: [2, 2]), Case(input: [2, 8, 6, 7], window: [3, 2]),
      Case(input: [2, 5, 9], window: [4]), Case(input: [2, 3, 4, 5, 3], window: [2, 2, 2]),
      Case(input: [2, 32, 3, 3], window: [3, 3]), Case(input: [5, 3, 2, 2], window: [1, 1]),
    ]

    /// Four results by plain loops over one task, in the order of the functions.
    static func plain(
      _ c: Case, _ x: Reference, _ g: Reference, _ u: Reference, _ sign: [Double], eps: Double
    ) throws -> [Reference] {
      let kept = try NormalizationGeometry(window: c.window).outputShape(input: try Shape(c.input)).array
      let n = Double(c.input.reduce(1, *) / c.input[1])
      func zeros(_ shape: [Int]) -> Reference {
        Reference(shape, Array(repeating: 0, count: shape.reduce(1, *)))
      }
      var (hat, spread) = (zeros(c.input), zeros(c.input))
      var selected: [([Int], [Int])] = []
      func mean(_ channel: Int, _ value: ([Int]) -> Double) -> Double {
        Reference.indices(c.input).filter { $0[1] == channel }.reduce(0) { $0 + value($1) } / n
      }
      let mu = (0..<c.input[1]).map { mean($0) { x[$0] } }
      let r = mu.indices.map { k in 1 / (mean(k) { (x[$0] - mu[k]) * (x[$0] - mu[k]) } + eps).squareRoot() }
      for at in Reference.indices(c.input) { hat[at] = (x[at] - mu[at[1]]) * r[at[1]] }
      for out in Reference.indices(kept) {
        var best: [Int]?
        for tap in Reference.indices(c.window) {
          let at = [out[0], out[1]] + c.window.indices.map { out[$0 + 2] * c.window[$0] + tap[$0] }
          if let held = best, sign[at[1]] * x[at] <= sign[at[1]] * x[held] { continue }
          best = at
        }
        if let best {
          selected.append((out, best))
          spread[best] = g[out]
        }
      }
      var (gradient, tangent, curvature) = (zeros(c.input), zeros(c.input), zeros(c.input))
      let channels = mu.indices.map { k in
        (
          g: mean(k) { spread[$0] }, a: mean(k) { spread[$0] * hat[$0] }, u: mean(k) { u[$0] },
          b: mean(k) { u[$0] * hat[$0] }, ug: mean(k) { u[$0] * spread[$0] }
        )
      }
      for at in Reference.indices(c.input) {
        let (m, s) = (channels[at[1]], r[at[1]])
        gradient[at] = s * (spread[at] - m.g - hat[at] * m.a)
        tangent[at] = s * (u[at] - m.u - hat[at] * m.b)
        let c = m.ug - m.u * m.g - 3 * m.a * m.b
        curvature[at] = -s * s * (hat[at] * c + m.b * (spread[at] - m.g) + m.a * (u[at] - m.u))
      }
      var (normalised, along) = (zeros(kept), zeros(kept))
      for (out, at) in selected { (normalised[out], along[out]) = (hat[at], tangent[at]) }
      return [normalised, gradient, along, curvature]
    }

    static func all(
      _ x: NDArray, _ g: NDArray, _ u: NDArray, _ weight: NDArray?, _ geometry: NormalizationGeometry,
      eps: Double = 1e-5
    ) throws -> [NDArray] {
      let moments = try NDArray.channelMoments(x, weight: weight, eps: eps, geometry)
      return [
        try NDArray.normalize(x, moments: moments, geometry),
        try NDArray.normalizeGradient(x, g, moments: moments, geometry),
        try NDArray.normalizeTangent(x, u, moments: moments, geometry),
        try NDArray.normalizeCurvature(x, g, u, moments: moments, geometry),
      ]
    }

    private static func signs(_ channels: Int) -> [Double] {
      (0..<channels).map { [1.0, -1, 1, 0, -1][$0 % 5] }
    }

    @Test("normalisation and its derivatives agree with plain loops in every layout", arguments: cases)
    func agreesWithLoops(_ c: Case) throws {
      let geometry = NormalizationGeometry(window: c.window)
      let kept = try geometry.outputShape(input: try Shape(c.input)).array
      let sign = Self.signs(c.input[1])
      for dtype in [DType.float32, .float64] {
        let (x, g) = (Reference(c.input, seed: 1, dtype), Reference(kept, seed: 2, dtype))
        let u = Reference(c.input, seed: 3, dtype)
        let weight = try NDArray(sign.map { $0 * 0.3 }, nil, dtype: dtype)
        let wanted = try Self.plain(c, x, g, u, sign, eps: 1e-5)
        let layouts = (try x.layouts(dtype), try g.layouts(dtype), try u.layouts(dtype))
        for i in 0..<min(layouts.0.count, layouts.1.count, layouts.2.count) {
          let got = try Self.all(layouts.0[i], layouts.1[i], layouts.2[i], weight, geometry)
          for (index, (a, b)) in zip(got, wanted).enumerated() {
            #expect(a.shape.array == b.shape)
            let most = zip(try a.toDoubles(), b.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
            #expect(most < (dtype == .float32 ? 1e-5 : 1e-11), "\(c) \(dtype) result \(index) layout \(i)")
          }
        }
      }
    }

    @Test("tasks side by side are tasks alone, whichever operands they share", arguments: cases)
    func tasks(_ c: Case) throws {
      let geometry = NormalizationGeometry(window: c.window)
      let input = try Shape(c.input)
      let kept = try geometry.outputShape(input: input)
      func drawn(_ shape: Shape, _ seed: UInt64) throws -> NDArray {
        try NDArray.normal(shape, key: RandomKey(seed: seed), .float64)
      }
      func several(_ shape: Shape, _ seed: UInt64) throws -> NDArray {
        try drawn(shape.inserting(3, at: 0), seed)
      }
      let weights = try several([c.input[1]], 9)
      for subset in 1..<8 {
        let x = try subset & 1 != 0 ? several(input, 1) : drawn(input, 1)
        let g = try subset & 2 != 0 ? several(kept, 2) : drawn(kept, 2)
        let u = try subset & 4 != 0 ? several(input, 3) : drawn(input, 3)
        func part(_ a: NDArray, _ shape: Shape, _ task: Int) throws -> NDArray {
          a.rank > shape.rank ? try a.selecting(axis: 0, index: task) : a
        }
        let weight = try subset & 1 != 0 ? weights : part(weights, [c.input[1]], 0)
        let together = try Self.all(x, g, u, weight, geometry)
        for task in 0..<3 {
          let alone = try Self.all(
            part(x, input, task), part(g, kept, task), part(u, input, task), part(weight, [c.input[1]], task),
            geometry)
          for (a, b) in zip(together, alone) {
            #expect(try part(a, b.shape, task).toDoubles() == b.toDoubles())
          }
        }
      }
    }

    @Test("results are equal bit for bit on one thread and on two, and replayed")
    func threadsAndReplays() throws {
      let geometry = NormalizationGeometry(window: [2, 2])
      func inputs(_ seed: UInt64) throws -> [NDArray] {
        try [[40, 16, 15, 14], [40, 16, 7, 7], [40, 16, 15, 14], [16]].enumerated().map {
          try NDArray.normal($1, key: RandomKey(seed: seed + UInt64($0)))
        }
      }
      func bits(_ a: NDArray) throws -> [UInt64] { try a.toDoubles().map(\.bitPattern) }
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      ThreadPool.threadCount = 2
      let capture = try Capture(inputs(10)) { try Self.all($0[0], $0[1], $0[2], $0[3], geometry) }
      #expect(capture.isReplayable)
      for (seed, threads) in [(20, 1), (30, 2), (10, 1)] as [(UInt64, Int)] {
        let other = try inputs(seed)
        ThreadPool.threadCount = threads
        try capture.replay(other)
        ThreadPool.threadCount = 3 - threads
        for (a, b) in zip(capture.outputs, try Self.all(other[0], other[1], other[2], other[3], geometry)) {
          #expect(try bits(a) == bits(b))
        }
      }
    }

    @Test("a mean far from zero leaves float32 its digits; what is not a number stays in its channel")
    func extremes() throws {
      let geometry = NormalizationGeometry(window: [1, 1])
      let small = try NDArray.normal([8, 4, 9, 9], key: RandomKey(seed: 1), .float64)
      let far = try NDArray.binary(.add, NDArray.binary(.multiply, small, scalar: 4), scalar: 4096)
      // Exactly what float32 holds of it.
      let x = try far.cast(to: .float32)
      let exact = try x.cast(to: .float64)
      func normalized(_ x: NDArray) throws -> [Double] {
        let moments = try NDArray.channelMoments(x, weight: nil, eps: 1e-5, geometry)
        return try NDArray.normalize(x, moments: moments, geometry).toDoubles()
      }
      for (a, b) in zip(try normalized(x), try normalized(exact)) { #expect(abs(a - b) < 1e-4) }
      for bad in [Double.nan, .infinity] {
        var values = try small.toDoubles()
        values[2 * 81 + 40] = bad
        let y = try normalized(try NDArray(values, small.shape))
        for (index, value) in y.enumerated() { #expect(value.isNaN == (index / 81 % 4 == 2)) }
      }
      let constant = try normalized(try NDArray(full: 3, [4, 2, 2, 2]))
      #expect(constant.allSatisfy { $0 == 0 })
    }

    @Test("shapes that do not fit are refused")
    func refusals() throws {
      let geometry = NormalizationGeometry(window: [2, 2])
      let x = try NDArray(ones: [2, 3, 4, 4])
      let moments = try NDArray.channelMoments(x, weight: nil, eps: 1e-5, geometry)
      #expect(throws: TensorError.self) {
        try NDArray.normalizeGradient(x, NDArray(ones: [2, 3, 3, 2]), moments: moments, geometry)
      }
      #expect(throws: TensorError.self) {
        try NDArray.normalizeTangent(x, NDArray(ones: [2, 3, 2, 2]), moments: moments, geometry)
      }
      #expect(throws: TensorError.self) {
        try NDArray.normalize(NDArray(ones: [2, 4, 4, 4]), moments: moments, geometry)
      }
      #expect(throws: TensorError.self) {
        try NDArray.channelMoments(x, weight: NDArray(ones: [2]), eps: 1e-5, geometry)
      }
      #expect(throws: TensorError.self) {
        try NDArray.normalize(NDArray(ones: [2, 3, 1, 4]), moments: moments, geometry)
      }
      #expect(throws: TensorError.self) {
        try NDArray.channelMoments(x.cast(to: .int64), weight: nil, eps: 1e-5, geometry)
      }
    }
  }
}
