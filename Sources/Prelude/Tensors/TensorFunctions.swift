import ArrayCore
import Autograd
import Interpreter

/// A function of each number of a tensor, by name.
private struct ElementwiseFunction: Sendable {
  let name: String
  let summary: String
  let formula: String
  let body: @Sendable (Tensor) throws -> Tensor

  static let all: [ElementwiseFunction] = [
    .init(name: "exp", summary: "The exponential.", formula: "eˣ") { try exp($0) },
    .init(name: "log", summary: "The natural logarithm.", formula: "ln x") { try log($0) },
    .init(name: "sqrt", summary: "The square root.", formula: "√x") { try sqrt($0) },
    .init(name: "sin", summary: "The sine.", formula: "sin x, x in radians") { try sin($0) },
    .init(name: "cos", summary: "The cosine.", formula: "cos x, x in radians") { try cos($0) },
    .init(name: "tanh", summary: "The hyperbolic tangent.", formula: "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)") {
      try tanh($0)
    },
    .init(name: "abs", summary: "The absolute value.", formula: "|x|") { try abs($0) },
    .init(name: "floor", summary: "The next whole number down.", formula: "⌊x⌋") { try floor($0) },
    .init(name: "ceil", summary: "The next whole number up.", formula: "⌈x⌉") { try ceil($0) },
    .init(name: "round", summary: "The nearest whole number.", formula: "x rounded") { try round($0) },
    .init(name: "sign", summary: "The sign.", formula: "−1, 0 or 1") { try sign($0) },
    .init(name: "square", summary: "The square.", formula: "x²") { try square($0) },
    .init(name: "relu", summary: "The rectifier.", formula: "max(0, x)") { try relu($0) },
    .init(name: "sigmoid", summary: "The logistic function.", formula: "1 / (1 + e⁻ˣ)") { try sigmoid($0) },
    .init(name: "gelu", summary: "The Gaussian error linear unit.", formula: "x · Φ(x)") { try gelu($0) },
  ]
}

extension InnerloopLanguage {
  /// Functions of each number.
  static func registerElementwise(in builder: RegistryBuilder) {
    for function in ElementwiseFunction.all {
      builder.function(
        function.name, [.positional("x", .tensor, "numbers of any shape")], returns: .tensor,
        Documentation(function.summary, formula: function.formula, shapes: "any, kept")
      ) { arguments, _ in .object(try function.body(try arguments.tensor("x"))) }
    }
    builder.function(
      "elu",
      [
        .positional("x", .tensor, "numbers of any shape"),
        .positional("alpha", .double, default: 1, "the limit below zero is −alpha"),
      ], returns: .tensor,
      Documentation("The exponential linear unit.", formula: "x > 0 ? x : α (eˣ − 1)", shapes: "any, kept")
    ) { arguments, _ in .object(try elu(try arguments.tensor("x"), try arguments.double("alpha"))) }
    builder.function(
      "leakyRelu",
      [
        .positional("x", .tensor, "numbers of any shape"),
        .positional("slope", .double, default: 0.01, "the slope below zero"),
      ],
      returns: .tensor,
      Documentation(
        "The rectifier with a slope below zero.", formula: "x > 0 ? x : slope · x", shapes: "any, kept")
    ) { arguments, _ in .object(try leakyRelu(try arguments.tensor("x"), try arguments.double("slope"))) }
    builder.function(
      "pow",
      [
        .positional("x", .tensor, "numbers of any shape"),
        .positional("exponent", .tensor, "a number or a tensor"),
      ], returns: .tensor,
      Documentation("A power.", formula: "x to the exponent", shapes: "broadcast", example: "pow(x, 2)")
    ) { arguments, _ in
      if let exponent = arguments["exponent"].numericValue {
        return .object(try pow(try arguments.tensor("x"), exponent))
      }
      return .object(try pow(try arguments.tensor("x"), try arguments.tensor("exponent")))
    }
    builder.function(
      "clip",
      [
        .positional("x", .tensor, "numbers of any shape"), .positional("low", .double, "the lower bound"),
        .positional("high", .double, "the upper bound"),
      ],
      returns: .tensor,
      Documentation(
        "Numbers below low become low, above high high.", formula: "min(max(x, low), high)",
        example: "clip(x, 0, 1)")
    ) { arguments, _ in
      .object(try clip(try arguments.tensor("x"), try arguments.double("low"), try arguments.double("high")))
    }
    for (name, word) in [("maximum", "larger"), ("minimum", "smaller")] {
      builder.function(
        name,
        [
          .positional("a", .tensor, "numbers"),
          .positional("b", .tensor, "as many numbers, or a shape that broadcasts"),
        ], returns: .tensor,
        Documentation("The \(word) of two numbers, elementwise.", shapes: "broadcast")
      ) { arguments, _ in
        let (a, b) = (try arguments.tensor("a"), try arguments.tensor("b"))
        return .object(name == "maximum" ? try maximum(a, b) : try minimum(a, b))
      }
    }
    builder.function(
      "select",
      [
        .positional("mask", .tensor, "numbers that are zero or not"), .positional("a", .tensor, "numbers"),
        .positional("b", .tensor, "as many numbers, or a shape that broadcasts"),
      ],
      returns: .tensor,
      Documentation(
        "a where the mask is not zero, b elsewhere.", shapes: "broadcast", example: "select(x > 0, x, 0 * x)")
    ) { arguments, _ in
      .object(
        try select(try arguments.tensor("mask"), try arguments.tensor("a"), try arguments.tensor("b")))
    }
  }

  /// Functions of whole tensors.
  static func registerTensorFunctions(in builder: RegistryBuilder) {
    builder.function(
      "matmul",
      [
        .positional("a", .tensor, "numbers"),
        .positional("b", .tensor, "as many numbers, or a shape that broadcasts"),
      ], returns: .tensor,
      Documentation(
        "The matrix product.", formula: "Σₖ aᵢₖ bₖⱼ", shapes: "[…, m, k], […, k, n] → […, m, n]",
        example: "matmul(x, w)")
    ) { arguments, _ in .object(try matmul(try arguments.tensor("a"), try arguments.tensor("b"))) }
    builder.function(
      "solve",
      [
        .positional("a", .tensor, "square matrices"),
        .positional("b", .tensor, "a column or several, or a vector"),
      ], returns: .tensor,
      Documentation(
        "The solution of a system of linear equations, with every order of derivative.",
        formula: "x with a x = b", shapes: "[…, n, n], […, n, m] → […, n, m]",
        example: "solve([[2, 1], [1, 3]], [1, 2])", paper: "torch.linalg.solve")
    ) { arguments, _ in .object(try solve(try arguments.tensor("a"), try arguments.tensor("b"))) }
    for (name, formula) in [("softmax", "eˣⁱ / Σⱼ eˣʲ"), ("logSoftmax", "xᵢ − ln Σⱼ eˣʲ")] {
      builder.function(
        name,
        [
          .positional("x", .tensor, "numbers of any shape"),
          .labelled("axis", .int, default: -1, "which axis; -1 is the last"),
        ], returns: .tensor,
        Documentation(
          name == "softmax"
            ? "Numbers as shares of one along an axis." : "The logarithm of softmax, computed safely.",
          formula: formula, shapes: "any, kept", example: "\(name)(x, axis: -1)")
      ) { arguments, _ in
        let x = try arguments.tensor("x")
        let axis = try arguments.int("axis")
        return .object(name == "softmax" ? try softmax(x, axis: axis) : try logSoftmax(x, axis: axis))
      }
    }
    for name in ["concat", "stack"] {
      builder.function(
        name, aliases: name == "concat" ? ["cat", "concatenate"] : [],
        [
          .positional("tensors", .array(.tensor), "the tensors"),
          .labelled("axis", .int, default: 0, "which axis; -1 is the last"),
        ],
        returns: .tensor,
        Documentation(
          name == "concat"
            ? "Tensors one after the other along an axis." : "Tensors side by side along a new axis.",
          shapes: name == "concat" ? "[a, C], [b, C] → [a + b, C]" : "n × [C] → [n, C]",
          example: "\(name)([a, b])")
      ) { arguments, _ in
        let tensors = try tensors(arguments, "tensors")
        let axis = try arguments.int("axis")
        return .object(name == "concat" ? try concat(tensors, axis: axis) : try stack(tensors, axis: axis))
      }
    }
    builder.function(
      "gather",
      [
        .positional("x", .tensor, "numbers of any shape"),
        .labelled("axis", .int, "which axis; -1 is the last"),
        .labelled("index", .tensor, "positions along the axis, whole numbers"),
      ],
      returns: .tensor,
      Documentation(
        "Picks along an axis by position.", formula: "out[i, j] = x[i, index[i, j]] for axis 1",
        shapes: "index has x's rank → index's shape")
    ) { arguments, _ in
      .object(
        try gather(
          try arguments.tensor("x"), axis: try arguments.int("axis"), index: try arguments.labels("index")))
    }
    builder.function(
      "allClose", aliases: ["allclose"],
      [
        .positional("a", .any, "numbers"),
        .positional("b", .any, "as many numbers, or a shape that broadcasts"),
        .labelled(
          "relative", .double, default: 1e-5, aliases: ["rtol"], "difference allowed, as a part of |b|"),
        .labelled("absolute", .double, default: 1e-8, aliases: ["atol"], "difference allowed in any case"),
      ], returns: .bool,
      Documentation(
        "Whether all numbers agree.", formula: "|a − b| ≤ absolute + relative · |b|",
        example: "allClose(a, b)")
    ) { arguments, evaluation in
      let (a, b) = (try arguments.tensor("a"), try arguments.tensor("b"))
      return .bool(
        try TaskLoop.noticing(evaluation) {
          try allClose(
            a, b, relative: try arguments.double("relative"), absolute: try arguments.double("absolute"))
        })
    }
  }

  /// An array argument of tensors.
  static func tensors(_ arguments: Arguments, _ name: String) throws -> [Tensor] {
    try arguments.array(name).map { value in
      guard let tensor = try Tensor.converting(value) else {
        throw arguments.problem(
          name, id: "type-mismatch", "`\(name)` must hold Tensors, not \(value.typeDescription)")
      }
      return tensor
    }
  }

  /// Losses and accuracy.
  static func registerLosses(in builder: RegistryBuilder) {
    let reduction = Interpreter.Parameter.labelled(
      "reduction", .named("Reduction"), default: .case("mean"),
      "how the losses of single samples are put together")
    builder.function(
      "mse", aliases: ["mseLoss"],
      [
        .positional("prediction", .tensor, "the model's output"),
        .positional("target", .tensor, "what it should be, of the same shape"), reduction,
      ], returns: .tensor,
      Documentation(
        "The mean squared error.", formula: "mean((prediction − target)²)",
        shapes: "two equal shapes → []", example: "mse(model(x), y)",
        discussion: "Refuses unequal shapes, which broadcasting would hide.")
    ) { arguments, _ in
      .object(
        try mse(
          try arguments.tensor("prediction"), try arguments.tensor("target"),
          reduction: try reductionCase(arguments)))
    }
    builder.function(
      "crossEntropy",
      [
        .positional("logits", .tensor, "scores, a row for each sample"),
        .positional("labels", .tensor, "the class of each sample, whole numbers"), reduction,
      ],
      returns: .tensor,
      Documentation(
        "The cross entropy of class scores.", formula: "mean(−logSoftmax(logits)[label])",
        shapes: "logits [N, C], labels int64 [N] → []", example: "crossEntropy(model(x), y)")
    ) { arguments, _ in
      .object(
        try crossEntropy(
          try arguments.tensor("logits"), try arguments.labels("labels"),
          reduction: try reductionCase(arguments)))
    }
    builder.function(
      "accuracy",
      [
        .positional("logits", .tensor, "scores, a row for each sample"),
        .positional("labels", .tensor, "the class of each sample, whole numbers"),
      ], returns: .tensor,
      Documentation(
        "The share of samples whose largest score is the label's.", formula: "mean(argmax(logits) = label)",
        shapes: "logits [N, C], labels [N] → [], 0 to 1")
    ) { arguments, _ in .object(try accuracy(try arguments.tensor("logits"), try arguments.labels("labels")))
    }
  }

  private static func reductionCase(_ arguments: Arguments) throws -> Reduction {
    switch try arguments.enumCase("reduction") {
    case "sum": .sum
    case "none": .none
    default: .mean
    }
  }
}
