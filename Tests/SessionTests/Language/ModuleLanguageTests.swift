import TestSupport
import Testing

@Suite("the language's description: modules")
struct ModuleLanguageTests {
  @Test(
    "layers have PyTorch's arguments and shapes",
    arguments: [
      Example(
        "print(MetaLinear(1, 40)(ones(3, 1)).shape, MetaBilinear(3, 4, 2)(ones(5, 3), ones(5, 4)).shape)",
        prints: "[3, 40] [5, 2]"),
      Example(
        "print(MetaConv1d(1, 6, kernelSize: 3, stride: 1, padding: 1, dilation: 1, groups: 1, bias: true, paddingMode: .zeros)(ones(2, 1, 9)).shape)",
        prints: "[2, 6, 9]"),
      Example(
        "print(MetaConv2d(1, 4, kernel_size: (3, 5), stride: (1, 2), padding: [1, 2])(ones(2, 1, 8, 8)).shape)",
        prints: "[2, 4, 8, 4]"),
      Example(
        "print(MetaConv3d(1, 2, kernelSize: (3, 3, 3), padding: 1)(ones(1, 1, 4, 4, 4)).shape)",
        prints: "[1, 2, 4, 4, 4]"),
      Example(
        "print(MetaBatchNorm1d(3, trackRunningStats: false)(randn(4, 3)).shape, MetaBatchNorm2d(3)(randn(1, 3, 2, 2)).shape, MetaBatchNorm3d(2)(randn(1, 2, 2, 2, 2)).shape)",
        prints: "[4, 3] [1, 3, 2, 2] [1, 2, 2, 2, 2]"),
      Example(
        "let b = MetaBatchNorm1d(2, trackRunningStats: true, momentum: nil); b(ones(4, 2) * 3 + arange(4).unsqueeze(1)); print(b.running_mean.array, b.eval()(ones(1, 2)).shape)",
        prints: "[4.5, 4.5] [1, 2]"),
      Example(
        "print(MetaLayerNorm([64])(randn(2, 64)).shape, MetaEmbedding(10, 4)(Tensor([1, 2])).shape)",
        prints: "[2, 64] [2, 4]"),
      Example(
        "print(ReLU(), Tanh(), Sigmoid(), GELU(), MaxPool2d(2), AvgPool2d(2), Flatten(), Dropout(0.5), LogSoftmax())",
        prints:
          "ReLU() Tanh() Sigmoid() GELU() MaxPool2d(2) AvgPool2d(2) Flatten() Dropout(0.5) LogSoftmax(axis: -1)"
      ),
    ])
  func layers(example: Example) { example.check() }

  @Test(
    "models",
    arguments: [
      Example(
        "print(MetaSequential(MetaLinear(1, 40), ReLU(), MetaLinear(40, 1)).parameters.keys)",
        prints: "[\"0.weight\", \"0.bias\", \"2.weight\", \"2.bias\"]"),
      Example(
        "print(MetaSequential([\"conv\": MetaConv2d(1, 2, kernelSize: 3), \"head\": Linear(2, 1)]).meta_named_parameters().keys)",
        prints: "[\"conv.weight\", \"conv.bias\"]"),
      Example(
        "print(MetaMLPModel(1, 1, hiddenSizes: [40, 40])(ones(2, 1)).shape, ModelMLPSinusoid()(ones(2, 1)).shape)",
        prints: "[2, 1] [2, 1]"),
      Example(
        "print(MetaConvModel(1, 5, hiddenSize: 4, featureSize: 4)(ones(2, 1, 16, 16)).shape, ModelConvOmniglot(5, hiddenSize: 4)(ones(2, 1, 28, 28)).shape)",
        prints: "[2, 5] [2, 5]"),
      Example(
        "print(ModelConvMiniImagenet(5).parameters[\"features.layer1.conv.weight\"]!.shape)",
        prints: "[64, 3, 3, 3]"),
      Example(
        "let p = (0..<2).map { i in MetaSequential(MetaLinear(2, 3), ReLU(), MetaEmbedding(3, 1), MetaConv1d(1, 2, kernelSize: 3), seed: 7).parameters }; for (name, w) in p[0] { assert(allClose(w, p[1][name]!), name) }; print(p[0].count)",
        prints: "5"),
      Example(
        "let a = ModelMLPSinusoid(seed: 1); let b = ModelMLPSinusoid(seed: 1); print(allClose(a(ones(1, 1)), b(ones(1, 1))))",
        prints: "true"),
    ])
  func models(example: Example) { example.check() }

  @Test("a struct is a model: names, several inputs, calls, copies")
  func structs() {
    Example(
      """
      struct Net: MetaModule {
          let conv = MetaConv2d(1, 8, kernelSize: 3, padding: 1)
          let head = MetaLinear(8, 5)
          func forward(_ x: Tensor) -> Tensor { head(relu(conv(x)).mean(axes: [2, 3])) }
      }
      let net = Net()
      print(net.parameters.keys, net(randn(2, 1, 9, 9)).shape, net.summary.count)
      struct Two: MetaModule {
          let layers = [MetaLinear(2, 3), MetaLinear(3, 1)]
          let scale = Parameter(ones(1))
          let plain = Linear(2, 2)
          func forward(_ x: Tensor, _ y: Tensor) -> Tensor { layers[1](layers[0](plain(x) + y)) * scale }
      }
      let two = Two()
      print(two.metaNamedParameters().keys, two(ones(1, 2), ones(1, 2)).shape)
      let copy = two.copy()
      SGD(lr: 1).step(copy, loss: copy(ones(1, 2), ones(1, 2)).sum())
      print(allClose(copy.layers[1].bias, two.layers[1].bias))
      """,
      prints: """
        ["conv.weight", "conv.bias", "head.weight", "head.bias"] [2, 5] 2
        ["scale", "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"] [1, 1]
        false
        """
    ).check()
  }

  @Test(
    "replacement parameters may be partial, and wrong ones are named",
    arguments: [
      Refusal("m(ones(1, 2), params: [\"wieght\": ones(1, 2)])", says: "did you mean \"weight\"?"),
      Refusal("m(ones(1, 2), params: [\"weight\": ones(2, 2)])", says: "has shape [1, 2]"),
      Refusal("Linear(2, 1)(ones(1, 2), params: [\"weight\": ones(1, 2)])", says: "use MetaLinear"),
      Refusal("MetaBatchNorm1d(3)(ones(1, 3))", says: "more than one value for each channel"),
      Refusal("m(ones(3, 4))", says: "[.., 2]"),
      Refusal("struct Bad: MetaModule { let w = Parameter(ones(2)) }", says: "func forward"),
      Refusal("gradientUpdateParameters(Linear(1, 1), Tensor(1))", says: "no parameters to adapt"),
      Refusal("m.load([\"weight\": ones(1, 2)])", says: "missing \"bias\""),
      Refusal("m.load(\"/nowhere\")", says: "no such file"),
    ])
  func replacementRefusals(refusal: Refusal) { refusal.check(after: "let m = MetaLinear(2, 1, seed: 1)") }

  @Test("replaced, copied, loaded and saved")
  func files() throws {
    try withTemporaryFolder { folder in
      Example(
        """
        let m = MetaLinear(2, 1, seed: 1)
        print(allClose(m(ones(1, 2), params: ["weight": ones(1, 2)]), 2 + m.bias), m(ones(1, 2), params: nil).shape)
        m.save("\(folder)/m.safetensors")
        let n = MetaLinear(2, 1, seed: 2)
        n.load("\(folder)/m.safetensors", strict: true)
        print(allClose(m.weight, n.weight), m.copy().to(.float64).weight.dtype, m.weight.dtype)
        n.load(["weight": ones(1, 2)], strict: false)
        print(n.weight.array, n.eval().isTraining, n.train().isTraining)
        saveTensors(["x": ones(2)], "\(folder)/f.safetensors")
        print(load_tensors("\(folder)/f.safetensors").mapValues { $0.array })
        """,
        prints: """
          true [1, 1]
          true .float64 .float32
          [[1.0, 1.0]] false true
          ["x": [1.0, 1.0]]
          """
      ).check()
    }
  }

  @Test("gradientUpdateParameters goes on from given parameters")
  func gradientUpdate() {
    Example(
      """
      let m = MetaLinear(1, 1, seed: 1)
      m.load(["weight": ones(1, 1), "bias": zeros(1)])
      let fast = gradientUpdateParameters(m, m(ones(1, 1)).sum(), params: nil, stepSize: 0.5, firstOrder: false)
      let next = gradient_update_parameters(m, m(ones(1, 1), params: fast).sum(), params: fast, step_size: Tensor(0.25), first_order: true)
      print(fast.mapValues { $0.item() }, next.mapValues { $0.item() })
      """,
      prints: "[\"weight\": 0.5, \"bias\": -0.5] [\"weight\": 0.25, \"bias\": -0.75]"
    ).check()
  }
}
