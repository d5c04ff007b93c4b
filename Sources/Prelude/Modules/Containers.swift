import Autograd
import Interpreter
import NN

extension Arguments {
  /// A model of finished modules, whose parameters are drawn anew if `seed:` is given.
  fileprivate func redrawn(_ model: Module) throws -> Module {
    if let seed = try optionalInt("seed") { try model.redraw(seed: UInt64(bitPattern: Int64(seed))) }
    return model
  }
}

extension InnerloopLanguage {
  static func registerContainers(in builder: RegistryBuilder) {
    let redraw = Interpreter.Parameter.labelled(
      "seed", .int, default: .computed("each module's own"),
      "draws the starting parameters of all modules inside anew")
    for name in ["MetaSequential", "Sequential"] {
      let documentation = Documentation(
        "Modules one after the other.", formula: "y = fₙ(… f₁(x))",
        example: "\(name)(MetaLinear(1, 40), ReLU(), MetaLinear(40, 1))", paper: "torchmeta MetaSequential",
        discussion: "Children are named 0, 1, …, or by the keys of a dictionary.")
      builder.type(name, parent: "Module", documentation) { type in
        type.initializer([.variadic("modules", .module, "in the order they are run"), redraw], documentation)
        { arguments, _ in
          let modules = try arguments.array("modules").map { value in
            guard let module = value.object(as: Module.self) else {
              throw arguments.problem(
                "modules", id: "type-mismatch", "`\(name)` takes modules, not \(value.typeDescription)")
            }
            return module
          }
          return .object(
            try arguments.redrawn(name == "Sequential" ? Sequential(modules) : MetaSequential(modules)))
        }
        type.initializer(
          [.positional("named", .dictionary(.module), "modules by name, in the order they are run"), redraw],
          documentation
        ) { arguments, _ in
          let modules = try arguments.dictionary("named").map { key, value in
            guard case .string(let key) = key, let module = value.object(as: Module.self) else {
              throw arguments.problem(
                "named", id: "type-mismatch", "`\(name)` takes a dictionary of modules by name")
            }
            return (key, module)
          }
          return .object(
            try arguments.redrawn(
              name == "Sequential" ? Sequential(named: modules) : MetaSequential(named: modules)))
        }
      }
    }
  }

  /// Layers without parameters.
  static func registerPlainLayers(in builder: RegistryBuilder) {
    func layer(
      _ name: String, parameters: [Interpreter.Parameter] = [], _ documentation: Documentation,
      make: @escaping @Sendable (Arguments, Evaluation) throws -> Module
    ) {
      builder.type(name, parent: "Module", documentation) { type in
        type.initializer(parameters, documentation) { arguments, evaluation in
          .object(try make(arguments, evaluation))
        }
      }
    }
    layer("ReLU", Documentation("The rectifier.", formula: "max(0, x)")) { _, _ in ReLU() }
    layer("Tanh", Documentation("The hyperbolic tangent.", formula: "tanh x")) { _, _ in Tanh() }
    layer("Sigmoid", Documentation("The logistic function.", formula: "1 / (1 + e⁻ˣ)")) { _, _ in Sigmoid() }
    layer("GELU", Documentation("The Gaussian error linear unit.", formula: "x · Φ(x)")) { _, _ in GELU() }
    layer(
      "LeakyReLU", parameters: [.positional("slope", .double, default: 0.01, "the slope below zero")],
      Documentation("The rectifier with a slope below zero.", formula: "x > 0 ? x : slope · x")
    ) { arguments, _ in LeakyReLU(try arguments.double("slope")) }
    layer(
      "ELU", parameters: [.positional("alpha", .double, default: 1, "the limit below zero is −alpha")],
      Documentation("The exponential linear unit.", formula: "x > 0 ? x : α (eˣ − 1)")
    ) { arguments, _ in ELU(try arguments.double("alpha")) }
    layer(
      "Softmax", parameters: [.labelled("axis", .int, default: -1, "which axis; -1 is the last")],
      Documentation("Numbers as shares of one.", formula: "eˣⁱ / Σⱼ eˣʲ")
    ) { arguments, _ in Softmax(axis: try arguments.int("axis")) }
    layer(
      "LogSoftmax", parameters: [.labelled("axis", .int, default: -1, "which axis; -1 is the last")],
      Documentation("The logarithm of softmax, computed safely.", formula: "xᵢ − ln Σⱼ eˣʲ")
    ) { arguments, _ in LogSoftmax(axis: try arguments.int("axis")) }
    layer(
      "Flatten", parameters: [.positional("startAxis", .int, default: 1, "the first axis to join")],
      Documentation("Joins the axes of each sample into one.", shapes: "[N, a, b] → [N, a·b]")
    ) { arguments, _ in Flatten(startAxis: try arguments.int("startAxis")) }
    layer(
      "Dropout",
      parameters: [
        .positional("probability", .double, default: 0.5, "how many of the numbers are dropped, 0 to 1"),
        .seed,
      ],
      Documentation(
        "In training, sets numbers to zero at random and scales the others up.",
        formula: "x · mask / (1 − p)", shapes: "any, kept", paper: "Srivastava et al. 2014")
    ) { arguments, evaluation in
      try Dropout(try arguments.double("probability"), seed: try arguments.seed(evaluation))
    }
    for (name, word) in [("MaxPool2d", "largest number"), ("AvgPool2d", "mean")] {
      layer(
        name,
        parameters: [
          .positional("kernelSize", .sizes(2), "the window, an Int or one for each axis"),
          .labelled("stride", .sizes(2), default: .computed("kernelSize"), "from window to window"),
          .labelled("padding", .sizes(2), default: 0, "zeros added at each edge"),
        ],
        Documentation(
          "The \(word) of each window.", shapes: "[N, C, H, W] → [N, C, H′, W′]", example: "\(name)(2)")
      ) { arguments, _ in
        let kernel = try arguments.ints("kernelSize", repeated: 2)
        let stride = arguments["stride"].isNull ? nil : try arguments.ints("stride", repeated: 2)
        let padding = try arguments.ints("padding", repeated: 2)
        return name == "MaxPool2d"
          ? try MaxPool2d(kernel, stride: stride, padding: padding)
          : try AvgPool2d(kernel, stride: stride, padding: padding)
      }
    }
  }

  /// pytorch-maml's models.
  static func registerModels(in builder: RegistryBuilder) {
    func model(
      _ name: String, _ parameters: [Interpreter.Parameter], _ documentation: Documentation,
      make: @escaping @Sendable (Arguments, UInt64) throws -> Module
    ) {
      builder.type(name, parent: "Module", documentation) { type in
        type.initializer(parameters + [.seed], documentation) { arguments, evaluation in
          .object(try make(arguments, try arguments.seed(evaluation)))
        }
      }
    }
    let hiddenSizes = Interpreter.Parameter.labelled(
      "hiddenSizes", .array(.int), default: [40, 40], "the width of each hidden layer")
    let hiddenSize = Interpreter.Parameter.labelled("hiddenSize", .int, default: 64, "channels of each block")
    model(
      "MetaMLPModel",
      [
        .positional("inFeatures", .int, "numbers of a sample that come in"),
        .positional("outFeatures", .int, "numbers of a sample that come out"),
        .labelled("hiddenSizes", .array(.int), "the width of each hidden layer"),
      ],
      Documentation(
        "Linear layers with rectifiers between.", shapes: "[N, in] → [N, out]",
        example: "MetaMLPModel(1, 1, hiddenSizes: [40, 40])", paper: "pytorch-maml MetaMLPModel")
    ) { arguments, seed in
      try MetaMLPModel(
        try arguments.int("inFeatures"), try arguments.int("outFeatures"),
        hiddenSizes: try arguments.ints("hiddenSizes"), seed: seed)
    }
    model(
      "MetaConvModel",
      [
        .positional("inChannels", .int, "channels that come in"),
        .positional("outFeatures", .int, "numbers of a sample that come out"), hiddenSize,
        .labelled("featureSize", .int, default: 64, "numbers of an image after the four blocks"),
      ],
      Documentation(
        "Four blocks of convolution, batch norm, rectifier and pooling, and a linear classifier.",
        shapes: "[N, in, H, W] → [N, out]", example: "MetaConvModel(1, 5, hiddenSize: 64, featureSize: 64)",
        paper: "pytorch-maml MetaConvModel; Finn et al. 2017")
    ) { arguments, seed in
      try MetaConvModel(
        try arguments.int("inChannels"), try arguments.int("outFeatures"),
        hiddenSize: try arguments.int("hiddenSize"), featureSize: try arguments.int("featureSize"), seed: seed
      )
    }
    model(
      "ModelMLPSinusoid", [hiddenSizes],
      Documentation("The model for sinusoids: 1 → 40 → 40 → 1.", paper: "pytorch-maml; Finn et al. 2017")
    ) { arguments, seed in try modelMLPSinusoid(hiddenSizes: try arguments.ints("hiddenSizes"), seed: seed) }
    model(
      "ModelConvOmniglot", [.positional("outFeatures", .int, "the ways"), hiddenSize],
      Documentation(
        "The model for 28 × 28 images of one channel.", shapes: "[N, 1, 28, 28] → [N, out]",
        paper: "pytorch-maml")
    ) { arguments, seed in
      try modelConvOmniglot(
        try arguments.int("outFeatures"), hiddenSize: try arguments.int("hiddenSize"), seed: seed)
    }
    model(
      "ModelConvMiniImagenet", [.positional("outFeatures", .int, "the ways"), hiddenSize],
      Documentation(
        "The model for 84 × 84 images of three channels.", shapes: "[N, 3, 84, 84] → [N, out]",
        paper: "pytorch-maml")
    ) { arguments, seed in
      try modelConvMiniImagenet(
        try arguments.int("outFeatures"), hiddenSize: try arguments.int("hiddenSize"), seed: seed)
    }
  }
}
