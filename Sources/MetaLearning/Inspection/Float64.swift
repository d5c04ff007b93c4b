import ArrayCore
import Autograd

extension Tensor {
  /// The same numbers as a constant, floating ones in float64.
  func inFloat64() throws -> Tensor { dtype.isFloating ? try detach().cast(to: .float64) : self }
}

extension Samples {
  func inFloat64() throws -> Samples { try Samples(inputs.inFloat64(), targets.inFloat64()) }
}
