import ArrayCore
import Autograd
import Interpreter

extension InnerloopLanguage {
  /// Members that look at a tensor: shape, numbers, kind.
  static func registerTensorValues(in type: TypeBuilder) {
    func property(
      _ name: String, _ result: TypeReference, _ documentation: Documentation,
      get: @escaping @Sendable (Tensor, Evaluation) throws -> Value
    ) {
      type.property(
        name, result, documentation,
        get: { value, evaluation in
          guard let tensor = try Tensor.converting(value) else { return .null }
          return try get(tensor, evaluation)
        })
    }
    property("shape", .array(.int), "The size of each axis.") { x, _ in .ints(x.shape) }
    property("rank", .int, "How many axes there are.") { x, _ in .int(x.rank) }
    property("count", .int, "How many numbers there are in all.") { x, _ in .int(x.count) }
    property("dtype", .named("DType"), "The kind of number: `.float32`, `.float64` or `.int64`.") { x, _ in
      .enumCase(x.dtype.name)
    }
    property("array", .array(.any), "The numbers as nested arrays.") { x, evaluation in
      try TaskLoop.noticing(evaluation) { try nestedArray(x) }
    }
    property("T", .tensor, "The last two axes exchanged: x[…, i, j] → x[…, j, i].") { x, _ in
      .object(try x.transposed())
    }
    property("isFinite", .tensor, "1 where a number is neither infinite nor NaN, 0 elsewhere.") { x, _ in
      .object(try x.isFinite())
    }
    type.method(
      "item", returns: .double,
      Documentation("The only number of a tensor with one element.", shapes: "[] or [1] → Double")
    ) { arguments, evaluation in
      let x = try arguments.tensorReceiver()
      return try TaskLoop.noticing(evaluation) {
        let number = try x.item()
        return x.dtype == .int64 ? .int(Int(number)) : .double(number)
      }
    }
    type.method("detach", returns: .tensor, "The same numbers as a constant: gradients do not pass.") {
      arguments, _ in
      .object(try arguments.tensorReceiver().detach())
    }
    type.method(
      "to", [.positional("dtype", .named("DType"), "the kind of number")], returns: .tensor,
      Documentation("The tensor with another kind of number.", example: "x.to(.float64)")
    ) { arguments, _ in .object(try arguments.tensorReceiver().cast(to: try arguments.dtype())) }
  }

  /// Numbers as the language's nested arrays.
  static func nestedArray(_ tensor: Tensor) throws -> Value {
    let numbers: [Value] =
      tensor.dtype == .int64
      ? try tensor.toInts().map(Value.int) : try tensor.toDoubles().map(Value.double)
    guard !tensor.shape.isEmpty else { return numbers.first ?? .null }
    var level = numbers
    for size in tensor.shape.dropFirst().reversed() {
      guard size > 0 else { return .array([]) }
      level = stride(from: 0, to: level.count, by: size).map { .array(Array(level[$0..<$0 + size])) }
    }
    return .array(level)
  }

  /// Members that move numbers about.
  static func registerTensorShapes(in type: TypeBuilder) {
    let sizes = Interpreter.Parameter.variadic(
      "sizes", .oneOf([.int, .array(.int)]), "the new sizes; one may be -1")
    type.method(
      "reshape", [sizes], returns: .tensor,
      Documentation("The same numbers in another shape.", shapes: "x → [sizes…]", example: "x.reshape(2, -1)")
    ) { arguments, _ in .object(try arguments.tensorReceiver().reshape(try arguments.sizes("sizes"))) }
    type.method(
      "flatten", [.positional("from", .int, default: 0, "the first axis to join")], returns: .tensor,
      Documentation("Joins all axes into one.", shapes: "x [a, b, c] → [a·b·c]; from 1 → [a, b·c]")
    ) { arguments, _ in .object(try arguments.tensorReceiver().flatten(from: try arguments.int("from"))) }
    type.method(
      "permute", [.variadic("axes", .oneOf([.int, .array(.int)]), "the order of the axes")], returns: .tensor,
      Documentation("The axes in another order.", example: "x.permute(0, 2, 1)")
    ) { arguments, _ in .object(try arguments.tensorReceiver().permute(try arguments.sizes("axes"))) }
    type.method(
      "squeeze", [.positional("axis", .int, default: nil, "which; without it, every axis of size 1")],
      returns: .tensor, "Removes an axis of size 1."
    ) { arguments, _ in .object(try arguments.tensorReceiver().squeeze(try arguments.optionalInt("axis"))) }
    type.method(
      "unsqueeze", [.positional("axis", .int, "which axis; -1 is the last")], returns: .tensor,
      "Inserts an axis of size 1."
    ) { arguments, _ in .object(try arguments.tensorReceiver().unsqueeze(try arguments.int("axis"))) }
    type.method(
      "flip", [.positional("axis", .int, "which axis; -1 is the last")], returns: .tensor,
      "The axis in reverse order."
    ) { arguments, _ in .object(try arguments.tensorReceiver().flip(try arguments.int("axis"))) }
    type.method(
      "broadcast", [.labelled("to", .array(.int), "the new shape")], returns: .tensor,
      Documentation(
        "Repeats axes of size 1, and new leading ones, without copying.", example: "x.broadcast(to: [3, 4])")
    ) { arguments, _ in .object(try arguments.tensorReceiver().broadcast(to: try Shape(arguments.ints("to"))))
    }
  }

  /// Members that reduce axes.
  static func registerTensorReductions(in type: TypeBuilder) {
    func reduction(
      _ name: String, _ documentation: Documentation,
      all: @escaping @Sendable (Tensor) throws -> Tensor,
      some: @escaping @Sendable (Tensor, [Int], Bool) throws -> Tensor
    ) {
      type.method(
        name,
        [
          .labelled("axis", .oneOf([.int, .array(.int)]), default: nil, "one axis, or several"),
          .labelled("axes", .array(.int), default: nil, "several axes; without either, all"),
          .labelled(
            "keepDims", .bool, default: false, aliases: ["keepdim"], "keep the reduced axes, of size 1"),
        ], returns: .tensor, documentation
      ) { arguments, _ in
        let x = try arguments.tensorReceiver()
        guard let axes = try axes(arguments) else {
          return .object(
            try arguments.bool("keepDims") ? some(x, Array(0..<x.rank), true) : all(x))
        }
        return .object(try some(x, axes, try arguments.bool("keepDims")))
      }
    }
    reduction("sum", Documentation("Adds up.", formula: "Σ x", example: "x.sum(axis: 0)")) {
      try $0.sum()
    } some: {
      try $0.sum($1, keepDims: $2)
    }
    reduction("mean", Documentation("The mean.", formula: "Σ x / n", example: "x.mean(axes: [2, 3])")) {
      try $0.mean()
    } some: {
      try $0.mean($1, keepDims: $2)
    }
    reduction("max", Documentation("The largest number.", example: "x.max(axis: 1)")) {
      try $0.max()
    } some: {
      try $0.max($1, keepDims: $2)
    }
    reduction("min", Documentation("The smallest number.", example: "x.min()")) {
      try $0.min()
    } some: {
      try $0.min($1, keepDims: $2)
    }
    reduction(
      "std",
      Documentation("The standard deviation, unbiased as in PyTorch.", formula: "√(Σ (x − mean)² / (n − 1))")
    ) {
      try $0.std()
    } some: {
      try $0.std($1, keepDims: $2)
    }
    reduction(
      "variance", Documentation("The variance, unbiased as in PyTorch.", formula: "Σ (x − mean)² / (n − 1)")
    ) {
      try $0.variance()
    } some: {
      try $0.variance($1, keepDims: $2)
    }
    type.method(
      "norm", returns: .tensor, Documentation("The Euclidean length of all numbers.", formula: "√(Σ x²)")
    ) { arguments, _ in .object(try arguments.tensorReceiver().norm()) }
    for (name, word) in [("argmax", "largest"), ("argmin", "smallest")] {
      type.method(
        name, [.labelled("axis", .int, default: -1, "which axis; -1 is the last")], returns: .tensor,
        Documentation(
          "The position of the \(word) number along an axis; the first of equals.",
          shapes: "[N, C] → int64 [N]")
      ) { arguments, _ in
        let x = try arguments.tensorReceiver()
        let axis = try arguments.int("axis")
        return .object(name == "argmax" ? try x.argmax(axis: axis) : try x.argmin(axis: axis))
      }
    }
  }

  private static func axes(_ arguments: Arguments) throws -> [Int]? {
    for name in ["axis", "axes"] where !arguments[name].isNull { return try arguments.ints(name) }
    return nil
  }
}
