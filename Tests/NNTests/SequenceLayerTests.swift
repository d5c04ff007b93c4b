import ArrayCore
import Autograd
import NN
import TestSupport
import Testing

@Suite("Sequence layers")
struct SequenceLayerTests {
  /// Parameter number k holds sin(0.7 i + k).
  private func filled<Layer: Module>(_ layer: Layer) throws -> Layer {
    for (k, entry) in layer.namedParameters().enumerated() {
      let count = entry.value.shape.elementCount
      let values = (0..<count).map { i in 0.7 * Double(i) + Double(k) }
      try entry.value.assign(sin(Tensor(NDArray(values, entry.value.shape))))
    }
    return layer
  }

  private func sequence() throws -> Tensor {
    try cos(Tensor(NDArray((0..<16).map { 0.3 * Double($0) }, [4, 2, 2])))
  }

  @Test("LSTM and GRU of two layers give PyTorch's numbers")
  func values() throws {
    let lstm = try filled(MetaLSTM(2, 3, numLayers: 2, dtype: .float64))
    let y = try lstm(sequence())
    #expect(y.shape == [4, 2, 3])
    #expect(
      try isClose(
        y.at(3),
        [-0.6149863883, -0.4296192386, -0.1025649403, -0.6048487463, -0.4191919207, -0.0666313252], 1e-9))
    #expect(try isClose((y * y).sum(), [3.610965456146502]))
    let gru = try filled(MetaGRU(2, 3, numLayers: 2, dtype: .float64))
    let z = try gru(sequence())
    #expect(
      try isClose(
        z.at(3), [-0.9015505765, -0.7607582646, 0.246990758, -0.917157859, -0.720439651, 0.1634850304], 1e-9))
    #expect(try isClose((z * z).sum(), [7.639376282429859]))
  }

  @Test("the batch can come first, and the state can be given")
  func forms() throws {
    let plain = try filled(MetaLSTM(2, 3, dtype: .float64))
    let batchFirst = try filled(MetaLSTM(2, 3, batchFirst: true, dtype: .float64))
    let x = try sequence()
    let y = try plain(x)
    #expect(try isClose(batchFirst(x.permute([1, 0, 2])).permute([1, 0, 2]), y.toDoubles()))
    let zeros = try Tensor.zeros([1, 2, 3], dtype: .float64)
    #expect(try isClose(plain(x, zeros, zeros), y.toDoubles()))
    #expect(try plain(x, zeros + 1, zeros).toDoubles() != y.toDoubles())
    let attention = try MetaMultiheadAttention(4, numHeads: 2, dtype: .float64)
    let words = try Tensor(NDArray.normal([3, 2, 4], key: RandomKey(seed: 1, stream: 0), .float64))
    #expect(try isClose(attention(words), attention(words, words, words).toDoubles()))
    let hidden = try Tensor([0, 0, -Double.infinity, 0, 0, -.infinity, 0, 0, -.infinity], shape: [3, 3])
    let masked = try attention(words, words, words, hidden)
    let shorter = try words.slice(axis: 0, from: 0, to: 2)
    #expect(try isClose(masked, attention(words, shorter, shorter).toDoubles()))
  }

  @Test(
    "derivatives of first and second order agree with differences",
    arguments: ["LSTM", "GRU", "attention", "bag", "reflect", "replicate", "circular"])
  func derivatives(name: String) throws {
    let x =
      try name == "attention"
      ? Tensor(NDArray.normal([3, 2, 4], key: RandomKey(seed: 1, stream: 0), .float64)) : sequence()
    let image = try Tensor(NDArray.normal([1, 2, 4, 3], key: RandomKey(seed: 2, stream: 0), .float64))
    let layer: Module =
      switch name {
      case "LSTM": try filled(MetaLSTM(2, 2, dtype: .float64))
      case "GRU": try filled(MetaGRU(2, 2, dtype: .float64))
      case "attention": try filled(MetaMultiheadAttention(4, numHeads: 2, dtype: .float64))
      case "bag": try filled(MetaEmbeddingBag(5, 2, mode: .max, dtype: .float64))
      default:
        try MetaConv2d(
          2, 2, kernelSize: 3, stride: 2, padding: 2, paddingMode: #require(PaddingMode(rawValue: name)),
          dtype: .float64)
      }
    let names = Array(layer.namedParameters().keys)
    let parameters = layer.namedParameters().values.map { $0.tensor }
    try checkGradient(at: [["reflect", "replicate", "circular"].contains(name) ? image : x] + parameters) {
      values in
      let params = NamedTensors(uniqueKeysWithValues: zip(names, values.dropFirst()))
      guard name == "bag" else { return try layer([values[0]], params: params) }
      return try layer([Tensor([0, 3, 3, 1, 4]), Tensor([0, 2, 2])], params: params)
    }
  }

  @Test("bags of different sizes, and empty ones")
  func bags() throws {
    let table = try Tensor([1, 2, 3, 40, 5, 6], shape: [3, 2])
    for (mode, expected) in [
      (EmbeddingBag.Mode.sum, [4, 42, 0, 0, 5, 6]), (.mean, [2, 21, 0, 0, 5, 6]),
      (.max, [3, 40, 0, 0, 5, 6]),
    ] as [(EmbeddingBag.Mode, [Double])] {
      let bag = try MetaEmbeddingBag(3, 2, mode: mode)
      try bag.weight.assign(table)
      #expect(try isClose(bag(Tensor([0, 1, 2]), Tensor([0, 2, 2])), expected))
    }
  }

  @Test("padding shows what PyTorch's modes show")
  func padding() throws {
    for (mode, first) in [
      (PaddingMode.reflect, [6, 5, 4, 5, 6, 7, 6, 5]), (.replicate, [0, 0, 0, 1, 2, 3, 3, 3]),
      (.circular, [10, 11, 8, 9, 10, 11, 8, 9]),
    ] as [(PaddingMode, [Double])] {
      let identity = try Conv2d(
        1, 1, kernelSize: [1, 1], padding: [1, 2], bias: false, paddingMode: mode, dtype: .float64)
      try identity.weight.assign(Tensor.ones([1, 1, 1, 1], dtype: .float64))
      let x = try Tensor(NDArray((0..<12).map(Double.init), [1, 1, 3, 4]))
      let y = try identity(x)
      #expect(y.shape == [1, 1, 5, 8])
      #expect(try isClose(y.slice(axis: 2, from: 0, to: 1), first))
    }
  }
}
