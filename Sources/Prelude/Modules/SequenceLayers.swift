import Autograd
import Interpreter
import NN

extension InnerloopLanguage {
  /// Layers for symbols and sequences.
  static func registerSequenceLayers(in builder: RegistryBuilder) {
    builder.enumeration(
      "BagMode", "How the rows of a bag become one.",
      cases: ["sum": "their sum", "mean": "their mean", "max": "the largest of each column"])
    layer(
      "EmbeddingBag",
      [
        .positional("count", .int, "how many symbols there are"),
        .positional("size", .int, "numbers of a row"),
        .labelled("mode", .named("BagMode"), default: .case("mean"), "how a bag's rows become one"), .seed,
        .dtype,
      ],
      Documentation(
        "A learned row for each of `count` symbols, brought together bag by bag.",
        formula: "y = sum, mean or max over i of W[indexᵢ]",
        shapes:
          "index int64 [bags, n], or [n] with the places [bags] where bags begin → [bags, size]; weight [count, size]",
        example: "MetaEmbeddingBag(10, 4, mode: .mean)", paper: "torchmeta MetaEmbeddingBag",
        discussion: "Every order of derivative. Starts standard normal."), in: builder
    ) { arguments, evaluation in
      try bag(EmbeddingBag.self, arguments, evaluation)
    } meta: { arguments, evaluation in
      try bag(MetaEmbeddingBag.self, arguments, evaluation)
    }
    layer(
      "MultiheadAttention",
      [
        .positional("embedDim", .int, "numbers of a place; a multiple of the heads"),
        .labelled("numHeads", .int, "how many heads there are"), .bias, .batchFirst, .seed, .dtype,
      ],
      Documentation(
        "Attention of several heads.", formula: "softmax(Q Kᵀ / √d) V for each head, then a linear map",
        shapes:
          "query [L, N, E], key and value [S, N, E], or one for all three; a fourth [L, S] or [N, L, S] is added to the scores → [L, N, E]",
        example: "MetaMultiheadAttention(8, numHeads: 2)",
        paper: "Vaswani et al. 2017; torchmeta MetaMultiheadAttention",
        discussion: "Parameters as PyTorch names them: in_proj_weight, in_proj_bias, out_proj."), in: builder
    ) { arguments, evaluation in
      try attention(MultiheadAttention.self, arguments, evaluation)
    } meta: { arguments, evaluation in
      try attention(MetaMultiheadAttention.self, arguments, evaluation)
    }
    recurrent(
      "LSTM", "Long short-term memory.", "c ← f ⊙ c + i ⊙ g; h ← o ⊙ tanh c", "a first h and c",
      "Hochreiter and Schmidhuber 1997; PyTorch LSTM", LSTM.self, MetaLSTM.self, in: builder)
    recurrent(
      "GRU", "A gated recurrent unit.", "h ← (1 − z) ⊙ n + z ⊙ h", "a first h",
      "Cho et al. 2014; PyTorch GRU",
      GRU.self, MetaGRU.self, in: builder)
  }

  private static func recurrent(
    _ name: String, _ what: String, _ formula: String, _ states: String, _ paper: String,
    _ plain: Recurrent.Type, _ meta: Recurrent.Type, in builder: RegistryBuilder
  ) {
    layer(
      name,
      [
        .positional("inputSize", .int, "numbers of a place that come in"),
        .positional("hiddenSize", .int, "numbers of the state"),
        .labelled("numLayers", .int, default: 1, "layers on top of each other"), .bias, .batchFirst, .seed,
        .dtype,
      ],
      Documentation(
        what, formula: formula,
        shapes:
          "x [L, N, in], then perhaps \(states) [layers, N, hidden] → the state at every place, [L, N, hidden]",
        example: "Meta\(name)(1, 40)", paper: paper,
        discussion:
          "Every order of derivative. Parameters as PyTorch names them. Starts uniform in ±1/√hidden."),
      in: builder
    ) { arguments, evaluation in
      try sequence(plain, arguments, evaluation)
    } meta: { arguments, evaluation in
      try sequence(meta, arguments, evaluation)
    }
  }

  private static func bag(
    _ type: EmbeddingBag.Type, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> Module {
    try type.init(
      try arguments.int("count"), try arguments.int("size"),
      mode: EmbeddingBag.Mode(rawValue: try arguments.enumCase("mode")) ?? .mean,
      seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
  }

  private static func attention(
    _ type: MultiheadAttention.Type, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> Module {
    try type.init(
      try arguments.int("embedDim"), numHeads: try arguments.int("numHeads"),
      bias: try arguments.bool("bias"),
      batchFirst: try arguments.bool("batchFirst"), seed: try arguments.seed(evaluation),
      dtype: try arguments.dtype())
  }

  private static func sequence(
    _ type: Recurrent.Type, _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> Module {
    try type.init(
      try arguments.int("inputSize"), try arguments.int("hiddenSize"),
      numLayers: try arguments.int("numLayers"),
      bias: try arguments.bool("bias"), batchFirst: try arguments.bool("batchFirst"),
      seed: try arguments.seed(evaluation), dtype: try arguments.dtype())
  }
}

extension Interpreter.Parameter {
  fileprivate static let batchFirst = labelled(
    "batchFirst", .bool, default: false, "whether the batch is the first axis, not the second")
}
