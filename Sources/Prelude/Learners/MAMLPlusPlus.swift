import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  static func registerMAMLPlusPlus(in builder: RegistryBuilder) {
    let documentation = Documentation(
      "MAML with the changes that make its training stable, each an option.",
      formula: "min over θ of mean over tasks of Σᵢ vᵢ L_test(θᵢ), θᵢ₊₁ = θᵢ − αᵢ ∇L_train(θᵢ)",
      example:
        "let plus = MAMLPlusPlus(model, optimizer: Adam(lr: CosineSchedule(from: 0.001, over: 50000)), multiStepIterations: 5000)",
      paper: "Antoniou et al. 2019",
      discussion:
        """
        v is 1/k for each of the k steps at first and falls to 0 for all but the last over `multiStepIterations`. Weights \
        and biases of batch normalisation have a value for each step, which the outer loop learns. The cosine of the \
        outer rate is the optimizer's schedule.
        """)
    builder.type("MAMLPlusPlus", parent: "MAML", documentation) { type in
      type.initializer(
        [
          .metaModel, .optimizer, .labelled("stepSize", .double, default: 0.1, "where α starts"),
          .labelled("numAdaptationSteps", .int, default: 5, "steps of the inner loop"),
          .labelled(
            "learnStepSizes", .bool, default: true, "learn an α for each step and parameter"),
          .labelled(
            "multiStepIterations", .int, default: 7500,
            "meta-updates over which the losses after the early steps lose their weight; 0 takes the last alone"
          ),
          .labelled(
            "firstOrderIterations", .int, default: 0, "meta-updates without second derivatives, at the start"),
          .labelled(
            "perStepNorm", .bool, default: true,
            "learn weights and biases of batch normalisation for each step"),
          .labelled(
            "perStepStatistics", .bool, default: false,
            "evaluate by running statistics of each step, not by those of the query set"),
          .labelled(
            "statisticsMomentum", .double, default: 0.1,
            "how much of a meta-update's statistics joins the running ones"),
          .recompute, .adapting, .lossFunction,
        ], documentation
      ) { arguments, evaluation in
        .object(
          try MAMLPlusPlus(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            stepSize: try arguments.double("stepSize"),
            numAdaptationSteps: try arguments.int("numAdaptationSteps"),
            learnStepSizes: try arguments.bool("learnStepSizes"),
            multiStepIterations: try arguments.int("multiStepIterations"),
            firstOrderIterations: try arguments.int("firstOrderIterations"),
            perStepNorm: try arguments.bool("perStepNorm"),
            perStepStatistics: try arguments.bool("perStepStatistics"),
            statisticsMomentum: try arguments.double("statisticsMomentum"),
            recompute: try arguments.bool("recompute"), adapting: try arguments.patterns(),
            lossFunction: try arguments.lossFunction(evaluation)))
      }
    }
  }
}
