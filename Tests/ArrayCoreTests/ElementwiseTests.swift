import ArrayCore
import Foundation
import Testing

extension ArrayCoreTests {
  @Suite struct Elementwise {
    static let shapes: [([Int], [Int])] = [
      ([], []), ([3], []), ([0], [1]), ([0, 3], [3]), ([4, 3], [4, 3]), ([2, 3, 4], [4]),
      ([2, 3, 4], [2, 1, 4]),
      ([2, 1, 4], [3, 1]), ([1], [2, 2]), ([5, 1], [1, 7]), ([2, 2, 2, 2, 2], [2, 1, 2, 1, 2]),
    ]

    static func apply(_ op: BinaryOp, _ a: Double, _ b: Double, _ dtype: DType) -> Double {
      switch op {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      case .divide: dtype == .int64 ? (a / b).rounded(.towardZero) : a / b
      case .power: dtype == .int64 ? pow(a, b).rounded(.towardZero) : pow(a, b)
      case .maximum: max(a, b)
      case .minimum: min(a, b)
      case .equal: a == b ? 1 : 0
      case .notEqual: a != b ? 1 : 0
      case .less: a < b ? 1 : 0
      case .lessEqual: a <= b ? 1 : 0
      case .greater: a > b ? 1 : 0
      case .greaterEqual: a >= b ? 1 : 0
      }
    }

    @Test("binary operations broadcast over every layout", arguments: DType.allCases)
    func binary(_ dtype: DType) throws {
      for (p, q) in Self.shapes {
        let a = Reference(p, seed: 1, dtype)
        var b = Reference(q, seed: 2, dtype)
        if dtype == .int64 { b.values = b.values.map { abs($0) } }
        let shape = try Shape.broadcast(try Shape(p), try Shape(q), operation: "test").array
        for op in BinaryOp.allCases {
          let wanted = Reference(
            shape,
            Reference.indices(shape).map { Self.apply(op, a.broadcast(at: $0), b.broadcast(at: $0), dtype) })
          for x in try a.layouts(dtype) {
            for y in try b.layouts(dtype) {
              let result = try NDArray.binary(op, x, y)
              #expect(result.dtype == (op.isComparison ? .int64 : dtype))
              try expect(result, wanted, tolerance: tolerance(dtype), "\(op) \(p) \(q)")
            }
          }
        }
      }
    }

    @Test("scalars join on either side", arguments: DType.allCases)
    func scalars(_ dtype: DType) throws {
      let a = Reference([3, 4], seed: 3, dtype)
      for op in BinaryOp.allCases {
        for x in try a.layouts(dtype) {
          try expect(
            try NDArray.binary(op, x, scalar: 3),
            Reference([3, 4], a.values.map { Self.apply(op, $0, 3, dtype) }), tolerance: tolerance(dtype),
            "\(op)")
          if op == .power { continue }
          try expect(
            try NDArray.binary(op, scalar: 3, x),
            Reference([3, 4], a.values.map { Self.apply(op, 3, $0, dtype) }), tolerance: tolerance(dtype),
            "\(op)")
        }
      }
      let whole = try NDArray([1, 2], nil)
      #expect(try NDArray.binary(.multiply, whole, scalar: 2).dtype == .int64)
      #expect(try NDArray.binary(.multiply, whole, scalar: 0.5).toDoubles() == [0.5, 1])
    }

    @Test("mixed types give the wider float")
    func promotion() throws {
      let i = try NDArray([1, 2], nil)
      let f = try NDArray([0.5, 0.25] as [Float], nil)
      let d = try NDArray([0.5, 0.25] as [Double], nil)
      #expect(try NDArray.binary(.add, i, f).dtype == .float32)
      #expect(try NDArray.binary(.add, f, d).dtype == .float64)
      #expect(try NDArray.binary(.add, i, d).toDoubles() == [1.5, 2.25])
    }

    static func apply(_ op: UnaryOp, _ x: Double) -> Double {
      switch op {
      case .negate: -x
      case .exp: exp(x)
      case .log: log(x)
      case .sqrt: x.squareRoot()
      case .rsqrt: 1 / x.squareRoot()
      case .reciprocal: 1 / x
      case .square: x * x
      case .sin: sin(x)
      case .cos: cos(x)
      case .tanh: tanh(x)
      case .sigmoid: 1 / (1 + exp(-x))
      case .relu: x < 0 ? 0 : x
      case .abs: abs(x)
      case .sign: x > 0 ? 1 : x < 0 ? -1 : x
      case .floor: x.rounded(.down)
      case .ceil: x.rounded(.up)
      case .round: x.rounded(.toNearestOrEven)
      case .erf: erf(x)
      case .expm1: expm1(x)
      case .log1p: log1p(x)
      case .step: x > 0 ? 1 : 0
      case .isFinite: x.isFinite ? 1 : 0
      }
    }

    @Test("unary functions agree with libm in every layout", arguments: UnaryOp.allCases)
    func unary(_ op: UnaryOp) throws {
      for dtype in [DType.float32, .float64] {
        for shape in [[], [0], [7], [3, 5], [2, 3, 4]] {
          let a = Reference(shape, seed: 5, dtype)
          let wanted = Reference(shape, a.values.map { Self.apply(op, $0) })
          for x in try a.layouts(dtype) {
            let limit = dtype == .float32 ? 1.5e-7 : 1e-15
            try expect(try NDArray.unary(op, x), wanted, tolerance: limit, "\(op) \(dtype)")
          }
        }
      }
    }

    @Test("unary functions hold over the whole range, specials included", arguments: UnaryOp.allCases)
    func unaryRange(_ op: UnaryOp) throws {
      let infinity = Double.infinity
      var values: [Double] = [0, -0.0, 1, -1, infinity, -infinity, .nan, 0.5, 1.5, 2.5, -0.5, 1e-30, -1e-30]
      values += [
        88.7, 89, 104, -87, -103.5, -104, -200, 709, 710, -745, -746, -708.5, 1e5, 1e6, 3e9, 1e30, -1e30,
      ]
      values += stride(from: -20, through: 20, by: 0.0371)
      values += stride(from: -45, through: 38, by: 0.5).map { pow(10, $0) }
      values += stride(from: -45, through: 0, by: 0.25).map { -pow(10, $0) }
      values += (1...200).map { Double($0) * Double.pi / 2 }
      for dtype in [DType.float32, .float64] {
        let a = try NDArray(values, nil, dtype: dtype)
        let inputs = try a.toDoubles()
        let got = try NDArray.unary(op, a).toDoubles()
        for (x, y) in zip(inputs, got) {
          let exact = Self.apply(op, x)
          if dtype == .float32 {
            let wanted = Double(Float(exact))
            let step = max(Double(Float(exact).magnitude.ulp), Double(Float.leastNonzeroMagnitude))
            let isRight = wanted.isFinite ? abs(y - exact) <= 1.5 * step : close(y, wanted, 0)
            #expect(isRight, "\(op)(\(x)) is \(y), not \(exact)")
          } else {
            #expect(close(y, exact, 1e-15) || abs(y - exact) < 1e-307, "\(op)(\(x)) is \(y), not \(exact)")
          }
        }
      }
    }

    @Test("int64 stays exact or becomes float32")
    func integers() throws {
      let a = try NDArray([-3, 0, 4], nil)
      #expect(try NDArray.unary(.abs, a).toInts() == [3, 0, 4])
      #expect(try NDArray.unary(.relu, a).toInts() == [0, 0, 4])
      #expect(try NDArray.unary(.square, a).toInts() == [9, 0, 16])
      #expect(try NDArray.unary(.sign, a).toInts() == [-1, 0, 1])
      #expect(try NDArray.unary(.negate, a).toInts() == [3, 0, -4])
      #expect(try NDArray.unary(.floor, a).dtype == .int64)
      #expect(try NDArray.unary(.exp, a).dtype == .float32)
      #expect(try NDArray.unary(.isFinite, a).toInts() == [1, 1, 1])
    }

    @Test("int64 overflow and division by zero are errors")
    func integerProblems() throws {
      let big = try NDArray([Int.max, 1], nil)
      let small = try NDArray([Int.min, 1], nil)
      for (op, b) in [(BinaryOp.add, 1.0), (.multiply, 2), (.power, 2)] {
        #expect(throws: TensorError(op.name, .integerOverflow)) { try NDArray.binary(op, big, scalar: b) }
      }
      #expect(throws: TensorError("subtract", .integerOverflow)) {
        try NDArray.binary(.subtract, small, scalar: 1)
      }
      #expect(throws: TensorError("divide", .divisionByZero)) { try NDArray.binary(.divide, big, scalar: 0) }
      #expect(throws: TensorError("divide", .integerOverflow)) {
        try NDArray.binary(.divide, small, scalar: -1)
      }
      #expect(throws: TensorError("negate", .integerOverflow)) { try NDArray.unary(.negate, small) }
      #expect(throws: TensorError("abs", .integerOverflow)) { try NDArray.unary(.abs, small) }
      #expect(throws: TensorError("square", .integerOverflow)) { try NDArray.unary(.square, big) }
      #expect(throws: TensorError("sum", .integerOverflow)) { try big.sum() }
      #expect(throws: TensorError("to", .integerOverflow)) {
        try NDArray([Double.nan], nil).cast(to: .int64)
      }
    }

    @Test("NaN propagates through maximum, minimum and relu")
    func notANumber() throws {
      let a = try NDArray([Double.nan, 1, 2], nil)
      let b = try NDArray([0, Double.nan, 1], nil)
      for op in [BinaryOp.maximum, .minimum] {
        let result = try NDArray.binary(op, a, b).toDoubles()
        #expect(result[0].isNaN && result[1].isNaN && !result[2].isNaN)
      }
      #expect(try NDArray.unary(.relu, a).toDoubles()[0].isNaN)
      #expect(try a.max().item().isNaN)
      #expect(try a.min().item().isNaN)
      #expect(try a.argmax(axis: 0).item() == 0)
    }

    @Test("select chooses by the mask over broadcast layouts", arguments: DType.allCases)
    func select(_ dtype: DType) throws {
      for maskType in DType.allCases {
        let mask = Reference([2, 1, 4], [1, 0, 0, 1, 0, 1, 1, 0])
        let a = Reference([3, 4], seed: 7, dtype)
        let b = Reference([2, 3, 1], seed: 8, dtype)
        let wanted = Reference(
          [2, 3, 4],
          Reference.indices([2, 3, 4]).map {
            mask.broadcast(at: $0) != 0 ? a.broadcast(at: $0) : b.broadcast(at: $0)
          })
        for m in try mask.layouts(maskType) {
          for x in try a.layouts(dtype) {
            for y in try b.layouts(dtype) { try expect(try NDArray.select(m, x, y), wanted) }
          }
        }
      }
    }

    @Test("axpy adds a multiple in one pass")
    func axpy() throws {
      for dtype in [DType.float32, .float64] {
        let (a, b) = (Reference([3, 4], seed: 9, dtype), Reference([4], seed: 10, dtype))
        let wanted = Reference(
          [3, 4], Reference.indices([3, 4]).map { a.broadcast(at: $0) - 0.5 * b.broadcast(at: $0) })
        for x in try a.layouts(dtype) {
          for y in try b.layouts(dtype) {
            let result = try NDArray.axpy(x, y, scale: -0.5).toDoubles()
            for (p, q) in zip(result, wanted.values) { #expect(abs(p - q) < 1e-6) }
          }
        }
      }
    }

    @Test("results keep a dense layout of their operands")
    func layout() throws {
      let a = try NDArray.normal([2, 5, 6, 3], key: RandomKey(seed: 1)).permuted([0, 3, 1, 2])
      let sum = try NDArray.binary(.add, a, NDArray.unary(.exp, a))
      #expect(sum.strides == a.strides)
      #expect(try NDArray.binary(.multiply, a, scalar: 2).strides == a.strides)
    }

    @Test("shapes that do not fit say which sizes clash")
    func clash() throws {
      let (a, b) = (try NDArray(zeros: [3, 4]), try NDArray(zeros: [3, 5]))
      let error = #expect(throws: TensorError.self) { try NDArray.binary(.add, a, b) }
      #expect(error?.description == "add: shapes [3, 4] and [3, 5] do not broadcast: 4 and 5 meet at axis -1")
    }

    @Test("large arrays are equal bit for bit at any thread count")
    func threads() throws {
      let a = try NDArray.normal([300, 41, 31], key: RandomKey(seed: 1))
      let b = try NDArray.normal([41, 1], key: RandomKey(seed: 2))
      try expectSameOnAnyThreadCount { try NDArray.binary(.multiply, a, b) }
      try expectSameOnAnyThreadCount { try NDArray.unary(.tanh, a) }
      try expectSameOnAnyThreadCount {
        try NDArray.binary(.add, a.permuted([2, 0, 1]), NDArray(ones: [300, 41]))
      }
    }
  }
}
