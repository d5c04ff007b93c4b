import ArrayCore
import Autograd

/// One function of tensors whose derivatives are checked.
struct OperationCase: CustomStringConvertible, Sendable {
  let name: String
  /// How each input is drawn.
  let inputs: [Draw]
  /// False where the function moves the task axis itself.
  var allowsTasks = true
  let function: @Sendable ([Tensor]) throws -> Tensor

  var description: String { name }

  /// The inputs of one task.
  func draw(_ task: Int) throws -> [Tensor] {
    try inputs.enumerated().map { try $1(UInt64(100 * task + $0)) }
  }
}

/// Draws one input from a seed.
struct Draw: Sendable {
  let make: @Sendable (UInt64) throws -> Tensor

  func callAsFunction(_ seed: UInt64) throws -> Tensor { try make(seed) }

  static func normal(_ shape: Shape) -> Draw {
    Draw { try .randn(shape, seed: $0, stream: 7, dtype: .float64) }
  }

  /// Between 0.5 and 2.
  static func positive(_ shape: Shape) -> Draw {
    Draw { try Tensor.rand(shape, seed: $0, stream: 7, dtype: .float64) * 1.5 + 0.5 }
  }

  /// Between −0.9 and 0.9.
  static func small(_ shape: Shape) -> Draw {
    Draw { try Tensor.rand(shape, seed: $0, stream: 7, dtype: .float64) * 1.8 - 0.9 }
  }

  /// Integers from 0 below `bound`.
  static func integers(_ shape: Shape, below bound: Double) -> Draw {
    Draw { try floor(Tensor.rand(shape, seed: $0, stream: 9, dtype: .float64) * bound).cast(to: .int64) }
  }

  /// Not contiguous: transposed, and every second element of the last axis.
  func strided() -> Draw {
    Draw { seed in
      let x = try make(seed)
      guard x.rank >= 2 else { return x }
      let wide = try stack([x, x * 0.5], axis: -1).flatten(from: -2)
      let columns = try wide.array.transposed().contiguous().transposed()
      return Tensor(try columns.sliced(axis: -1, from: 0, to: wide.shape[x.rank - 1], step: 2))
    }
  }
}

enum OperationCases {
  static let all: [OperationCase] =
    elementwise + reductions + structure + products + spatial + normalization + indexing + composed

  static let binaryShapes: [(Shape, Shape)] = [
    ([2, 3], [2, 3]), ([2, 3], [3]), ([3], [2, 3]), ([2, 1], [1, 3]), ([], [2, 2]), ([], []), ([0, 3], [3]),
    ([2, 1, 2], [3, 1]),
  ]

  static func apply(
    _ name: String, _ operation: Autograd.Operation, _ inputs: Draw..., tasks: Bool = true
  ) -> OperationCase {
    OperationCase(name: name, inputs: inputs, allowsTasks: tasks) { x in
      try Tensor.apply(operation, x[0], x.count > 1 ? x[1] : nil, x.count > 2 ? x[2] : nil)
    }
  }

  static let elementwise: [OperationCase] = {
    var cases: [OperationCase] = []
    for op in BinaryOp.allCases where !op.isComparison {
      for (a, b) in binaryShapes {
        cases.append(apply("\(op) \(a) \(b)", .binary(op), .positive(a), .positive(b)))
      }
      cases.append(
        apply("\(op) strided", .binary(op), .positive([2, 3]).strided(), .positive([2, 3]).strided()))
      for shape: Shape in [[2, 3], [], [0]] {
        cases.append(apply("\(op) \(shape) number", .binaryScalar(op, 1.3), .positive(shape)))
        cases.append(apply("number \(op) \(shape)", .scalarBinary(op, 1.3), .positive(shape)))
      }
    }
    for number in [0.0, 1, 2, 3, -1, 0.5] {
      cases.append(apply("power \(number)", .binaryScalar(.power, number), .positive([3])))
    }
    for op in UnaryOp.allCases where op != .isFinite {
      let draw: (Shape) -> Draw =
        switch op {
        case .log, .sqrt, .rsqrt, .reciprocal, .log1p: Draw.positive
        default: Draw.normal
        }
      for shape: Shape in [[2, 3], [], [0, 2]] {
        cases.append(apply("\(op) \(shape)", .unary(op), draw(shape)))
      }
      cases.append(apply("\(op) strided", .unary(op), draw([2, 3]).strided()))
    }
    for (a, b) in binaryShapes {
      cases.append(apply("addScaled \(a) \(b)", .addScaled(-0.3), .normal(a), .normal(b)))
      cases.append(apply("reluGradient \(a) \(b)", .reluGradient, .normal(a), .normal(b)))
      cases.append(
        apply("select \(a) \(b)", .select, .integers(a, below: 2), .normal(a), .normal(b)))
    }
    cases.append(apply("cast", .cast(.float64), .normal([2, 2])))
    return cases
  }()

  static let reductions: [OperationCase] = [
    unary("sum all", .normal([2, 3])) { try $0.sum() },
    unary("sum scalar", .normal([])) { try $0.sum() * 2 },
    unary("sum 0", .normal([2, 3, 2])) { try $0.sum([0]) },
    unary("sum 0 2 kept", .normal([2, 3, 2]).strided()) { try $0.sum([0, -1], keepDims: true) },
    unary("sum empty", .normal([0, 3])) { try $0.sum([0]) },
    unary("mean", .normal([2, 3])) { try $0.mean([1]) },
    unary("max", .normal([2, 3])) { try $0.max([1]) },
    unary("max of several axes", .normal([2, 3, 2])) { try $0.max([0, 2], keepDims: true) },
    unary("min of all", .normal([2, 3]).strided()) { try $0.min() },
    unary("std", .normal([4, 3])) { try $0.std([0]) },
    unary("norm", .normal([4, 3])) { try $0.norm([1]) },
    unary("sumTo", .normal([2, 3, 2])) { try $0.sumTo([3, 1]) },
    unary("sumTo scalar", .normal([2, 3])) { try $0.sumTo([]) },
    unary("broadcast", .normal([3, 1])) { try $0.broadcast(to: [2, 3, 2]) },
    unary("broadcast empty", .normal([1])) { try $0.broadcast(to: [0]) },
    unary("softmax", .normal([2, 3])) { try softmax($0) },
    unary("softmax 0 strided", .normal([2, 3]).strided()) { try softmax($0, axis: 0) },
    unary("softmax empty", .normal([0, 3])) { try softmax($0) },
    unary("logSoftmax", .normal([2, 3])) { try logSoftmax($0) },
    unary("logSoftmax 0 strided", .normal([2, 3]).strided()) { try logSoftmax($0, axis: 0) },
    unary("logSoftmax one", .normal([1])) { try logSoftmax($0) },
  ]

  static let structure: [OperationCase] = [
    unary("reshape", .normal([2, 3])) { try $0.reshape([3, -1]) },
    unary("reshape strided", .normal([2, 3]).strided()) { try $0.reshape([6]) },
    unary("flatten", .normal([2, 3, 2])) { try $0.flatten(from: 1) },
    unary("flatten scalar", .normal([])) { try $0.flatten() },
    unary("permute", .normal([2, 3, 4])) { try $0.permute([2, 0, 1]) },
    unary("transposed", .normal([2, 3])) { try $0.transposed() },
    unary("flip", .normal([2, 3])) { try $0.flip(1) },
    unary("flip empty", .normal([0])) { try $0.flip(0) },
    unary("slice", .normal([5, 2])) { try $0.slice(axis: 0, from: 1, to: 5, step: 2) },
    unary("slice to nothing", .normal([3])) { try $0.slice(axis: 0, from: 2, to: 2) },
    unary("embed", .normal([2, 2])) { try Tensor.apply(.embed(axis: 1, from: 1, step: 2, size: 5), $0) },
    unary("pad", .normal([2, 2]).strided()) { try $0.pad(axis: 0, before: 1, after: 2) },
    OperationCase(name: "concat", inputs: [.normal([2, 1]), .normal([2, 0]), .normal([2, 2])]) {
      try concat($0, axis: 1)
    },
    OperationCase(name: "stack", inputs: [.normal([2]), .normal([2])]) { try stack($0, axis: -1) },
    unary("index", .normal([3, 4])) { try $0.index([.index(-1), .range(1, 3, step: 1), .newAxis]) },
    unary("exposeTasks", .normal([2, 3]), tasks: false) { try square($0).hideTasks().exposeTasks() },
    unary("hideTasks", .normal([2, 3]), tasks: false) { try square($0).hideTasks() },
    unary("withTasks", .normal([2, 3]), tasks: false) { try $0.withTasks(3) },
    unary("taskSlice", .normal([2, 3]), tasks: false) { try $0.hideTasks().taskSlice(1) },
    unary("sumOverTasks", .normal([2, 3]), tasks: false) { try square($0.hideTasks()).sumOverTasks() },
  ]

  static func unary(
    _ name: String, _ input: Draw, tasks: Bool = true,
    _ function: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> OperationCase {
    OperationCase(name: name, inputs: [input], allowsTasks: tasks) { try function($0[0]) }
  }
}
