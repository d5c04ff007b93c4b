import ArrayCore
import Autograd

/// What recurrent layers share: a state of `hiddenSize` that each place of a sequence changes in turn.
///
/// x is [L, N, inputSize] (with `batchFirst`, [N, L, inputSize]), the output the top layer's state at every place,
/// [L, N, hiddenSize]. The state begins with zeros, or with further inputs [layers, N, hiddenSize]. Parameters are named
/// and laid out as PyTorch's: `weight_ih_l0` [gates · hidden, input], `weight_hh_l0` [gates · hidden, hidden],
/// `bias_ih_l0`, `bias_hh_l0`, and so on; all from U(±1/√hidden).
open class Recurrent: Module {
  /// One layer's parameters.
  struct Layer {
    let inputWeight: Parameter
    let stateWeight: Parameter
    let inputBias: Parameter?
    let stateBias: Parameter?

    var parameters: [(name: String, parameter: Parameter)] {
      [("weight_ih", inputWeight), ("weight_hh", stateWeight)]
        + [("bias_ih", inputBias), ("bias_hh", stateBias)].compactMap { name, bias in bias.map { (name, $0) }
        }
    }
  }

  let layers: [Layer]
  public let inputSize: Int
  public let hiddenSize: Int
  public let batchFirst: Bool

  /// How many maps of the size of the state there are, and how many states.
  open class var gates: Int { 1 }
  open class var states: Int { 1 }

  public required init(
    _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    let type = String(describing: Self.self)
    try requireSize(inputSize, "inputSize", of: type)
    try requireSize(hiddenSize, "hiddenSize", of: type)
    try requireSize(numLayers, "numLayers", of: type)
    let (rows, overflow) = hiddenSize.multipliedReportingOverflow(by: Self.gates)
    guard !overflow, numLayers <= 1024 else {
      throw NNError.argument(type: type, reason: "so many layers or hidden numbers are out of range")
    }
    let bound = fanBound(hiddenSize)
    layers = try (0..<numLayers).map { layer in
      func draw(_ stream: UInt64, _ shape: [Int]) throws -> Parameter {
        try uniformParameter(
          Shape(shape), bound: bound, seed: derivedSeed(seed, layer), stream: stream, dtype: dtype)
      }
      return Layer(
        inputWeight: try draw(0, [rows, layer == 0 ? inputSize : hiddenSize]),
        stateWeight: try draw(1, [rows, hiddenSize]), inputBias: bias ? try draw(2, [rows]) : nil,
        stateBias: bias ? try draw(3, [rows]) : nil)
    }
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.batchFirst = batchFirst
    super.init()
  }

  public required init(copying other: Recurrent, _ copier: ModuleCopier) throws {
    layers = try other.layers.map { layer in
      Layer(
        inputWeight: try copier(layer.inputWeight), stateWeight: try copier(layer.stateWeight),
        inputBias: try layer.inputBias.map { try copier($0) },
        stateBias: try layer.stateBias.map { try copier($0) })
    }
    inputSize = other.inputSize
    hiddenSize = other.hiddenSize
    batchFirst = other.batchFirst
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  override open var ownParameters: [(name: String, parameter: Parameter)] {
    layers.enumerated().flatMap { index, layer in
      layer.parameters.map { (name: "\($0.name)_l\(index)", parameter: $0.parameter) }
    }
  }

  override open func drawParameters(seed: UInt64) throws {
    for (index, layer) in layers.enumerated() {
      for (stream, entry) in layer.parameters.enumerated() {
        let parameter = entry.parameter
        try parameter.assign(
          uniformParameter(
            parameter.shape, bound: fanBound(hiddenSize), seed: derivedSeed(seed, index),
            stream: UInt64(stream),
            dtype: parameter.dtype
          ).tensor)
      }
    }
  }

  override open var settings: String {
    "\(inputSize), \(hiddenSize)" + (layers.count > 1 ? ", numLayers: \(layers.count)" : "")
      + (layers[0].inputBias == nil ? ", bias: false" : "") + (batchFirst ? ", batchFirst: true" : "")
  }

  override open var hasPureForward: Bool { true }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    let states = Self.states
    guard inputs.count == 1 || inputs.count == 1 + states else {
      throw NNError.inputCount(module: className, expected: 1 + states, found: inputs.count)
    }
    let x = inputs[0]
    guard x.rank == 3, x.shape[2] == inputSize else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))",
        expected: batchFirst ? "[batch, length, \(inputSize)]" : "[length, batch, \(inputSize)]",
        found: x.shape)
    }
    var sequence = batchFirst ? try x.permute([1, 0, 2]) : x
    guard sequence.shape[0] > 0 else {
      throw NNError.argument(type: className, reason: "the sequence has no places")
    }
    let first = [layers.count, sequence.shape[1], hiddenSize]
    for state in inputs.dropFirst() where Array(state.shape) != first {
      throw NNError.inputShape(
        module: "the first state of \(className)(\(settings))", expected: "\(first)", found: state.shape)
    }
    for (index, layer) in layers.enumerated() {
      let zeros = try Tensor.zeros([sequence.shape[1], hiddenSize], dtype: x.dtype)
      var state = try (0..<states).map { try inputs.count > 1 ? inputs[1 + $0].at(index) : zeros }
      // What the inputs contribute does not depend on the state: one product for the whole sequence.
      let mapped = try linear(sequence, layer.inputWeight.value, layer.inputBias?.value)
      var outputs: [Tensor] = []
      for place in 0..<mapped.shape[0] {
        let recurrent = try linear(state[0], layer.stateWeight.value, layer.stateBias?.value)
        state = try step(mapped.at(place), recurrent, state)
        outputs.append(state[0])
      }
      sequence = try stack(outputs)
    }
    return batchFirst ? try sequence.permute([1, 0, 2]) : sequence
  }

  /// The states after one place: from what the input and what the state contribute to the gates, [N, gates · hidden].
  func step(_ input: Tensor, _ recurrent: Tensor, _ state: [Tensor]) throws -> [Tensor] {
    throw NNError.notImplemented(module: className, method: "step")
  }

  /// The part of a map that belongs to one gate.
  final func gate(_ number: Int, _ map: Tensor) throws -> Tensor {
    try map.slice(axis: 1, from: number * hiddenSize, to: (number + 1) * hiddenSize)
  }
}

/// Long short-term memory. With σ the logistic function, of the parts of W_ih x + b_ih + W_hh h + b_hh:
///
/// i = σ(…), f = σ(…), g = tanh(…), o = σ(…); c ← f ⊙ c + i ⊙ g; h ← o ⊙ tanh(c)
///
/// Further inputs are the first h and c. Hochreiter and Schmidhuber 1997; PyTorch's `LSTM`, every order of derivative.
open class LSTM: Recurrent {
  override open class var gates: Int { 4 }
  override open class var states: Int { 2 }

  override func step(_ input: Tensor, _ recurrent: Tensor, _ state: [Tensor]) throws -> [Tensor] {
    let map = try input + recurrent
    let new = try sigmoid(gate(0, map)) * tanh(gate(2, map))
    let cell = try sigmoid(gate(1, map)) * state[1] + new
    return [try sigmoid(gate(3, map)) * tanh(cell), cell]
  }
}

/// Gated recurrent unit. With σ the logistic function:
///
/// r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz),
/// n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)); h ← (1 − z) ⊙ n + z ⊙ h
///
/// A further input is the first h. Cho et al. 2014; PyTorch's `GRU`, every order of derivative.
open class GRU: Recurrent {
  override open class var gates: Int { 3 }

  override func step(_ input: Tensor, _ recurrent: Tensor, _ state: [Tensor]) throws -> [Tensor] {
    let reset = try sigmoid(gate(0, input) + gate(0, recurrent))
    let update = try sigmoid(gate(1, input) + gate(1, recurrent))
    let new = try tanh(gate(2, input) + reset * gate(2, recurrent))
    return [try new + update * (state[0] - new)]
  }
}

/// ``LSTM`` whose parameters the inner loop adapts.
public final class MetaLSTM: LSTM, MetaModule {}

/// ``GRU`` whose parameters the inner loop adapts.
public final class MetaGRU: GRU, MetaModule {}
