import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// Models: what all modules share, the layers, the ready-made models, and structs of the user.
  static func registerModules(in builder: RegistryBuilder) {
    builder.type(
      "Module",
      Documentation(
        "A part of a model: a function of tensors with parameters.",
        discussion:
          "A `Meta…` module is adapted in the inner loop; a plain one is learned in the outer loop only.")
    ) { type in
      registerModuleCalls(in: type)
      registerFreezing(in: type)
      registerModuleFiles(in: type)
    }
    builder.type(
      "MetaModule", parent: "Module",
      Documentation(
        "A model whose own parameters are adapted in the inner loop.", paper: "torchmeta MetaModule")
    ) { _ in }
    registerStruct(
      "MetaModule", adapts: true,
      "A struct with this in its inheritance clause is a model whose own parameters are adapted.", in: builder
    )
    registerStruct(
      "Module", adapts: false,
      "A struct with this in its inheritance clause is a model whose own parameters only the outer loop learns.",
      in: builder)
    registerLinearLayers(in: builder)
    registerConvolutions(in: builder)
    registerSequenceLayers(in: builder)
    registerNormalisations(in: builder)
    registerContainers(in: builder)
    registerPlainLayers(in: builder)
    registerModels(in: builder)
    registerTensorFiles(in: builder)
    builder.topic(.gradients) { registerGradientUpdate(in: builder) }
  }

  /// What a struct of the user becomes with a name in its inheritance clause.
  private static func registerStruct(
    _ name: String, adapts: Bool, _ summary: String, in builder: RegistryBuilder
  ) {
    builder.structHook(
      name, typeName: name,
      Documentation(
        summary,
        example:
          "struct Net: \(name) { let head = MetaLinear(1, 1); func forward(_ x: Tensor) -> Tensor { head(x) } }"
      ),
      check: { definition in
        definition.hasMethod("forward")
          ? [] : ["`\(definition.name)` needs a method `func forward(_ x: Tensor) -> Tensor`"]
      },
      make: { instance, evaluation in ScriptModule(instance, adapts: adapts, evaluation) })
  }

  private static func registerModuleCalls(in type: TypeBuilder) {
    type.method(
      "callAsFunction", aliases: ["forward"],
      [
        .variadic("inputs", .tensor, "one task's inputs"),
        .labelled(
          "params", .dictionary(.tensor), default: nil,
          "replacement parameters by name; those left out are the model's own"),
      ], returns: .tensor,
      Documentation(
        "The model's output, with some parameters replaced if asked.", example: "model(x, params: fast)",
        paper: "torchmeta MetaModule.forward")
    ) { arguments, _ in
      let model = try arguments.receiver(as: Module.self)
      let inputs = try tensors(arguments, "inputs")
      return .object(try model(inputs, params: try arguments.optionalNamedTensors("params")))
    }
    type.property("parameters", .dictionary(.named("Parameter")), "All parameters by dotted name.") {
      (model: Module, _) in
      .dictionary(model.namedParameters().map { ($0.key, .object($0.value)) })
    }
    type.method(
      "parameters", returns: .dictionary(.named("Parameter")), "All parameters by dotted name."
    ) { arguments, _ in
      .dictionary(
        try arguments.receiver(as: Module.self).namedParameters().map { ($0.key, .object($0.value)) })
    }
    type.method(
      "namedParameters", returns: .dictionary(.named("Parameter")), "All parameters by dotted name."
    ) { arguments, _ in
      .dictionary(
        try arguments.receiver(as: Module.self).namedParameters().map { ($0.key, .object($0.value)) })
    }
    type.method(
      "metaNamedParameters", returns: .dictionary(.named("Parameter")),
      Documentation(
        "The parameters that the inner loop adapts, by dotted name.", paper: "torchmeta meta_named_parameters"
      )
    ) { arguments, _ in
      .dictionary(
        try arguments.receiver(as: Module.self).metaNamedParameters().map { ($0.key, .object($0.value)) })
    }
    type.property(
      "summary", .named("Table"), "A table of the layers: names, shapes, how many numbers, adapted or not."
    ) { (model: Module, _) in
      let rows = model.summaryRows
      return DataTable(
        [
          .init("name", rows.map(\.name)), .init("module", rows.map { "\($0.type)(\($0.settings))" }),
          .init("parameters", rows.map(\.shapes)), .init("numbers", rows.map(\.parameters)),
          .init("adapted", rows.map { $0.isFrozen ? "frozen" : "\($0.isAdapted)" }),
        ], note: "\(NumberText.grouped(model.parameterCount)) numbers in all"
      ).hosted
    }
    type.property("parameterCount", .int, "How many numbers all parameters hold.") { (model: Module, _) in
      .int(model.parameterCount)
    }
    type.property("isTraining", .bool, "True until `eval()`.") { (model: Module, _) in .bool(model.isTraining)
    }
  }

  private static func registerFreezing(in type: TypeBuilder) {
    let patterns = Interpreter.Parameter.positional(
      "patterns", .patterns, default: "*", "names of parameters; `*` stands for anything")
    type.method(
      "freeze", [patterns], returns: .module,
      Documentation(
        "Keeps parameters as they are: no inner loop, outer loop or optimizer changes them.",
        example: "model.freeze([\"0.*\", \"1.*\"])", paper: "PyTorch requires_grad_(False)")
    ) { arguments, _ in
      let model = try arguments.receiver(as: Module.self)
      try model.freeze(try arguments.patterns("patterns"))
      return .object(model)
    }
    type.method(
      "unfreeze", [patterns], returns: .module,
      Documentation("Lets parameters be learned again.", example: "model.unfreeze(\"1.*\")")
    ) { arguments, _ in
      let model = try arguments.receiver(as: Module.self)
      try model.unfreeze(try arguments.patterns("patterns"))
      return .object(model)
    }
    type.property(
      "frozenParameters", .dictionary(.named("Parameter")),
      "The parameters that stay as they are, by dotted name."
    ) { (model: Module, _) in .dictionary(model.frozenParameters.map { ($0.key, .object($0.value)) }) }
  }

  private static func registerModuleFiles(in type: TypeBuilder) {
    type.method(
      "train", [.positional("mode", .bool, default: true, "false is the same as `eval()`")], returns: .module,
      "Training mode: dropout drops, running statistics are written."
    ) { arguments, _ in .object(try arguments.receiver(as: Module.self).train(try arguments.bool("mode"))) }
    type.method(
      "eval", returns: .module,
      "Evaluation mode: changes dropout and running statistics only, never the order of a derivative."
    ) { arguments, _ in .object(try arguments.receiver(as: Module.self).eval()) }
    type.method(
      "to", [.positional("dtype", .named("DType"), "the kind of number")], returns: .module,
      Documentation("Changes the kind of number of all parameters, in place.", example: "model.to(.float64)")
    ) { arguments, _ in .object(try arguments.receiver(as: Module.self).to(try arguments.dtype())) }
    type.method("copy", returns: .module, "An independent model with equal parameters.") { arguments, _ in
      .object(try arguments.receiver(as: Module.self).copy())
    }
    type.method(
      "save", [.positional("file", .string, "the path of a safetensors file")],
      Documentation("Writes all parameters as safetensors.", example: "model.save(\"m.safetensors\")")
    ) { arguments, _ in
      try Ranks.once { try arguments.receiver(as: Module.self).save(path: try arguments.string("file")) }
      return .void
    }
    type.method(
      "load",
      [
        .positional(
          "from", .oneOf([.string, .dictionary(.tensor)]), "a safetensors file, or a dictionary by name"),
        .labelled("strict", .bool, default: true, "refuse missing and unknown names"),
      ], Documentation("Reads parameters by name.", example: "model.load(\"m.safetensors\")")
    ) { arguments, _ in
      let model = try arguments.receiver(as: Module.self)
      let strict = try arguments.bool("strict")
      if let path = arguments["from"].stringValue {
        _ = try model.load(path: path, strict: strict)
      } else {
        _ = try model.load(try arguments.namedTensors("from"), strict: strict)
      }
      return .void
    }
  }

  /// `loadTensors` and `saveTensors`.
  private static func registerTensorFiles(in builder: RegistryBuilder) {
    builder.function(
      "loadTensors", [.positional("file", .string, "the path of a safetensors file")],
      returns: .dictionary(.tensor),
      Documentation(
        "The tensors of a safetensors file, by name.", example: "loadTensors(\"f.safetensors\")[\"x\"]")
    ) { arguments, _ in .tensors(try loadTensors(try arguments.string("file"))) }
    builder.function(
      "saveTensors",
      [
        .positional("tensors", .dictionary(.tensor), "tensors by name"),
        .positional("file", .string, "the path of a safetensors file"),
      ],
      Documentation(
        "Writes tensors by name as safetensors.", example: "saveTensors([\"x\": x], \"f.safetensors\")")
    ) { arguments, _ in
      try Ranks.once { try saveTensors(try arguments.namedTensors("tensors"), try arguments.string("file")) }
      return .void
    }
  }
}
