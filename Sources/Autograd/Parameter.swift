import ArrayCore

/// What gradients can be asked for: a `Parameter` or a recorded tensor.
public protocol GradientTarget {
  /// The tensor whose place in the graph is meant.
  var gradientTensor: Tensor { get }
}

extension Tensor: GradientTarget {
  public var gradientTensor: Tensor { self }
}

/// A tensor that is learned: a leaf of every graph computed from it.
///
/// An optimizer swaps the whole tensor with `assign`; graphs recorded before keep the old numbers, and
/// gradients of old and new graphs belong to the same parameter. Not safe to change while another thread
/// computes with it.
public final class Parameter: GradientTarget, @unchecked Sendable {
  /// The current value; recorded as a leaf.
  public private(set) var tensor: Tensor
  /// Stands in for the parameter while a forward pass runs with replaced parameters.
  public var replacement: Tensor?
  /// Whether it stays as it is: a constant of every graph recorded from now on, which optimizers leave out.
  public var isFrozen = false

  /// A parameter that starts at `tensor`, a floating tensor without tasks.
  public init(_ tensor: Tensor) throws(TensorError) {
    try Parameter.check(tensor)
    self.tensor = Tensor(tensor.array, hasTasks: false, node: .leaf(like: tensor))
  }

  /// What a forward pass computes with.
  public var value: Tensor { replacement ?? (isFrozen ? tensor.detach() : tensor) }
  public var shape: Shape { tensor.shape }
  public var dtype: DType { tensor.dtype }
  public var gradientTensor: Tensor { tensor }

  /// Swaps the value for one of the same shape. A new dtype makes a new leaf: graphs recorded before no
  /// longer lead to this parameter.
  public func assign(_ new: Tensor) throws(TensorError) {
    try Parameter.check(new)
    guard new.shape == shape else { throw TensorError("assign", .shapesDiffer(shape, new.shape)) }
    let node = new.dtype == dtype ? tensor.node : nil
    tensor = Tensor(new.array, hasTasks: false, node: node ?? .leaf(like: new))
  }

  private static func check(_ tensor: Tensor) throws(TensorError) {
    guard tensor.dtype.isFloating else { throw TensorError("Parameter", .unsupportedDType(tensor.dtype)) }
    guard !tensor.hasTasks else { throw TensorError("Parameter", .needsTaskLoop) }
  }
}
