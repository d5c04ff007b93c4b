import ArrayCore
import Autograd
import Interpreter

extension InnerloopLanguage {
  static func registerTensorInitializer(in type: TypeBuilder) {
    type.initializer(
      [
        .positional("values", .any, "a number, or nested arrays of equal lengths"),
        .labelled("dtype", .named("DType"), default: .computed("float32"), "the kind of number"),
      ],
      Documentation("Makes a tensor of numbers.", example: "Tensor([[1, 2], [3, 4]])")
    ) { arguments, _ in
      let dtype = arguments["dtype"].isNull ? nil : try arguments.dtype()
      return .object(try arguments.tensor("values", dtype: dtype))
    }
  }

  /// Functions that make tensors from sizes or numbers.
  static func registerTensorMakers(in builder: RegistryBuilder) {
    let sizes = Interpreter.Parameter.variadic(
      "sizes", .oneOf([.int, .array(.int)]), "the size of each axis")
    builder.function(
      "zeros", [sizes, .dtype], returns: .tensor,
      Documentation("A tensor of zeros.", shapes: "→ [sizes…]", example: "zeros(2, 3)")
    ) { arguments, _ in
      .object(try Tensor.zeros(try Shape(arguments.sizes("sizes")), dtype: arguments.dtype()))
    }
    builder.function(
      "ones", [sizes, .dtype], returns: .tensor,
      Documentation("A tensor of ones.", shapes: "→ [sizes…]", example: "ones(2)")
    ) { arguments, _ in
      .object(try Tensor.ones(try Shape(arguments.sizes("sizes")), dtype: arguments.dtype()))
    }
    builder.function(
      "full",
      [
        .positional("shape", .array(.int), "the size of each axis"),
        .positional("value", .double, "the number"), .dtype,
      ], returns: .tensor,
      Documentation("A tensor of one number.", shapes: "→ shape", example: "full([2], 7)")
    ) { arguments, _ in
      .object(
        try Tensor.full(
          try Shape(arguments.ints("shape")), try arguments.double("value"), dtype: try arguments.dtype()))
    }
    builder.function(
      "eye", [.positional("count", .int, "how many rows and columns"), .dtype], returns: .tensor,
      Documentation("The identity matrix.", shapes: "→ [count, count]", example: "eye(3)")
    ) { arguments, _ in .object(try Tensor.eye(try arguments.int("count"), dtype: try arguments.dtype())) }
    registerRanges(in: builder)
    registerRandomMakers(in: builder, sizes: sizes)
    builder.function(
      "oneHot",
      [
        .positional("labels", .tensor, "whole numbers, 0 to below `classes`"),
        .positional("classes", .int, "how many there are"), .dtype,
      ],
      returns: .tensor,
      Documentation(
        "One at the label's position, zero elsewhere.", shapes: "labels [N] → [N, classes]",
        example: "oneHot(y, 5)")
    ) { arguments, _ in
      .object(
        try Tensor.oneHot(
          try arguments.labels("labels"), try arguments.int("classes"), dtype: try arguments.dtype()))
    }
  }

  private static func registerRanges(in builder: RegistryBuilder) {
    let formula = "start, start + step, … below end"
    let step = Interpreter.Parameter.labelled("step", .double, default: 1, "from one number to the next")
    builder.function(
      "arange", [.positional("end", .double, "numbers stay below it"), step, .dtype], returns: .tensor,
      Documentation("Evenly spaced numbers from 0.", formula: formula, shapes: "→ [n]", example: "arange(5)")
    ) { arguments, _ in
      .object(
        try Tensor.arange(
          0, try arguments.double("end"), step: try arguments.double("step"), dtype: try arguments.dtype()))
    }
    builder.function(
      "arange",
      [
        .positional("start", .double, "the first number"),
        .positional("end", .double, "numbers stay below it"), step, .dtype,
      ], returns: .tensor,
      Documentation("Evenly spaced numbers.", formula: formula, shapes: "→ [n]", example: "arange(1, 5)")
    ) { arguments, _ in
      .object(
        try Tensor.arange(
          try arguments.double("start"), try arguments.double("end"), step: try arguments.double("step"),
          dtype: try arguments.dtype()))
    }
    builder.function(
      "linspace",
      [
        .positional("start", .double, "the first number"),
        .positional("end", .double, "numbers stay below it"),
        .positional("count", .int, "how many rows and columns"), .dtype,
      ],
      returns: .tensor,
      Documentation(
        "Numbers in equal steps, both ends included.", shapes: "→ [count]", example: "linspace(-5, 5, 100)")
    ) { arguments, _ in
      .object(
        try Tensor.linspace(
          try arguments.double("start"), try arguments.double("end"), try arguments.int("count"),
          dtype: try arguments.dtype()))
    }
  }

  private static func registerRandomMakers(in builder: RegistryBuilder, sizes: Interpreter.Parameter) {
    builder.function(
      "randn", [sizes, .seed, .dtype], returns: .tensor,
      Documentation(
        "Random numbers of the standard normal distribution.", formula: "x ~ N(0, 1)", shapes: "→ [sizes…]",
        example: "randn(3, 4, seed: 1)")
    ) { arguments, evaluation in
      .object(
        try Tensor.randn(
          try Shape(arguments.sizes("sizes")), seed: try arguments.seed(evaluation),
          dtype: try arguments.dtype()))
    }
    builder.function(
      "rand", [sizes, .seed, .dtype], returns: .tensor,
      Documentation(
        "Random numbers, uniform between 0 and 1.", formula: "x ~ U[0, 1)", shapes: "→ [sizes…]",
        example: "rand(3)")
    ) { arguments, evaluation in
      .object(
        try Tensor.rand(
          try Shape(arguments.sizes("sizes")), seed: try arguments.seed(evaluation),
          dtype: try arguments.dtype()))
    }
  }
}
