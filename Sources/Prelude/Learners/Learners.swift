import Autograd
import Diagnostics
import Display
import Interpreter
import MetaLearning
import NN

extension EpisodicLearner: HostObject {
  public var typeName: String { String(describing: type(of: self)) }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: summary) }
  public var summary: String {
    let arguments = settings.isEmpty ? model.className : "\(model.className), \(settings)"
    return "\(typeName)(\(arguments)), \(NumberText.grouped(iteration)) iterations"
  }
  public var inspection: Inspection {
    Inspection(summary, [.init("model", .object(model)), .init("iteration", .int(iteration))])
  }
}

extension MLDG: HostObject {
  public var typeName: String { "MLDG" }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: summary) }
  public var summary: String { "MLDG(\(model.className)), \(NumberText.grouped(iteration)) iterations" }
  public var inspection: Inspection {
    Inspection(summary, [.init("model", .object(model)), .init("iteration", .int(iteration))])
  }
}

extension Evaluation {
  /// A remark of a learner, shown once for each text.
  func learnerNote(_ text: String) {
    note(Diagnostic(id: "learner: \(text)", severity: .note, message: text), once: true)
  }
}

extension Interpreter.Parameter {
  static let steps = labelled(
    "numAdaptationSteps", .int, default: nil, "steps of the inner loop, instead of the learner's")
  static let overriddenStepSize = labelled("stepSize", .stepSize, default: nil, "instead of the learner's")
  static let overriddenOrder = labelled("firstOrder", .bool, default: nil, "instead of the learner's")
  static let maxBatches = labelled("maxBatches", .int, default: 500, "how many meta-updates")
  static let lossFunction = labelled(
    "lossFunction", .oneOf([.named("Loss"), .function("(prediction, target) -> Tensor")]),
    default: .computed("by the targets"),
    "`.mse`, `.crossEntropy` or a closure; by default `.crossEntropy` for int64 targets and `.mse` for others"
  )
  static let metaModel = positional("model", .module, "a model with `Meta…` modules")
  static let recompute = labelled(
    "recompute", .bool, default: false,
    "compute inner steps again for the outer gradient instead of keeping them: less memory, more time")
  static let adapting = labelled(
    "adapting", .patterns, default: "*", "names of what is adapted; `*` stands for anything")
  static let batches = positional(
    "batches", .any, "batches of tasks: `tasks.batches(of: 25)`, or anything that gives them")
  static let optimizer = labelled(
    "optimizer", .named("Optimizer"), default: nil, "of the outer loop; the learner keeps a copy")
}

extension TypeReference {
  /// Names of parameters with `*`: one, or several in an array.
  static let patterns = TypeReference.oneOf([.string, .array(.string)])
}

extension Arguments {
  func lossFunction(_ evaluation: Evaluation) throws -> LossFunction? {
    switch self["lossFunction"] {
    case .null: return nil
    case .function(let closure):
      return .custom { prediction, target in
        try TaskLoop.tensor(evaluation, of: "lossFunction") {
          try evaluation.call(closure, [.object(prediction), .object(target)])
        }
      }
    default: return try enumCase("lossFunction") == "mse" ? .mse : .crossEntropy
    }
  }

  func task(_ name: String) throws -> MetaLearning.Task { try boxed(name) }

  /// Batches in any form: the tasks' own, an array, a struct with `next()`, another loopable value.
  func batchSource(_ evaluation: Evaluation, _ name: String = "batches") throws -> any BatchSource {
    let value = self[name]
    if let batches = value.object(as: Box<Batches>.self) { return batches.value }
    if value.object(as: Tasks.self) != nil {
      throw problem(
        name, id: "type-mismatch", "`\(name)` takes batches, not single tasks",
        hints: ["`tasks.batches(of: 25)`"])
    }
    if let elements = value.arrayValue { return try elements.map { try self.batch($0, name) } }
    let iterator = try evaluation.iterator(over: value)
    return GeneratedBatches { _ in try iterator.next().map { try self.batch($0, name) } }
  }

  private func batch(_ value: Value, _ name: String) throws -> Batch {
    if let batch = value.object(as: Box<Batch>.self) { return batch.value }
    if let task = value.object(as: Box<MetaLearning.Task>.self) { return try Batch([task.value]) }
    throw problem(name, id: "type-mismatch", "`\(name)` must give Batches, not \(value.typeDescription)")
  }

  fileprivate func innerOptimizer() throws -> InnerOptimizer {
    switch try enumCase("innerOptimizer") {
    case "momentum": .momentum(0.9)
    case "adam": .adam(beta1: 0.9, beta2: 0.999, eps: 1e-8)
    default: .sgd
    }
  }

  /// `"*"`, or several patterns in an array.
  func patterns(_ name: String = "adapting") throws -> [String] {
    if let pattern = self[name].stringValue { return [pattern] }
    return try array(name).compactMap(\.stringValue)
  }
}

extension InnerloopLanguage {
  /// MAML and its kin, and MLDG.
  static func registerLearners(in builder: RegistryBuilder) {
    builder.enumeration(
      "Loss", "What the inner and outer loop make small.",
      cases: [
        "mse": "the mean squared error, for regression",
        "crossEntropy": "the cross entropy, for classification",
      ])
    builder.enumeration(
      "InnerOptimizer", "What an inner loop makes of its gradients; every order of derivative.",
      cases: [
        "sgd": "steps against the gradient", "momentum": "with 0.9 of the last step",
        "adam": "by running means of the gradient and its square, 0.9 and 0.999",
      ])
    registerMAMLMembers(in: builder)
    builder.topic(.inspection) {
      registerSteppers(in: builder)
      registerMetaGradients(in: builder)
    }
    registerMAMLTypes(in: builder)
    registerMAMLPlusPlus(in: builder)
    registerMetricLearners(in: builder)
    registerDomainLearners(in: builder)
    builder.type("TrainingSteps", "Meta-updates to loop over.") { _ in }
    registerLearnerResults(in: builder)
  }

  private static func registerMAMLTypes(in builder: RegistryBuilder) {
    let model = Interpreter.Parameter.metaModel
    let steps = Interpreter.Parameter.labelled(
      "numAdaptationSteps", .int, default: 1, "steps of the inner loop")
    let stepSize = Interpreter.Parameter.labelled("stepSize", .double, default: 0.1, "α, of the inner loop")
    let firstOrder = Interpreter.Parameter.labelled(
      "firstOrder", .bool, default: false, "leave second derivatives out")
    let recompute = Interpreter.Parameter.recompute
    let learned = [
      Interpreter.Parameter.labelled("learnStepSize", .bool, default: false, "learn α in the outer loop"),
      .labelled("perParamStepSize", .bool, default: false, "one learned α for each parameter"),
    ]
    let adapting = Interpreter.Parameter.adapting
    let formula = "min over θ of mean over tasks of L_test(θ − α ∇L_train(θ))"
    let documentation = Documentation(
      "Model-agnostic meta-learning: parameters from which few steps reach every task.", formula: formula,
      example: "let maml = MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01)",
      paper: "Finn et al. 2017; pytorch-maml ModelAgnosticMetaLearning")
    builder.type("MAML", aliases: ["ModelAgnosticMetaLearning"], documentation) { type in
      type.initializer(
        [model, .optimizer, stepSize, steps, firstOrder] + learned + [
          recompute, adapting, .lossFunction,
          .labelled(
            "innerOptimizer", .named("InnerOptimizer"), default: .case("sgd"),
            "what the inner loop makes of its gradients; `stepSize` is its rate"),
        ],
        documentation
      ) { arguments, evaluation in
        .object(
          try MAML(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            firstOrder: try arguments.bool("firstOrder"), learnStepSize: try arguments.bool("learnStepSize"),
            perParamStepSize: try arguments.bool("perParamStepSize"),
            recompute: try arguments.bool("recompute"), adapting: try arguments.patterns(),
            lossFunction: try arguments.lossFunction(evaluation),
            innerOptimizer: try arguments.innerOptimizer()))
      }
    }
    let first = Documentation(
      "MAML without second derivatives.", formula: "∂L_test/∂θ′ in place of ∂L_test/∂θ",
      example: "let fomaml = FOMAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01)",
      paper: "Finn et al. 2017; pytorch-maml FOMAML")
    builder.type("FOMAML", parent: "MAML", first) { type in
      type.initializer([model, .optimizer, stepSize, steps] + learned + [adapting, .lossFunction], first) {
        arguments, evaluation in
        .object(
          try FOMAML(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            learnStepSize: try arguments.bool("learnStepSize"),
            perParamStepSize: try arguments.bool("perParamStepSize"),
            adapting: try arguments.patterns(), lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
    let sgd = Documentation(
      "MAML with a learned step size for each parameter.", formula: "θ′ = θ − α ∘ ∇L_train(θ), α learned",
      example: "let sgd = MetaSGD(model, optimizer: Adam(lr: 0.001))",
      paper: "Li et al. 2017; pytorch-maml MetaSGD")
    builder.type("MetaSGD", parent: "MAML", sgd) { type in
      type.initializer(
        [
          model, .optimizer, .labelled("initStepSize", .double, default: 0.1, "where α starts"), steps,
          firstOrder, recompute, adapting, .lossFunction,
        ], sgd
      ) { arguments, evaluation in
        .object(
          try MetaSGD(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            initStepSize: try arguments.double("initStepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            firstOrder: try arguments.bool("firstOrder"), recompute: try arguments.bool("recompute"),
            adapting: try arguments.patterns(),
            lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
    let reptile = Documentation(
      "Moves the initial parameters towards those that the inner loop finds; no derivative of it.",
      formula: "θ ← θ + ε · mean over tasks of (φ − θ)",
      example: "let reptile = Reptile(model, optimizer: SGD(lr: 0.1), stepSize: 0.01, numAdaptationSteps: 5)",
      paper: "Nichol et al. 2018",
      discussion: "θ − φ is the outer optimizer's gradient: with `SGD(lr: ε)` it is the formula.")
    builder.type("Reptile", parent: "MAML", reptile) { type in
      type.initializer(
        [
          model, .optimizer, stepSize,
          .labelled("numAdaptationSteps", .int, default: 5, "steps of the inner loop"), adapting,
          .lossFunction,
        ], reptile
      ) { arguments, evaluation in
        .object(
          try Reptile(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            adapting: try arguments.patterns(), lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
    let implicit = Documentation(
      "MAML whose meta-gradient needs no way back through the inner loop, only its end.",
      formula: "(1 + H / λ)⁻¹ ∇L_test(φ), φ near the least L_train(φ) + λ/2 ‖φ − θ‖²",
      example:
        "let imaml = IMAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.05, numAdaptationSteps: 16, lambda: 2)",
      paper: "Rajeswaran et al. 2019",
      discussion:
        "Memory does not grow with the steps. The gradient is exact where the inner loop has converged.")
    builder.type("IMAML", aliases: ["iMAML", "ImplicitMAML"], parent: "MAML", implicit) { type in
      type.initializer(
        [
          model, .optimizer, stepSize,
          .labelled("numAdaptationSteps", .int, default: 16, "steps of the inner loop"),
          .labelled(
            "lambda", .double, default: 2, "how strongly adapted parameters are held at the initial ones"),
          .labelled("conjugateSteps", .int, default: 5, "steps of conjugate gradients for the meta-gradient"),
          adapting, .lossFunction,
        ], implicit
      ) { arguments, evaluation in
        .object(
          try IMAML(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            lambda: try arguments.double("lambda"), conjugateSteps: try arguments.int("conjugateSteps"),
            adapting: try arguments.patterns(), lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
    let anil = Documentation(
      "MAML that adapts the last layer only.",
      example: "let anil = ANIL(model, optimizer: Adam(), adapting: \"classifier.*\")",
      paper: "Raghu et al. 2020")
    builder.type("ANIL", parent: "MAML", anil) { type in
      type.initializer(
        [
          model, .optimizer, stepSize, steps, firstOrder, recompute,
          .labelled("adapting", .patterns, default: "classifier.*", "names of what is adapted"),
          .lossFunction,
        ], anil
      ) { arguments, evaluation in
        .object(
          try ANIL(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            firstOrder: try arguments.bool("firstOrder"),
            recompute: try arguments.bool("recompute"), adapting: try arguments.patterns(),
            lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
  }

  private static func registerMAMLMembers(in builder: RegistryBuilder) {
    builder.type("MAML") { type in
      let overrides: [Interpreter.Parameter] = [.steps, .overriddenStepSize, .overriddenOrder]
      type.method(
        "adapt", [.positional("task", .named("Task"), "a task, whose support set is adapted to")] + overrides,
        returns: .named("Adaptation"),
        Documentation(
          "Runs the inner loop on a task's support set.",
          formula: "θ ← θ − α ∇L_train(θ), from the model's own θ",
          example: "let a = maml.adapt(task)", paper: "pytorch-maml adapt")
      ) { arguments, evaluation in
        let maml = try arguments.receiver(as: MAML.self)
        let result = try maml.adapt(
          try arguments.task("task"), numAdaptationSteps: try arguments.optionalInt("numAdaptationSteps"),
          stepSize: try arguments.optionalStepSize(), firstOrder: arguments["firstOrder"].boolValue)
        result.notes.forEach(evaluation.learnerNote)
        return .object(result)
      }
      type.method(
        "adapt",
        [.positional("inputs", .tensor, "a sample a row"), .positional("targets", .tensor, "a target a row")]
          + overrides,
        returns: .named("Adaptation"),
        "Runs the inner loop on inputs and targets."
      ) { arguments, evaluation in
        let maml = try arguments.receiver(as: MAML.self)
        let result = try maml.adapt(
          try arguments.tensor("inputs"), try arguments.tensor("targets"),
          numAdaptationSteps: try arguments.optionalInt("numAdaptationSteps"),
          stepSize: try arguments.optionalStepSize(), firstOrder: arguments["firstOrder"].boolValue)
        result.notes.forEach(evaluation.learnerNote)
        return .object(result)
      }
      type.method(
        "outerLoss", [.positional("batch", .named("Batch"), "a Batch, or an array of tasks")] + overrides,
        returns: .named("OuterLoss"),
        Documentation(
          "Adapts to each task and takes the mean loss on the query sets.",
          formula: "mean over tasks of L_test(θ′)",
          example: "let o = maml.outerLoss(tasks.batch(25))", paper: "pytorch-maml get_outer_loss")
      ) { arguments, evaluation in
        let maml = try arguments.receiver(as: MAML.self)
        let result = try maml.outerLoss(
          try arguments.boxed("batch"), numAdaptationSteps: try arguments.optionalInt("numAdaptationSteps"),
          stepSize: try arguments.optionalStepSize(), firstOrder: arguments["firstOrder"].boolValue)
        result.notes.forEach(evaluation.learnerNote)
        return .object(result)
      }
      type.method(
        "evaluate",
        [
          .batches, .labelled("maxBatches", .int, default: 100, "how many batches"), .steps,
          .overriddenStepSize,
        ], returns: .named("Evaluation"),
        Documentation(
          "Adapts to many tasks and measures on their query sets after 0, 1, … steps; changes nothing.",
          formula: "mean ± 1.96 · s / √count",
          example: "maml.evaluate(tests.batches(of: 25), maxBatches: 24, numAdaptationSteps: 10)",
          paper: "pytorch-maml evaluate")
      ) { arguments, evaluation in
        let batches = try arguments.batchSource(evaluation)
        return try evaluation.sharedByRanks {
          try arguments.receiver(as: MAML.self).evaluate(
            batches, maxBatches: try arguments.int("maxBatches"),
            numAdaptationSteps: try arguments.optionalInt("numAdaptationSteps"),
            stepSize: try arguments.optionalStepSize(), progress: { _ in try evaluation.endStep() }
          ).hosted
        }
      }
      registerTraining(
        of: MAML.self, in: type, on: .batches, varying: Interpreter.Parameter.mamlChanges, named: "maml"
      ) { arguments, name, evaluation in
        try arguments.batchSource(evaluation, name)
      } hosted: {
        .object($0)
      }
      registerProfile(of: MAML.self, in: type)
      type.property("stepSize", .stepSize, "α, learned or not.") { (maml: MAML, _) in maml.stepSize.hosted }
    }
  }
}
