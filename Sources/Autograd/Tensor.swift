import ArrayCore

/// An immutable array of numbers that remembers how it was computed.
///
/// A tensor may carry a hidden *task axis*: `shape`, axis numbers, indexing and reductions do not count
/// it, and every operation works on each task by itself (as under JAX's `vmap`). Operands without a task
/// axis are shared by all tasks. The axis is the first one of `array`.
///
/// What derives from a `Parameter`, or from the argument of a `gradient(at:)` closure, is recorded;
/// `gradient(of:wrt:)` differentiates it. Integer tensors are never recorded.
///
/// Tensors may be read from any thread.
public final class Tensor: @unchecked Sendable {
  /// The numbers; the task axis, when there is one, comes first.
  package let array: NDArray
  /// Whether the first axis of `array` is the hidden task axis.
  package let hasTasks: Bool
  /// Where in a recorded graph this tensor stands. Changed only while the last reference goes away.
  @exclusivity(unchecked)
  package internal(set) var node: Node?
  /// Whether the numbers say yes or no: the result of a comparison, or a product of such. As an index it chooses the
  /// elements where it is 1.
  public let isMask: Bool

  package init(_ array: NDArray, hasTasks: Bool, node: Node? = nil, isMask: Bool = false) {
    self.array = array
    self.hasTasks = hasTasks
    self.node = node
    self.isMask = isMask
  }

  /// A constant holding `array`.
  public init(_ array: NDArray) {
    self.array = array
    self.hasTasks = false
    self.node = nil
    self.isMask = false
  }

  /// The sizes of the axes, without the hidden task axis.
  public var shape: Shape { hasTasks ? array.shape.removing(at: 0) : array.shape }

  /// The number of axes, without the hidden task axis.
  public var rank: Int { array.rank - (hasTasks ? 1 : 0) }

  /// The number of elements of one task.
  public var count: Int { shape.elementCount }

  public var dtype: DType { array.dtype }

  /// The number of tasks, nil for a tensor that has no task axis.
  public var taskCount: Int? { hasTasks ? array.shape[0] : nil }

  /// Whether this tensor derives from something gradients can be asked for.
  public var isRecorded: Bool { node != nil }

  /// The same numbers as a constant: no derivative flows through it.
  public func detach() -> Tensor {
    node == nil ? self : Tensor(array, hasTasks: hasTasks)
  }

  /// What gradients can be asked for: itself where it is recorded, else the same numbers as a new leaf.
  package func asRecorded() -> Tensor {
    isRecorded ? self : Tensor(array, hasTasks: hasTasks, node: .leaf(like: self))
  }

  /// The number of the physical axis for the logical one.
  @inline(__always)
  func physical(_ axis: Int) -> Int { hasTasks ? axis + 1 : axis }

  /// `shape` with this tensor's task axis, if any, in front.
  func physicalShape(_ shape: Shape) throws(TensorError) -> Shape {
    hasTasks ? try shape.inserting(array.shape[0], at: 0) : shape
  }

  /// The axis number counted from the front; `extra` admits that many positions more.
  func normalized(_ axis: Int, _ operation: String, extra: Int = 0) throws(TensorError) -> Int {
    let limit = rank + extra
    guard axis >= -limit, axis < limit else {
      throw TensorError(operation, .axisOutOfRange(axis: axis, rank: rank))
    }
    return axis < 0 ? axis + limit : axis
  }
}
