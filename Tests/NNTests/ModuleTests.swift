import ArrayCore
import Autograd
import NN
import TestSupport
import Testing

/// A model as a user writes it, with a plain layer in it.
private final class Net: Module, MetaModule {
  let conv: MetaConv2d
  let blocks: [Module]
  let plain: Linear
  let head: MetaLinear

  init(_ seed: UInt64 = 0) throws {
    conv = try MetaConv2d(1, 4, kernelSize: 3, padding: 1, seed: seed)
    blocks = [try MetaLinear(4, 4, seed: seed + 1), ReLU()]
    plain = try Linear(4, 4, seed: seed + 2)
    head = try MetaLinear(4, 2, seed: seed + 3)
    super.init()
  }

  override func forward(_ inputs: [Tensor]) throws -> Tensor {
    var x = try conv(inputs[0]).mean([2, 3])
    for block in blocks { x = try block(x) }
    return try head(plain(x))
  }
}

private func image(_ count: Int = 3) throws -> Tensor { try Tensor.randn([count, 1, 5, 5], seed: 7) }

@Suite("Modules")
struct ModuleTests {
  @Test("parameters are named by property, as torchmeta names them")
  func names() throws {
    #expect(
      Array(try Net().namedParameters().keys) == [
        "conv.weight", "conv.bias", "blocks.0.weight", "blocks.0.bias", "plain.weight", "plain.bias",
        "head.weight", "head.bias",
      ])
    #expect(
      Array(try Net().metaNamedParameters().keys) == [
        "conv.weight", "conv.bias", "blocks.0.weight", "blocks.0.bias", "head.weight", "head.bias",
      ])
    let blocks = (1...4).flatMap { layer in
      ["conv.weight", "conv.bias", "norm.weight", "norm.bias"].map { "features.layer\(layer).\($0)" }
    }
    #expect(
      Array(try modelConvOmniglot(5, hiddenSize: 4).namedParameters().keys)
        == blocks + ["classifier.weight", "classifier.bias"])
    #expect(
      Array(try modelMLPSinusoid().namedParameters().keys) == [
        "features.layer1.linear.weight", "features.layer1.linear.bias", "features.layer2.linear.weight",
        "features.layer2.linear.bias", "classifier.weight", "classifier.bias",
      ])
    #expect(
      Array(try MetaSequential(MetaLinear(1, 2), ReLU(), MetaLinear(2, 1)).namedParameters().keys) == [
        "0.weight", "0.bias", "2.weight", "2.bias",
      ])
  }

  @Test("replacements reach any depth, may be partial, nest, and are taken back")
  func replacement() throws {
    let net = try Net()
    let x = try image()
    let before = try net(x).toDoubles()
    let zeros = try Tensor.zeros([2, 4])
    let bias = try Tensor([3, 4], shape: [2], dtype: .float32)
    let replaced = try net(x, params: ["head.weight": zeros, "head.bias": bias])
    #expect(try replaced.toDoubles() == [3, 4, 3, 4, 3, 4])
    #expect(try net(x).toDoubles() == before)
    try net.withReplacements(["head.bias": bias]) {
      let inner = try net(x, params: ["head.weight": zeros])
      #expect(try inner.toDoubles() == [3, 4, 3, 4, 3, 4])
      #expect(try net(x).toDoubles() != before)
    }
    #expect(try net(x).toDoubles() == before)
    struct Stop: Error {}
    #expect(throws: Stop.self) { try net.withReplacements(["head.bias": bias]) { throw Stop() } }
    #expect(try net(x).toDoubles() == before)
  }

  @Test("replacements with a task axis give each task its own parameters")
  func tasks() throws {
    let layer = try MetaLinear(3, 2, dtype: .float64)
    let x = try Tensor.randn([4, 3], seed: 1, dtype: .float64)
    let weights = try (0..<3).map { try Tensor.randn([2, 3], seed: UInt64(10 + $0), dtype: .float64) }
    let all = try layer(x, params: ["weight": Tensor.stackTasks(weights)])
    #expect(all.taskCount == 3)
    for (task, weight) in weights.enumerated() {
      let one = try layer(x, params: ["weight": weight])
      #expect(try largestDifference(all.taskSlice(task), one) < 1e-14)
    }
  }

  @Test("an unknown, plain or misshaped replacement is refused by name")
  func refusals() throws {
    let net = try Net()
    let x = try image()
    func message(_ params: NamedTensors) throws -> String {
      let error = #expect(throws: NNError.self) { try net(x, params: params) }
      return try #require(error).description
    }
    let zeros = try Tensor.zeros([2])
    #expect(try message(["head.bais": zeros]).contains("did you mean \"head.bias\"?"))
    #expect(try message(["plain.bias": Tensor.zeros([4])]).contains("use MetaLinear"))
    #expect(try message(["head.bias": Tensor.zeros([3])]).contains("[2]"))
  }

  @Test("initial values are PyTorch's ranges and depend on the seed alone")
  func initialisation() throws {
    let layer = try Linear(100, 50, seed: 3)
    let values = try layer.weight.tensor.toDoubles()
    #expect(values.allSatisfy { abs($0) <= 0.1 })
    #expect(values.contains { $0 > 0.09 } && values.contains { $0 < -0.09 })
    #expect(try Linear(100, 50, seed: 3).weight.tensor.toDoubles() == values)
    #expect(try Linear(100, 50, seed: 4).weight.tensor.toDoubles() != values)
    let conv = try Conv2d(8, 4, kernelSize: 3, groups: 2, seed: 3)
    let bound = 1 / 36.0.squareRoot()
    #expect(try conv.weight.tensor.toDoubles().allSatisfy { abs($0) <= bound })
    #expect(try conv.weight.tensor.toDoubles().contains { abs($0) > 0.95 * bound })
    let model = try modelMLPSinusoid(seed: 1)
    let other = try modelMLPSinusoid(seed: 2)
    for (name, parameter) in model.namedParameters() {
      #expect(try parameter.tensor.toDoubles() != other.namedParameters()[name]?.tensor.toDoubles())
    }
  }

  /// Finds its children anew each time and runs a closure, as a front end's modules do.
  private final class Dynamic: Module {
    var parts: [(name: String, module: Module)] = []
    override var children: [(name: String, module: Module)] { parts }
    override var isMeta: Bool { true }
    override var className: String { "Pair" }
    override func forward(_ inputs: [Tensor]) throws -> Tensor {
      try parts.reduce(inputs[0] * inputs[1]) { try $1.module($0) }
    }
  }

  @Test("a module may change its children, and take several inputs")
  func dynamic() throws {
    let model = Dynamic()
    let x = try Tensor([1, 2], shape: [1, 2], dtype: .float32)
    #expect(model.namedParameters().isEmpty)
    #expect(try model(x, x).toDoubles() == [1, 4])
    model.parts.append(("layers.0", try MetaLinear(2, 1)))
    #expect(Array(model.metaNamedParameters().keys) == ["layers.0.weight", "layers.0.bias"])
    let fast: NamedTensors = [
      "layers.0.weight": try Tensor.ones([1, 2]), "layers.0.bias": try Tensor.ones([1]),
    ]
    #expect(try model([x, x], params: fast).toDoubles() == [6])
    let error = #expect(throws: NNError.self) { try model([x, x], params: ["layers.0.wait": x]) }
    #expect(error?.description.hasPrefix("Pair has no parameter") ?? false)
  }

  @Test("a copy is independent and keeps what is shared")
  func copying() throws {
    let layer = try MetaLinear(2, 2)
    let model = try MetaSequential(layer, ReLU(), layer)
    let copy = try #require(try model.copy() as? MetaSequential)
    #expect(copy.modules[0] === copy.modules[2])
    #expect(copy.namedParameters().count == 2)
    try layer.weight.assign(Tensor.zeros([2, 2]))
    #expect(try copy.namedParameters()["0.weight"]?.tensor.toDoubles() != [0, 0, 0, 0])
    #expect(throws: NNError.self) { try Net().copy() }
  }

  @Test("dtypes change in place, and the mode reaches all modules")
  func modes() throws {
    let model = try MetaConvModel(1, 2, hiddenSize: 2, featureSize: 2)
    try model.to(.float64)
    #expect(model.namedParameters().values.allSatisfy { $0.dtype == .float64 })
    #expect(throws: NNError.self) { try model.to(.int64) }
    model.eval()
    #expect(model.namedModules().allSatisfy { !$0.module.isTraining })
    model.train()
    #expect(model.namedModules().allSatisfy { $0.module.isTraining })
  }

  @Test("a summary has a row for each layer and counts its numbers")
  func summary() throws {
    let rows = try Net().summaryRows
    #expect(rows.map(\.name) == ["conv", "blocks.0", "blocks.1", "plain", "head"])
    #expect(rows.map(\.parameters) == [40, 20, 0, 20, 10])
    #expect(rows.map(\.isAdapted) == [true, true, false, false, true])
    #expect(try Net().parameterCount == 90)
    let text = try MetaSequential(MetaLinear(1, 2), ReLU()).description
    #expect(text == "MetaSequential(\n  (0): MetaLinear(1, 2, bias: true)\n  (1): ReLU()\n)")
  }

  @Test("inputs and arguments that do not fit are refused with what was expected")
  func inputs() throws {
    func refused(_ words: String, _ body: () throws -> Void) throws {
      let error = #expect(throws: NNError.self) { try body() }
      #expect(try #require(error).description.contains(words))
    }
    try refused("[.., 4]") { _ = try MetaLinear(4, 2)(Tensor.zeros([3, 5])) }
    try refused("[batch, 1, height, width]") {
      _ = try MetaConv2d(1, 2, kernelSize: 3)(Tensor.zeros([3, 2, 5, 5]))
    }
    try refused("at least 2") { _ = try MaxPool2d(2)(Tensor.zeros([1, 1, 1, 4])) }
    try refused("more than one value") { _ = try MetaBatchNorm1d(3)(Tensor.zeros([1, 3])) }
    try refused("1 input") { _ = try ReLU()(Tensor.zeros([1]), Tensor.zeros([1])) }
    try refused("padding 3 by `.reflect` does not fit an axis of 3") {
      _ = try Conv1d(1, 1, kernelSize: 3, padding: 3, paddingMode: .reflect)(Tensor.zeros([1, 1, 3]))
    }
    try refused("heads do not divide") { _ = try MetaMultiheadAttention(7, numHeads: 2) }
    try refused("no places") { _ = try MetaLSTM(2, 3)(Tensor.zeros([0, 1, 2])) }
    try refused("rise from 0") { _ = try MetaEmbeddingBag(3, 2)(Tensor([0, 1]), Tensor([1, 0])) }
    try refused("groups") { _ = try Conv2d(3, 4, kernelSize: 3, groups: 2) }
    try refused("kernelSize") { _ = try Conv2d(3, 4, kernelSize: [3, 3, 3]) }
    try refused("outFeatures") { _ = try Linear(1, -1) }
    #expect(throws: (any Error).self) { try Linear(Int.max, Int.max) }
    #expect(throws: (any Error).self) { try Conv2d(Int.max, 4, kernelSize: 3) }
  }
}

@Suite("Freezing")
struct FreezingTests {
  private func model() throws -> Module {
    try MetaSequential(MetaLinear(2, 2, seed: 1), Linear(2, 2, seed: 2))
  }

  @Test("patterns choose what is frozen, and one that fits nothing changes nothing")
  func patterns() throws {
    let model = try model()
    try model.freeze(["0.*", "*.bias"])
    #expect(model.frozenParameters.keys == ["0.weight", "0.bias", "1.bias"])
    #expect(model.trainableParameters.keys == ["1.weight"])
    #expect {
      try model.freeze(["1.weight", "2.*"])
    } throws: { "\($0)".contains("no parameter matches \"2.*\"; the model has \"0.weight\"") }
    #expect(model.trainableParameters.keys == ["1.weight"])
    try model.unfreeze(["0.*"])
    #expect(model.frozenParameters.keys == ["1.bias"])
    try model.unfreeze()
    #expect(model.frozenParameters.isEmpty)
  }

  @Test("a frozen parameter is a constant, which replacements may still stand in for")
  func constants() throws {
    let model = try model()
    try model.freeze(["0.*"])
    let x = try Tensor.randn([3, 2], seed: 3)
    let parameters = Array(model.namedParameters().values)
    let gradients = try gradient(of: model(x).sum(), wrt: parameters)
    #expect(gradients.unreached == [0, 1])
    let weight = try Tensor.randn([2, 2], seed: 4).asRecorded()
    #expect(try gradient(of: model(x, params: ["0.weight": weight]).sum(), wrt: [weight]).unreached.isEmpty)
  }

  @Test("optimizers leave it, copies keep it frozen, and the summary shows it")
  func elsewhere() throws {
    let model = try model()
    try model.freeze(["0.*"])
    let before = try model.namedParameters().values.map { try $0.tensor.toDoubles() }
    let optimizer = try AdamW(lr: 0.1)
    let ones = try model.namedParameters().values.map { try Tensor.ones($0.shape) }
    try optimizer.step(Array(model.namedParameters().values), gradients: ones)
    try optimizer.step(model, loss: model(Tensor.ones([1, 2])).sum())
    let after = try model.namedParameters().values.map { try $0.tensor.toDoubles() }
    #expect(zip(before, after).map { $0 == $1 } == [true, true, false, false])
    #expect(try model.copy().frozenParameters.keys == ["0.weight", "0.bias"])
    #expect(model.summaryRows.map(\.isFrozen) == [true, false])
    #expect(model.summaryRows.map(\.isAdapted) == [false, false])
  }
}
