import Autograd
import Interpreter
import MetaLearning
import NN

extension Interpreter.Parameter {
  static let seenWays = labelled(
    "ways", .int, default: nil, "how many classes a task has; nil looks at the labels, which takes time")
  static let embedding = positional("model", .module, "embeds a sample; any module")
}

extension InnerloopLanguage {
  /// What learners without an inner loop have in common.
  ///
  /// - Parameter name: what the examples call the learner.
  static func registerEmbeddingMembers(in type: TypeBuilder, named name: String) {
    type.method(
      "adapt", [.positional("task", .named("Task"), "a task, whose support set is looked at")],
      returns: .named("Adaptation"),
      Documentation(
        "What the learner takes from a task's support set, as `params`; there are no steps.",
        example: "let a = \(name).adapt(task)")
    ) { arguments, _ in
      .object(try arguments.receiver(as: EmbeddingLearner.self).adapt(try arguments.task("task")))
    }
    type.method(
      "outerLoss", [.positional("batch", .named("Batch"), "a Batch, or an array of tasks")],
      returns: .named("OuterLoss"),
      Documentation(
        "The mean loss on the query sets.", formula: "mean over tasks of −log p(right class)",
        example: "let o = \(name).outerLoss(tasks.batch(4))")
    ) { arguments, _ in
      .object(try arguments.receiver(as: EmbeddingLearner.self).outerLoss(try arguments.boxed("batch")))
    }
    type.method(
      "evaluate", [.batches, .labelled("maxBatches", .int, default: 100, "how many batches")],
      returns: .named("Evaluation"),
      Documentation(
        "The loss and accuracy on the query sets of many tasks; changes nothing.",
        formula: "mean ± 1.96 · s / √count",
        example: "\(name).evaluate(tests.batches(of: 25), maxBatches: 24)")
    ) { arguments, evaluation in
      let batches = try arguments.batchSource(evaluation)
      return try evaluation.sharedByRanks {
        try arguments.receiver(as: EmbeddingLearner.self).evaluate(
          batches, maxBatches: try arguments.int("maxBatches"), progress: { _ in try evaluation.endStep() }
        ).hosted
      }
    }
    registerTraining(of: EmbeddingLearner.self, in: type, on: .batches, named: name) {
      arguments, name, evaluation in
      try arguments.batchSource(evaluation, name)
    } hosted: {
      .object($0)
    }
    registerProfile(of: EmbeddingLearner.self, in: type)
  }

  static func registerR2D2(in builder: RegistryBuilder) {
    let documentation = Documentation(
      "A task's last layer is the ridge regression of its support embeddings, in closed form.",
      formula: "scale · (f(x) Wᵀ + b) + bias; W, b = argmin ‖f(X) Wᵀ + b − Y‖² + λ (‖W‖² + ‖b‖²)",
      example: "let r2d2 = R2D2(model, optimizer: Adam(lr: 0.001))", paper: "Bertinetto et al. 2019",
      discussion:
        "The scale, the bias and log λ are learned with the model. Targets are labels, or numbers in columns."
    )
    builder.type("R2D2", documentation) { type in
      type.initializer(
        [
          .embedding, .optimizer, .seenWays,
          .labelled("initScale", .double, default: 1, "where the scale starts"),
          .labelled("initBias", .double, default: 0, "where the bias starts"),
          .labelled("initRegularization", .double, default: 1, "where λ starts, above 0"), .lossFunction,
        ], documentation
      ) { arguments, evaluation in
        .object(
          try R2D2(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            ways: try arguments.optionalInt("ways"), initScale: try arguments.double("initScale"),
            initBias: try arguments.double("initBias"),
            initRegularization: try arguments.double("initRegularization"),
            lossFunction: try arguments.lossFunction(evaluation)))
      }
      registerEmbeddingMembers(in: type, named: "r2d2")
      type.property("scale", .tensor, "What the layer's output is multiplied by, learned.") {
        (learner: R2D2, _) in .object(learner.scale.value)
      }
      type.property("bias", .tensor, "What is added to it, learned.") { (learner: R2D2, _) in
        .object(learner.bias.value)
      }
      type.property("regularization", .tensor, "λ, learned by its logarithm.") { (learner: R2D2, _) in
        .object(try learner.regularization)
      }
    }
  }

  static func registerRidgeRegression(in builder: RegistryBuilder) {
    builder.function(
      "ridgeRegression",
      [
        .positional("embeddings", .tensor, "X, [N, D]"),
        .positional("targets", .tensor, "Y: labels, int64 [N], or numbers [N, outputs]"),
        .positional(
          "regularization", .tensor, aliases: ["regLambda"], "λ, a number or a Tensor of one"),
        .labelled("numClasses", .int, default: nil, "how many labels there are; nil looks"),
        .labelled(
          "useWoodbury", .bool, default: nil, "solve N equations instead of D; nil takes what is fewer"),
        .labelled("scale", .bool, default: true, "divide X and Y by √N"),
        .labelled("bias", .bool, default: true, "fit a bias too"),
      ], returns: .tuple([.tensor, .optional(.tensor)]),
      Documentation(
        "The linear layer of least squares with a penalty on its size, with every order of derivative.",
        formula: "W = argmin ‖X Wᵀ − Y‖² + λ ‖W‖²",
        shapes: "[N, D], [N] → weight [classes, D], bias [classes]",
        example: "let (weight, bias) = ridgeRegression(model(x), y, 0.1)",
        paper: "torchmeta ridge_regression; Bertinetto et al. 2019")
    ) { arguments, _ in
      let layer = try ridgeRegression(
        try arguments.tensor("embeddings"), try arguments.tensor("targets"),
        try arguments.tensor("regularization"), numClasses: try arguments.optionalInt("numClasses"),
        useWoodbury: arguments["useWoodbury"].boolValue, scale: try arguments.bool("scale"),
        bias: try arguments.bool("bias"))
      return .tuple(
        TupleValue(
          [.object(layer.weight), layer.bias.map { .object($0) } ?? .null], labels: ["weight", "bias"]))
    }
  }
}
