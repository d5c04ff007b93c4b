import Autograd
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// Prototypical and matching networks, R2-D2, and torchmeta's functions behind them.
  static func registerMetricLearners(in builder: RegistryBuilder) {
    metricLearner(
      "PrototypicalNetworks", PrototypicalNetworks.self,
      Documentation(
        "Tells classes apart by how near a query's embedding is to the mean of each class's support embeddings.",
        formula: "p(class) = softmax(−‖f(x) − prototype‖²)",
        example: "let proto = PrototypicalNetworks(model, optimizer: Adam(lr: 0.001), ways: 5)",
        paper: "Snell et al. 2017"), in: builder)
    metricLearner(
      "MatchingNetworks", MatchingNetworks.self,
      Documentation(
        "Tells classes apart by a query's attention to all support samples, by the cosine of their embeddings.",
        formula: "p(class) = Σ over its samples of softmax(cos(f(x), f(sample)))",
        example: "let matching = MatchingNetworks(model, optimizer: Adam(lr: 0.001), ways: 5)",
        paper: "Vinyals et al. 2016"), in: builder)
    registerMetricFunctions(in: builder)
    registerR2D2(in: builder)
    registerRidgeRegression(in: builder)
  }

  private static func metricLearner(
    _ name: String, _ learner: MetricLearner.Type, _ documentation: Documentation, in builder: RegistryBuilder
  ) {
    builder.type(name, documentation) { type in
      type.initializer(
        [
          .positional("model", .module, "embeds a sample; any module"), .optimizer,
          .seenWays,
        ], documentation
      ) { arguments, _ in
        .object(
          try learner.init(
            try arguments.object("model", as: Module.self),
            optimizer: try arguments.optionalObject("optimizer"),
            ways: try arguments.optionalInt("ways")))
      }
      registerEmbeddingMembers(in: type, named: name == "MatchingNetworks" ? "matching" : "proto")
    }
  }

  private static func registerMetricFunctions(in builder: RegistryBuilder) {
    let classes = Interpreter.Parameter.labelled("numClasses", .int, "how many classes there are")
    let eps = Interpreter.Parameter.labelled("eps", .double, default: 1e-8, "what is smaller counts as this")
    let embeddings = Interpreter.Parameter.positional("embeddings", .tensor, "support embeddings [N, D]")
    let labels = Interpreter.Parameter.positional("labels", .tensor, "int64 [N]")
    let queries = Interpreter.Parameter.positional("queries", .tensor, "query embeddings [M, D]")
    builder.function(
      "prototypes", aliases: ["getPrototypes"], [embeddings, labels, classes], returns: .tensor,
      Documentation(
        "The mean embedding of each class.", shapes: "[N, D] and [N] → [classes, D]",
        example: "prototypes(model(x), y, numClasses: 5)", paper: "torchmeta get_prototypes")
    ) { arguments, _ in
      .object(
        try prototypes(
          try arguments.tensor("embeddings"), try arguments.tensor("labels"),
          numClasses: try arguments.int("numClasses")))
    }
    builder.function(
      "prototypicalLoss",
      [
        .positional("prototypes", .tensor, "of the classes, [C, D]"), queries,
        .positional("labels", .tensor, "of the queries, int64 [M]"),
      ], returns: .tensor,
      Documentation(
        "The cross entropy of the queries' nearness to the prototypes.",
        formula: "−log softmax(−‖query − prototype‖²)[label]", shapes: "[C, D], [M, D], [M] → []",
        example: "prototypicalLoss(prototypes(model(x), y, numClasses: 5), model(queries), labels)",
        paper: "torchmeta prototypical_loss")
    ) { arguments, _ in
      .object(
        try prototypicalLoss(
          try arguments.tensor("prototypes"), try arguments.tensor("queries"), try arguments.tensor("labels"))
      )
    }
    builder.function(
      "pairwiseCosineSimilarity",
      [
        .positional("a", .tensor, "[M, D]"), .positional("b", .tensor, "[N, D]"), eps,
      ], returns: .tensor,
      Documentation(
        "The cosine of the angle between each row of a and each of b.", formula: "a·b / (‖a‖ ‖b‖)",
        shapes: "[M, D] and [N, D] → [M, N]", example: "pairwiseCosineSimilarity(randn(2, 3), randn(4, 3))",
        paper: "torchmeta pairwise_cosine_similarity")
    ) { arguments, _ in
      .object(
        try pairwiseCosineSimilarity(
          try arguments.tensor("a"), try arguments.tensor("b"), eps: try arguments.double("eps")))
    }
    for (name, what, function) in [
      ("matchingProbas", "The attention to each class.", matchingProbas),
      ("matchingLogProbas", "The logarithm of the attention to each class.", matchingLogProbas),
    ] as [(String, String, @Sendable (Tensor, Tensor, Tensor, Int, Double) throws -> Tensor)] {
      builder.function(
        name, [embeddings, labels, queries, classes, eps], returns: .tensor,
        Documentation(
          what, formula: "Σ over a class's samples of softmax(cos(query, sample))",
          shapes: "[N, D], [N], [M, D] → [M, classes]",
          example: "\(name)(model(x), y, model(queries), numClasses: 5)",
          paper: "torchmeta \(name == "matchingProbas" ? "matching_probas" : "matching_log_probas")")
      ) { arguments, _ in
        .object(
          try function(
            try arguments.tensor("embeddings"), try arguments.tensor("labels"),
            try arguments.tensor("queries"),
            try arguments.int("numClasses"), try arguments.double("eps")))
      }
    }
    builder.function(
      "hardnessMetric",
      [embeddings, labels, queries, .positional("queryLabels", .tensor, "int64 [M]"), classes],
      returns: .tensor,
      Documentation(
        "How hard a task is for an embedding: larger is harder, 0 is even odds.",
        formula:
          "mean of log((1 − p) / p), p = softmax(⟨w, query⟩)[label], w = normalised mean of relu(support)",
        shapes: "[N, D], [N], [M, D], [M] → []",
        example: "hardnessMetric(model(x), y, model(queries), labels, numClasses: 5)",
        paper: "Dhillon et al. 2020; torchmeta hardness_metric")
    ) { arguments, _ in
      .object(
        try hardnessMetric(
          try arguments.tensor("embeddings"), try arguments.tensor("labels"), try arguments.tensor("queries"),
          try arguments.tensor("queryLabels"), numClasses: try arguments.int("numClasses")))
    }
    builder.function(
      "matchingLoss",
      [embeddings, labels, queries, .positional("queryLabels", .tensor, "int64 [M]"), classes, eps],
      returns: .tensor,
      Documentation(
        "How little the queries attend to the right class.", formula: "mean of −log p(right class)",
        shapes: "[N, D], [N], [M, D], [M] → []",
        example: "matchingLoss(model(x), y, model(queries), labels, numClasses: 5)",
        paper: "torchmeta matching_loss")
    ) { arguments, _ in
      .object(
        try matchingLoss(
          try arguments.tensor("embeddings"), try arguments.tensor("labels"), try arguments.tensor("queries"),
          try arguments.tensor("queryLabels"), numClasses: try arguments.int("numClasses"),
          eps: try arguments.double("eps")))
    }
  }
}
