import Autograd
import Interpreter
import NN

extension Interpreter.Parameter {
  static let bias = labelled("bias", .bool, default: true, "add a learned constant")
}

extension InnerloopLanguage {
  /// Registers a layer under its plain name and, with the same arguments, under its `Meta…` name.
  static func layer(
    _ name: String, _ parameters: [Interpreter.Parameter], _ documentation: Documentation,
    in builder: RegistryBuilder,
    plain: @escaping @Sendable (Arguments, Evaluation) throws -> Module,
    meta: @escaping @Sendable (Arguments, Evaluation) throws -> Module
  ) {
    for (name, make, note) in [
      ("Meta\(name)", meta, "Accepts replacement parameters and is adapted in the inner loop."),
      (name, plain, "Learned in the outer loop and never adapted."),
    ] {
      var documentation = documentation
      documentation.discussion = [documentation.discussion, note].compactMap(\.self).joined(separator: " ")
      builder.type(name, parent: "Module", documentation) { type in
        type.initializer(parameters, documentation) { arguments, evaluation in
          .object(try make(arguments, evaluation))
        }
      }
    }
  }

  static func registerLinearLayers(in builder: RegistryBuilder) {
    layer(
      "Linear",
      [
        .positional("inFeatures", .int, "numbers of a sample that come in"),
        .positional("outFeatures", .int, "numbers of a sample that come out"), .bias, .seed, .dtype,
      ],
      Documentation(
        "A linear map.", formula: "y = x Wᵀ + b",
        shapes: "x […, in] → […, out]; weight [out, in], bias [out]",
        example: "MetaLinear(1, 40)", paper: "torchmeta MetaLinear",
        discussion: "Starts uniform in ±1/√in, as PyTorch does."), in: builder
    ) { arguments, evaluation in
      try Linear(
        try arguments.int("inFeatures"), try arguments.int("outFeatures"), bias: try arguments.bool("bias"),
        seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
    } meta: { arguments, evaluation in
      try MetaLinear(
        try arguments.int("inFeatures"), try arguments.int("outFeatures"), bias: try arguments.bool("bias"),
        seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
    }
    layer(
      "Bilinear",
      [
        .positional("in1Features", .int, "numbers of the first input"),
        .positional("in2Features", .int, "numbers of the second input"),
        .positional("outFeatures", .int, "numbers of a sample that come out"),
        .bias,
        .seed, .dtype,
      ],
      Documentation(
        "A bilinear map of two inputs.", formula: "yₖ = x₁ᵀ Wₖ x₂ + bₖ",
        shapes: "x₁ [N, in1], x₂ [N, in2] → [N, out]; weight [out, in1, in2]",
        example: "MetaBilinear(3, 4, 2)",
        paper: "torchmeta MetaBilinear"), in: builder
    ) { arguments, evaluation in
      try Bilinear(
        try arguments.int("in1Features"), try arguments.int("in2Features"), try arguments.int("outFeatures"),
        bias: try arguments.bool("bias"), seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
    } meta: { arguments, evaluation in
      try MetaBilinear(
        try arguments.int("in1Features"), try arguments.int("in2Features"), try arguments.int("outFeatures"),
        bias: try arguments.bool("bias"), seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
    }
    layer(
      "Embedding",
      [
        .positional("count", .int, "how many symbols there are"),
        .positional("size", .int, "numbers of a row"), .seed, .dtype,
      ],
      Documentation(
        "A learned row for each of `count` symbols.", formula: "y = W[index]",
        shapes: "index int64 […] → […, size]; weight [count, size]", example: "MetaEmbedding(10, 4)",
        paper: "torchmeta MetaEmbedding", discussion: "Starts standard normal."), in: builder
    ) { arguments, evaluation in
      try Embedding(
        try arguments.int("count"), try arguments.int("size"), seed: try arguments.seed(evaluation),
        dtype: try arguments.dtype())
    } meta: { arguments, evaluation in
      try MetaEmbedding(
        try arguments.int("count"), try arguments.int("size"), seed: try arguments.seed(evaluation),
        dtype: try arguments.dtype())
    }
  }

  static func registerConvolutions(in builder: RegistryBuilder) {
    convolution(1, Conv1d.self, MetaConv1d.self, in: builder)
    convolution(2, Conv2d.self, MetaConv2d.self, in: builder)
    convolution(3, Conv3d.self, MetaConv3d.self, in: builder)
  }

  private static func convolution(
    _ axes: Int, _ plain: Convolution.Type, _ meta: Convolution.Type, in builder: RegistryBuilder
  ) {
    builder.enumeration(
      "PaddingMode", "What a convolution sees beyond the edge.",
      cases: [
        "zeros": "zeros", "reflect": "mirrored at the edge", "replicate": "the number at the edge",
        "circular": "the other end",
      ])
    let spatial = ["", "L", "H, W", "D, H, W"][axes]
    layer(
      "Conv\(axes)d",
      [
        .positional("inChannels", .int, "channels that come in"),
        .positional("outChannels", .int, "channels that come out"),
        .labelled("kernelSize", .sizes(axes), "an Int, or one for each axis"),
        .labelled("stride", .sizes(axes), default: 1, "from window to window"),
        .labelled("padding", .sizes(axes), default: 0, "how much is added at each edge"),
        .labelled("dilation", .sizes(axes), default: 1, "from one kernel element to the next"),
        .labelled(
          "groups", .int, default: 1, "channels are split into so many parts that do not see each other"),
        .bias,
        .labelled("paddingMode", .named("PaddingMode"), default: .case("zeros"), "what lies beyond the edge"),
        .seed, .dtype,
      ],
      Documentation(
        "A convolution over \(axes == 1 ? "one axis" : "\(axes) axes").",
        formula: "y[o, p] = b[o] + Σ over c, k of w[o, c, k] · x[c, p · stride + k · dilation − padding]",
        shapes: "x [N, in, \(spatial)] → [N, out, …]; weight [out, in / groups, k…], bias [out]",
        example: "MetaConv\(axes)d(1, 64, kernelSize: 3, padding: 1)", paper: "torchmeta MetaConv\(axes)d",
        discussion: "Starts uniform in ±1/√(in / groups · k…), as PyTorch does."), in: builder
    ) { arguments, evaluation in
      try make(plain, axes, arguments, evaluation)
    } meta: { arguments, evaluation in
      try make(meta, axes, arguments, evaluation)
    }
  }

  private static func make(
    _ type: Convolution.Type, _ axes: Int, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> Module {
    try type.init(
      try arguments.int("inChannels"), try arguments.int("outChannels"),
      kernelSize: try arguments.ints("kernelSize", repeated: axes),
      stride: try arguments.ints("stride", repeated: axes),
      padding: try arguments.ints("padding", repeated: axes),
      dilation: try arguments.ints("dilation", repeated: axes), groups: try arguments.int("groups"),
      bias: try arguments.bool("bias"),
      paddingMode: PaddingMode(rawValue: try arguments.enumCase("paddingMode")) ?? .zeros,
      seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
  }

  static func registerNormalisations(in builder: RegistryBuilder) {
    for (axes, shape, plain, meta) in [
      (1, "[N, C] or [N, C, L]", BatchNorm1d.self, MetaBatchNorm1d.self),
      (2, "[N, C, H, W]", BatchNorm2d.self, MetaBatchNorm2d.self),
      (3, "[N, C, D, H, W]", BatchNorm3d.self, MetaBatchNorm3d.self),
    ] as [(Int, String, BatchNorm.Type, BatchNorm.Type)] {
      layer(
        "BatchNorm\(axes)d",
        [
          .positional("numFeatures", .int, "how many channels there are"),
          .labelled("eps", .double, default: 1e-5, "keeps the divisor from zero"),
          .labelled(
            "momentum", .optional(.double), default: 0.1,
            "how fast running statistics follow; nil takes the mean of all batches"),
          .labelled("affine", .bool, default: true, "learn a scale and a shift"),
          .labelled(
            "trackRunningStats", .bool, default: false, "keep running statistics, which `eval()` then uses"),
          .dtype,
        ],
        Documentation(
          "Normalises each channel by the statistics of the batch.",
          formula: "y = (x − mean) / √(variance + eps) · w + b",
          shapes: "x \(shape), kept; weight [C], bias [C]", example: "MetaBatchNorm\(axes)d(64)",
          paper: "torchmeta MetaBatchNorm\(axes)d",
          discussion:
            "Batch statistics unless asked, as pytorch-maml uses it: predictions for a test set then depend on the whole set (transductive)."
        ),
        in: builder
      ) { arguments, _ in
        try make(plain, arguments)
      } meta: { arguments, _ in
        try make(meta, arguments)
      }
    }
    layer(
      "LayerNorm",
      [
        .positional("shape", .oneOf([.int, .array(.int)]), "the sizes of the last axes"),
        .labelled("eps", .double, default: 1e-5, "keeps the divisor from zero"), .dtype,
      ],
      Documentation(
        "Normalises each sample over its last axes.", formula: "y = (x − mean) / √(variance + eps) · w + b",
        shapes: "x [N, shape…], kept; weight and bias [shape…]", example: "MetaLayerNorm([64])",
        paper: "torchmeta MetaLayerNorm"), in: builder
    ) { arguments, _ in
      try LayerNorm(
        try arguments.ints("shape"), eps: try arguments.double("eps"), dtype: try arguments.dtype())
    } meta: { arguments, _ in
      try MetaLayerNorm(
        try arguments.ints("shape"), eps: try arguments.double("eps"), dtype: try arguments.dtype())
    }
  }

  private static func make(_ type: BatchNorm.Type, _ arguments: Arguments) throws -> Module {
    try type.init(
      try arguments.int("numFeatures"), eps: try arguments.double("eps"),
      momentum: try arguments.optionalDouble("momentum"), affine: try arguments.bool("affine"),
      trackRunningStats: try arguments.bool("trackRunningStats"), dtype: try arguments.dtype())
  }
}
