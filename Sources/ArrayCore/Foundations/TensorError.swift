/// Why an array or tensor operation could not be done: the operation, and the shapes or values it met.
///
/// Errors carry data; `TensorError+Words.swift` words them.
public struct TensorError: Error, Hashable, Sendable {
  /// The operation as the user knows it, such as `matmul`.
  public let operation: String
  /// What was wrong.
  public let kind: Kind

  public init(_ operation: String, _ kind: Kind) {
    self.operation = operation
    self.kind = kind
  }

  /// What was wrong, with the values that show it.
  public enum Kind: Hashable, Sendable {
    case shapesDoNotBroadcast(Shape, Shape)
    case shapesDiffer(Shape, Shape)
    case innerAxesDiffer(Shape, Shape)
    case rankTooLow(Shape, atLeast: Int)
    case rankTooHigh(Int)
    case axisOutOfRange(axis: Int, rank: Int)
    case repeatedAxis(Int)
    case indexOutOfRange(index: Int, count: Int)
    case sizeTooLarge(Shape)
    case negativeSize(Int)
    case elementCountDiffers(Shape, Shape)
    case outOfMemory(bytes: Int, available: Int)
    case integerOverflow
    case divisionByZero
    case unsupportedDType(DType)
    case dtypesDiffer(DType, DType)
    case emptyReduction(Shape)
    case notOneElement(Shape)
    /// A window of a convolution or pooling that does not fit; the words say which.
    case geometry(String)
    /// A number was asked of a tensor that stands for several tasks; the caller may loop over the tasks.
    case needsTaskLoop
    /// The user asked to stop.
    case cancelled
    /// Anything else, in words without the operation's name.
    case invalid(String)
  }
}
