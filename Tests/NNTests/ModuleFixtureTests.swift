import ArrayCore
import Autograd
import NN
import TestSupport
import Testing

/// The module that a reference file was made with, by the file's name.
private func referenceModule(_ name: String) throws -> Module {
  switch name {
  case "linear": try MetaLinear(5, 3)
  case "bilinear": try MetaBilinear(3, 4, 2)
  case "conv1d": try MetaConv1d(4, 6, kernelSize: 3, stride: 2, padding: 2, dilation: 2, groups: 2)
  case "conv2d": try MetaConv2d(3, 4, kernelSize: 3, padding: 1)
  case "conv2d_strided":
    try MetaConv2d(2, 4, kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], groups: 2, bias: false)
  case "conv3d": try MetaConv3d(2, 3, kernelSize: 2, padding: 1)
  case "batchnorm1d": try MetaBatchNorm1d(4)
  case "batchnorm2d": try MetaBatchNorm2d(3)
  case "batchnorm3d": try MetaBatchNorm3d(2)
  case "layernorm": try MetaLayerNorm([3, 4])
  case "conv2d_circular": try MetaConv2d(2, 3, kernelSize: 3, padding: 1, paddingMode: .circular)
  case "embedding": try MetaEmbedding(7, 4)
  case "embedding_bag_sum": try MetaEmbeddingBag(7, 4, mode: .sum)
  case "embedding_bag_mean": try MetaEmbeddingBag(7, 4, mode: .mean)
  case "embedding_bag_max": try MetaEmbeddingBag(7, 4, mode: .max)
  case "multihead_attention": try MetaMultiheadAttention(8, numHeads: 2)
  case "max_pool2d": try MaxPool2d(2)
  case "avg_pool2d": try AvgPool2d(2)
  case "softmax": Softmax()
  case "log_softmax": LogSoftmax()
  case "sigmoid": Sigmoid()
  case "gelu": GELU()
  case "elu": ELU()
  default: LeakyReLU(0.1)
  }
}

@Suite("Modules agree with PyTorch", .enabled(if: SharedFiles.arePresent, "\(SharedFiles.missing)"))
struct ModuleFixtureTests {
  static let names = [
    "linear", "bilinear", "conv1d", "conv2d", "conv2d_strided", "conv2d_circular", "conv3d", "batchnorm1d",
    "batchnorm2d",
    "batchnorm3d", "layernorm", "embedding", "embedding_bag_sum", "embedding_bag_mean", "embedding_bag_max",
    "multihead_attention", "max_pool2d", "avg_pool2d", "softmax", "log_softmax", "sigmoid",
    "gelu", "elu", "leaky_relu",
  ]

  @Test("values, gradients and second derivatives", arguments: names, [DType.float64, .float32])
  func reference(name: String, dtype: DType) throws {
    let fixture = try ReferenceFile("module_" + name)
    let module = try referenceModule(name).to(dtype)
    try module.load(fixture.part("param", dtype))
    var inputs: [Tensor] = []
    var leaves: [(name: String, target: any GradientTarget)] = []
    // Attention takes query, key and value; the file has its names in order of the alphabet.
    let given = try fixture.part("in", dtype)
    let order = given.keys.contains("q") ? ["q", "k", "v"] : Array(given.keys)
    for name in order {
      let value = try #require(given[name])
      guard value.dtype.isFloating else {
        inputs.append(value)
        continue
      }
      let leaf = try Parameter(value)
      inputs.append(leaf.value)
      leaves.append((name, leaf))
    }
    for (name, parameter) in module.namedParameters() { leaves.append((name, parameter)) }
    let y = try module(inputs)
    let c = try fixture.tensor("aux.c", dtype)
    let loss = try (y * c).sum() + (y * y * c).sum() * 0.5
    let gradients = try gradient(of: loss, wrt: leaves.map(\.target), createGraph: true)
    var slope = try Tensor(0, dtype: dtype)
    for (index, leaf) in leaves.enumerated() {
      slope = try slope + (gradients[index] * fixture.tensor("aux.d.\(leaf.name)", dtype)).sum()
    }
    let second = try gradient(of: slope, wrt: leaves.map(\.target))
    func check(_ found: Tensor, _ expected: String) throws {
      let difference = try relativeDifference(found, fixture.tensor(expected, .float64), dtype)
      #expect(difference <= tolerance(dtype), "\(name) \(expected)")
    }
    try check(y, "out.y")
    try check(loss, "out.loss")
    for (index, leaf) in leaves.enumerated() {
      try check(gradients[index], "grad.\(leaf.name)")
      try check(second[index], "grad2.\(leaf.name)")
    }
  }
}
