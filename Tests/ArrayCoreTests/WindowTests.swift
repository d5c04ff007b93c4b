import ArrayCore
import Testing

extension ArrayCoreTests {
  @Suite struct Windows {
    struct Case: CustomStringConvertible {
      var input: [Int]
      var kernel: [Int]
      var geometry: ConvolutionGeometry
      var description: String { "\(input) \(kernel) \(geometry)" }
    }

    static let cases: [Case] = [
      Case(input: [2, 3, 6, 5], kernel: [4, 3, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [2, 3, 7, 6], kernel: [4, 3, 3, 2], geometry: .init(stride: [2, 1], padding: [1, 0])),
      Case(
        input: [1, 4, 7, 7], kernel: [6, 2, 3, 3],
        geometry: .init(padding: [2, 2], dilation: [2, 2], groups: 2)),
      Case(
        input: [2, 4, 5, 5], kernel: [4, 1, 3, 3],
        geometry: .init(stride: [2, 2], padding: [1, 1], groups: 4)),
      Case(input: [3, 2, 9], kernel: [5, 2, 4], geometry: .init(stride: [2], padding: [3], dilation: [1])),
      Case(
        input: [2, 2, 4, 3, 5], kernel: [3, 2, 2, 3, 2],
        geometry: .init(stride: [1, 1, 2], padding: [0, 1, 1], dilation: [1, 1, 1])),
      Case(input: [2, 5, 3, 3], kernel: [7, 5, 1, 1], geometry: .init()),
      Case(input: [0, 3, 6, 5], kernel: [4, 3, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [2, 0, 4, 4], kernel: [3, 0, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [2, 3, 4, 4], kernel: [0, 3, 3, 3], geometry: .init(padding: [1, 1])),
      Case(input: [40, 3, 9, 9], kernel: [8, 3, 3, 3], geometry: .init(padding: [1, 1])),
    ]

    /// Every (output, input, kernel) triple of indices that a convolution multiplies.
    static func triples(_ c: Case, _ output: [Int]) -> [([Int], [Int], [Int])] {
      let spatial = c.geometry.stride.count
      var result: [([Int], [Int], [Int])] = []
      let perGroup = c.kernel[1]
      let outputsPerGroup = c.kernel[0] / c.geometry.groups
      for out in Reference.indices(output) {
        let group = outputsPerGroup > 0 ? out[1] / outputsPerGroup : 0
        for tap in Reference.indices(Array(c.kernel.dropFirst(1))) {
          var at = [out[0], group * perGroup + tap[0]]
          var inside = true
          for i in 0..<spatial {
            let place =
              out[i + 2] * c.geometry.stride[i] - c.geometry.padding[i] + tap[i + 1] * c.geometry.dilation[i]
            if place < 0 || place >= c.input[i + 2] { inside = false }
            at.append(place)
          }
          if inside { result.append((out, at, [out[1]] + tap)) }
        }
      }
      return result
    }

    static func agree(_ got: NDArray, _ wanted: Reference, _ dtype: DType, _ comment: String) throws {
      #expect(got.shape.array == wanted.shape, "\(comment)")
      for (p, q) in zip(try got.toDoubles(), wanted.values)
      where abs(p - q) > (dtype == .float32 ? 1e-3 : 1e-10) {
        Issue.record("\(comment): \(p), not \(q)")
        return
      }
    }

    @Test("convolution and its two adjoints agree with plain loops", arguments: cases)
    func convolution(_ c: Case) throws {
      for dtype in [DType.float32, .float64] {
        let (x, w) = (Reference(c.input, seed: 31, dtype), Reference(c.kernel, seed: 32, dtype))
        let shape = try c.geometry.outputShape(input: try Shape(c.input), kernel: try Shape(c.kernel)).array
        let g = Reference(shape, seed: 33, dtype)
        var out = Reference(shape, Array(repeating: 0, count: g.values.count))
        var gx = Reference(c.input, Array(repeating: 0, count: x.values.count))
        var gw = Reference(c.kernel, Array(repeating: 0, count: w.values.count))
        for (o, i, k) in Self.triples(c, shape) {
          out[o] += x[i] * w[k]
          gx[i] += g[o] * w[k]
          gw[k] += g[o] * x[i]
        }
        let layouts = (try x.layouts(dtype), try w.layouts(dtype), try g.layouts(dtype))
        for n in 0..<min(layouts.0.count, layouts.1.count, layouts.2.count) {
          let (p, q, r) = (layouts.0[n], layouts.1[n], layouts.2[n])
          try Self.agree(try NDArray.convolution(p, q, c.geometry), out, dtype, "forward \(c)")
          let inputGradient = try NDArray.convolutionInputGradient(
            r, q, inputShape: try Shape(c.input), c.geometry)
          try Self.agree(inputGradient, gx, dtype, "input \(c)")
          let weightGradient = try NDArray.convolutionWeightGradient(
            r, p, kernelShape: try Shape(c.kernel), c.geometry)
          try Self.agree(weightGradient, gw, dtype, "weight \(c)")
        }
      }
    }

    @Test(
      "a task axis on any operand gives each task its own convolution",
      arguments: [cases[0], cases[1], cases[2]])
    func tasks(_ c: Case) throws {
      let tasks = 3
      let (input, kernel) = (try Shape(c.input), try Shape(c.kernel))
      let shape = try c.geometry.outputShape(input: input, kernel: kernel)
      func make(_ shape: Shape, _ seed: UInt64, _ batched: Bool) throws -> NDArray {
        try NDArray.normal(
          batched ? shape.inserting(tasks, at: 0) : shape, key: RandomKey(seed: seed), .float64)
      }
      func one(_ array: NDArray, _ task: Int, _ shape: Shape) throws -> NDArray {
        array.shape == shape ? array : try array.selecting(axis: 0, index: task)
      }
      func same(_ whole: NDArray, _ task: Int, _ single: NDArray) throws {
        let got = try whole.selecting(axis: 0, index: task)
        try expect(got, Reference(single.shape.array, try single.toDoubles()), tolerance: 1e-10)
      }
      for (xBatched, wBatched) in [(true, true), (true, false), (false, true)] {
        let (x, w) = (try make(input, 1, xBatched), try make(kernel, 2, wBatched))
        let out = try NDArray.convolution(x, w, c.geometry)
        for t in 0..<tasks {
          try same(out, t, try NDArray.convolution(try one(x, t, input), try one(w, t, kernel), c.geometry))
        }
        let g = try make(shape, 3, xBatched)
        let gx = try NDArray.convolutionInputGradient(g, w, inputShape: input, c.geometry)
        for t in 0..<tasks {
          try same(
            gx, t,
            try NDArray.convolutionInputGradient(
              try one(g, t, shape), try one(w, t, kernel), inputShape: input, c.geometry))
        }
        let other = try make(shape, 4, true)
        let gw = try NDArray.convolutionWeightGradient(other, x, kernelShape: kernel, c.geometry)
        for t in 0..<tasks {
          try same(
            gw, t,
            try NDArray.convolutionWeightGradient(
              try one(other, t, shape), try one(x, t, input), kernelShape: kernel, c.geometry))
        }
      }
      #expect(throws: TensorError.self) {
        try NDArray.convolution(
          try make(input, 1, true), NDArray(zeros: kernel.inserting(2, at: 0)), c.geometry)
      }
    }

    @Test("convolutions are equal bit for bit at any thread count")
    func threads() throws {
      let geometry = ConvolutionGeometry(padding: [1, 1])
      let x = try NDArray.normal([20, 16, 14, 14], key: RandomKey(seed: 1))
      let w = try NDArray.normal([24, 16, 3, 3], key: RandomKey(seed: 2))
      let g = try NDArray.normal([20, 24, 14, 14], key: RandomKey(seed: 3))
      try expectSameOnAnyThreadCount { try NDArray.convolution(x, w, geometry) }
      try expectSameOnAnyThreadCount {
        try NDArray.convolutionInputGradient(g, w, inputShape: x.shape, geometry)
      }
      try expectSameOnAnyThreadCount {
        try NDArray.convolutionWeightGradient(g, x, kernelShape: w.shape, geometry)
      }
    }

    @Test("windows that do not fit are refused in words")
    func refusals() throws {
      let x = try NDArray(zeros: [1, 3, 4, 4])
      func words(_ kernel: Shape, _ geometry: ConvolutionGeometry) -> String? {
        let error = #expect(throws: TensorError.self) {
          try NDArray.convolution(x, try NDArray(zeros: kernel), geometry)
        }
        return error?.description
      }
      #expect(
        words([2, 3, 5, 5], .init()) == "conv: a window that reaches over 5 does not fit in 4 (4 and twice 0)"
      )
      #expect(
        words([2, 2, 3, 3], .init())
          == "conv: the input [1, 3, 4, 4] has 3 channels, but the kernel [2, 2, 3, 3] reads 2")
      #expect(words([2, 3, 3, 3], .init(stride: [0, 1])) != nil)
      #expect(words([2, 3, 3, 3], .init(stride: [1], padding: [0], dilation: [1])) != nil)
      #expect(words([2, 3, 3, 3], .init(padding: [Int.max, 1])) != nil)
      #expect(words([2, 3, 3, 3], .init(groups: 2)) != nil)
      #expect(throws: TensorError("conv", .unsupportedDType(.int64))) {
        try NDArray.convolution(x.cast(to: .int64), NDArray(zeros: [2, 3, 3, 3], .int64), .init())
      }
    }

    static let pools: [([Int], PoolGeometry)] = [
      ([2, 3, 6, 6], PoolGeometry(kernel: [2, 2])), ([2, 20, 7, 5], PoolGeometry(kernel: [2, 2])),
      ([1, 2, 7, 5], PoolGeometry(kernel: [3, 3], stride: [2, 2], padding: [1, 1])),
      ([4, 9], PoolGeometry(kernel: [3], stride: [1])),
      ([2, 2, 4, 4, 4], PoolGeometry(kernel: [2, 1, 3], stride: [1, 1, 1])),
      ([5, 5], PoolGeometry(kernel: [2, 2])), ([0, 3, 4, 4], PoolGeometry(kernel: [2, 2])),
    ]

    @Test("pooling agrees with plain loops in every layout", arguments: pools)
    func pooling(_ shape: [Int], _ geometry: PoolGeometry) throws {
      for dtype in DType.allCases {
        let x = Reference(shape, seed: 41, dtype)
        let output = try geometry.outputShape(input: try Shape(shape)).array
        let lead = shape.count - geometry.kernel.count
        var (positions, means) = ([Double](), [Double]())
        for index in Reference.indices(output) {
          var (best, at, sum) = (-Double.infinity, -1, 0.0)
          for tap in Reference.indices(geometry.kernel) {
            let place = geometry.kernel.indices.map {
              index[lead + $0] * geometry.stride[$0] - geometry.padding[$0] + tap[$0]
            }
            if zip(place, shape.suffix(geometry.kernel.count)).contains(where: { $0 < 0 || $0 >= $1 }) {
              continue
            }
            let value = x[Array(index.prefix(lead)) + place]
            sum += value
            if value > best {
              best = value
              at = zip(place, shape.suffix(geometry.kernel.count)).reduce(0) { $0 * $1.1 + $1.0 }
            }
          }
          positions.append(Double(at))
          means.append(sum / Double(geometry.kernel.reduce(1, *)))
        }
        let windows = output.dropFirst(lead).reduce(1, *)
        var layouts = try x.layouts(dtype)
        if lead > 0 {
          layouts.append(
            try layouts[0].moving(axis: lead - 1, to: -1).copied().moving(axis: -1, to: lead - 1))
        }
        for a in layouts {
          try expect(
            try NDArray.maxPoolIndices(a, geometry),
            Reference(Array(output.prefix(lead)) + [windows], positions))
          if !dtype.isFloating { continue }
          let mean = try NDArray.averagePool(a, geometry)
          #expect(mean.shape.array == output)
          for (p, q) in zip(try mean.toDoubles(), means) { #expect(abs(p - q) < 1e-6) }
          let g = try NDArray.normal(try Shape(output), key: RandomKey(seed: 6), dtype)
          for cotangent in [
            g,
            try g.permuted(Array((0..<g.rank).reversed())).copied().permuted(Array((0..<g.rank).reversed())),
          ] {
            let adjoint = try NDArray.averagePoolAdjoint(cotangent, inputShape: a.shape, geometry)
            let left = try NDArray.binary(.multiply, mean, cotangent).sum().item()
            let right = try NDArray.binary(.multiply, a, adjoint).sum().item()
            #expect(abs(left - right) < 1e-4)
          }
        }
      }
    }

    @Test("the first maximum wins a window, and NaN is the largest")
    func ties() throws {
      let x = try NDArray([1, 1, 0, Double.nan, 1, 1, 2, .nan], [2, 4])
      #expect(try NDArray.maxPoolIndices(x, PoolGeometry(kernel: [2, 2])).toInts() == [0, 3])
      #expect(throws: TensorError.self) { try NDArray.maxPoolIndices(x, PoolGeometry(kernel: [3, 3])) }
      let huge = PoolGeometry(kernel: [1 << 30, 1 << 30], stride: [1, 1], padding: [1 << 29, 1 << 29])
      #expect(throws: TensorError.self) { try NDArray.averagePool(x, huge) }
      #expect(throws: TensorError.self) { try NDArray.maxPoolIndices(x, PoolGeometry(kernel: [-1, 2])) }
      #expect(throws: TensorError.self) {
        try NDArray.maxPoolIndices(x, PoolGeometry(kernel: [2, 2], padding: [2, 2]))
      }
    }
  }
}
