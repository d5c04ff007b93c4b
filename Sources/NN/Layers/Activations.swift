import ArrayCore
import Autograd

/// A module without parameters: a function of one tensor.
open class FunctionModule: Module {
  /// The function that it computes.
  open func apply(_ x: Tensor) throws -> Tensor {
    throw NNError.notImplemented(module: className, method: "apply")
  }

  override open var hasPureForward: Bool { true }

  override public final func forward(_ inputs: [Tensor]) throws -> Tensor { try apply(single(inputs)) }

  /// It holds nothing that changes, so the copy may be itself.
  override open func makeCopy(_ copier: ModuleCopier) throws -> Module { self }
}

/// max(x, 0); its derivative at 0 is 0.
public final class ReLU: FunctionModule {
  override public func apply(_ x: Tensor) throws -> Tensor { try relu(x) }
}

/// The hyperbolic tangent.
public final class Tanh: FunctionModule {
  override public func apply(_ x: Tensor) throws -> Tensor { try tanh(x) }
}

/// 1 / (1 + e⁻ˣ).
public final class Sigmoid: FunctionModule {
  override public func apply(_ x: Tensor) throws -> Tensor { try sigmoid(x) }
}

/// x · Φ(x), with the normal distribution function Φ. Hendrycks and Gimpel 2016.
public final class GELU: FunctionModule {
  override public func apply(_ x: Tensor) throws -> Tensor { try gelu(x) }
}

/// x for x > 0, slope · x otherwise.
public final class LeakyReLU: FunctionModule {
  public let slope: Double
  public init(_ slope: Double = 0.01) { self.slope = slope }
  override public var settings: String { "\(slope)" }
  override public func apply(_ x: Tensor) throws -> Tensor { try leakyRelu(x, slope) }
}

/// x for x > 0, alpha · (eˣ − 1) otherwise. Clevert, Unterthiner and Hochreiter 2015.
public final class ELU: FunctionModule {
  public let alpha: Double
  public init(_ alpha: Double = 1) { self.alpha = alpha }
  override public var settings: String { "\(alpha)" }
  override public func apply(_ x: Tensor) throws -> Tensor { try elu(x, alpha) }
}

/// eˣ / Σ eˣ along an axis.
public final class Softmax: FunctionModule {
  public let axis: Int
  public init(axis: Int = -1) { self.axis = axis }
  override public var settings: String { "axis: \(axis)" }
  override public func apply(_ x: Tensor) throws -> Tensor { try softmax(x, axis: axis) }
}

/// log(eˣ / Σ eˣ) along an axis.
public final class LogSoftmax: FunctionModule {
  public let axis: Int
  public init(axis: Int = -1) { self.axis = axis }
  override public var settings: String { "axis: \(axis)" }
  override public func apply(_ x: Tensor) throws -> Tensor { try logSoftmax(x, axis: axis) }
}

/// All axes from `startAxis` on as one: [n, c, h, w] to [n, c·h·w].
public final class Flatten: FunctionModule {
  public let startAxis: Int
  public init(startAxis: Int = 1) { self.startAxis = startAxis }
  override public func apply(_ x: Tensor) throws -> Tensor { try x.flatten(from: startAxis) }
}
