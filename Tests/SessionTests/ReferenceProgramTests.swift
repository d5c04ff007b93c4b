import TestSupport
import Testing

/// The reference values of `shared/fixtures`, computed by programs of the language.
@Suite(
  "programs that compute the reference values",
  .enabled(if: SharedFiles.arePresent, Comment(rawValue: SharedFiles.missing)))
struct ReferenceProgramTests {
  enum Precision: String, CaseIterable {
    case float32, float64

    /// As the language writes it.
    var dtype: String { ".\(rawValue)" }
    var tolerance: Double { self == .float64 ? 1e-9 : 1e-4 }
    /// Norms below this count as this: some gradients are zero but for rounding.
    var floor: Double { self == .float64 ? 1e-3 : 1e-1 }
  }

  /// What every program begins with.
  static func preamble(_ file: String, _ precision: Precision) throws -> String {
    let path = try #require(SharedFiles.url("fixtures/reference/\(file).safetensors")).path
    return """
      let f = loadTensors("\(path)").mapValues { x in x.dtype == .int64 ? x : x.to(\(precision.dtype)) }
      func close(_ a: Tensor, _ name: String) {
          let b = f[name]!
          let difference = (a - b).norm().item()
          assert(difference <= \(precision.tolerance) * max(b.norm().item(), \(precision.floor)), "\\(name) differs by \\(difference)")
      }
      var params = [:]
      for (name, value) in f where name.hasPrefix("param.") { params[name.dropFirst(6)] = value }
      """
  }

  @Test(
    "meta-gradients of the reference agree", arguments: Precision.allCases,
    ["mlp", "conv"].flatMap { kind in
      [1, 3].flatMap { steps in ["first", "second"].map { (kind: kind, steps: steps, order: $0) } }
    })
  func metaGradients(precision: Precision, work: (kind: String, steps: Int, order: String)) throws {
    let (kind, steps, order) = work
    let model =
      kind == "mlp"
      ? """
      let model = MetaSequential(MetaLinear(1, 8), ReLU(), MetaLinear(8, 8), Tanh(), MetaLinear(8, 1))
      """
      : """
      let model = MetaSequential(
          MetaConv2d(1, 4, kernelSize: 3, padding: 1), MetaBatchNorm2d(4), ReLU(), MaxPool2d(2),
          MetaConv2d(4, 4, kernelSize: 3, padding: 1), MetaBatchNorm2d(4), ReLU(), MaxPool2d(2),
          Flatten(), MetaLinear(16, 3))
      """
    let answer = LanguageRunner()(
      try Self.preamble("maml_\(kind)_\(steps)step_\(order)", precision) + """

        \(model)
        model.to(\(precision.dtype))
        model.load(params)
        let maml = MAML(model, stepSize: 0.05, numAdaptationSteps: \(steps), firstOrder: \(order == "first"))
        let batch = Batch((0..<f["in.train_x"]!.shape[0]).map { t in
            Task(train: (f["in.train_x"]![t], f["in.train_y"]![t]), test: (f["in.test_x"]![t], f["in.test_y"]![t]))
        })
        let o = maml.outerLoss(batch)
        close(o.loss, "out.loss")
        close(Tensor(o.outerLosses, dtype: \(precision.dtype)), "out.outer_losses")
        close(Tensor(o.innerLosses, dtype: \(precision.dtype)), "out.inner_losses")
        for (name, g) in o.gradients { close(g, "grad.\\(name)") }
        assert(o.gradients.count == params.count)
        """)
    #expect(answer.errors == [])
  }

  @Test("the loss of MLDG and its gradient agree", arguments: Precision.allCases, ["first", "second"])
  func mldg(precision: Precision, order: String) throws {
    let answer = LanguageRunner()(
      try Self.preamble("mldg_\(order)", precision) + """

        let model = MetaSequential(MetaLinear(6, 8), ReLU(), MetaLinear(8, 3)).to(\(precision.dtype))
        model.load(params)
        let mldg = MLDG(model, stepSize: 0.1, beta: 0.7, firstOrder: \(order == "first"))
        let domains = (0..<4).map { d in (f["in.x"]![d], f["in.y"]![d]) }
        let o = mldg.outerLoss(domains, metaTest: [3])
        close(o.loss, "out.loss")
        close(Tensor(o.metaTrainLoss, dtype: \(precision.dtype)), "out.meta_train_loss")
        close(Tensor(o.metaTestLoss, dtype: \(precision.dtype)), "out.meta_test_loss")
        close(Tensor(o.gradientInnerProduct, dtype: \(precision.dtype)), "out.gradient_inner_product")
        for (name, g) in o.gradients { close(g, "grad.\\(name)") }
        """)
    #expect(answer.errors == [])
  }

  @Test(
    "modules agree with the reference in value, gradient and second derivative",
    arguments: Precision.allCases,
    [
      ("linear", "MetaLinear(5, 3)"), ("bilinear", "MetaBilinear(3, 4, 2)"),
      ("conv1d", "MetaConv1d(4, 6, kernelSize: 3, stride: 2, padding: 2, dilation: 2, groups: 2)"),
      ("conv2d", "MetaConv2d(3, 4, kernelSize: 3, padding: 1)"),
      (
        "conv2d_strided",
        "MetaConv2d(2, 4, kernelSize: (3, 2), stride: (2, 1), padding: (1, 0), groups: 2, bias: false)"
      ),
      ("conv3d", "MetaConv3d(2, 3, kernelSize: 2, padding: 1)"), ("batchnorm1d", "MetaBatchNorm1d(4)"),
      ("batchnorm2d", "MetaBatchNorm2d(3)"), ("batchnorm3d", "MetaBatchNorm3d(2)"),
      ("layernorm", "MetaLayerNorm([3, 4])"), ("embedding", "MetaEmbedding(7, 4)"),
      ("conv2d_circular", "MetaConv2d(2, 3, kernelSize: 3, padding: 1, paddingMode: .circular)"),
      ("embedding_bag_sum", "MetaEmbeddingBag(7, 4, mode: .sum)"),
      ("embedding_bag_mean", "MetaEmbeddingBag(7, 4)"),
      ("embedding_bag_max", "MetaEmbeddingBag(7, 4, mode: .max)"),
      ("multihead_attention", "MetaMultiheadAttention(8, numHeads: 2)"),
      ("max_pool2d", "MaxPool2d(2)"), ("avg_pool2d", "AvgPool2d(2)"), ("softmax", "Softmax()"),
      ("sigmoid", "Sigmoid()"), ("gelu", "GELU()"), ("elu", "ELU()"), ("leaky_relu", "LeakyReLU(0.1)"),
    ])
  func modules(precision: Precision, work: (name: String, model: String)) throws {
    let (name, model) = work
    let answer = LanguageRunner()(
      try Self.preamble("module_\(name)", precision) + """

        let model = \(model).to(\(precision.dtype))
        model.load(params)
        var leaves = [:]
        var inputs = []
        for (name, value) in f where name.hasPrefix("in.") {
            let input = value.dtype == .int64 ? value : Parameter(value)
            inputs.append(input)
            if value.dtype != .int64 { leaves[name.dropFirst(3)] = input }
        }
        for (name, parameter) in model.parameters { leaves[name] = parameter }
        let y = inputs.count == 3 ? model(leaves["q"]!, leaves["k"]!, leaves["v"]!) : inputs.count == 2 ? model(inputs[0], inputs[1]) : model(inputs[0])
        let loss = (y * f["aux.c"]!).sum() + 0.5 * (y * y * f["aux.c"]!).sum()
        let g = gradient(of: loss, wrt: leaves, createGraph: true)
        var total = Tensor(0, dtype: \(precision.dtype))
        for (name, value) in g { total += (value * f["aux.d.\\(name)"]!).sum() }
        let g2 = gradient(of: total, wrt: leaves)
        close(y, "out.y")
        close(loss, "out.loss")
        for (name, value) in g { close(value, "grad.\\(name)") }
        for (name, value) in g2 { close(value, "grad2.\\(name)") }
        """)
    #expect(answer.errors == [])
  }
}
