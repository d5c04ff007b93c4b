import ArrayCore
import Autograd

/// A parameter drawn from U(−bound, bound).
///
/// PyTorch's default for linear and convolution layers is `kaiming_uniform` with a = √5, which is
/// bound = √(6 / ((1 + 5) · fanIn)) = 1/√fanIn, for the weight and for the bias.
func uniformParameter(
  _ shape: Shape, bound: Double, seed: UInt64, stream: UInt64, dtype: DType
) throws -> Parameter {
  let key = RandomKey(seed: seed, stream: stream)
  return try Parameter(Tensor(NDArray.uniform(shape, low: -bound, high: bound, key: key, dtype)))
}

/// 1/√fanIn, 0 for a layer without inputs.
func fanBound(_ fanIn: Int) -> Double { fanIn > 0 ? 1 / Double(fanIn).squareRoot() : 0 }

/// New starting values for a layer's weight and bias, from the streams its initializer uses.
func drawUniform(_ weight: Parameter, _ bias: Parameter?, fanIn: Int, seed: UInt64) throws {
  for (stream, parameter) in [weight, bias].enumerated() {
    guard let parameter else { continue }
    try parameter.assign(
      uniformParameter(
        parameter.shape, bound: fanBound(fanIn), seed: seed, stream: UInt64(stream), dtype: parameter.dtype
      ).tensor)
  }
}

extension Module {
  /// Draws the starting values of all parameters inside anew, each module's from a seed of its own.
  public final func redraw(seed: UInt64) throws {
    for (index, part) in namedModules().enumerated() {
      try part.module.drawParameters(seed: derivedSeed(seed, index))
    }
  }

  /// The only input; another count is refused.
  package final func single(_ inputs: [Tensor]) throws -> Tensor {
    guard inputs.count == 1 else {
      throw NNError.inputCount(module: className, expected: 1, found: inputs.count)
    }
    return inputs[0]
  }
}

/// Refuses sizes below `least`.
func requireSize(_ value: Int, _ name: String, atLeast least: Int = 1, of type: String) throws {
  guard value >= least else {
    throw NNError.argument(type: type, reason: "\(name) is \(value), it must be at least \(least)")
  }
}
