/// The one place that words errors of arrays and tensors.
extension TensorError: CustomStringConvertible {
  public var description: String {
    operation.isEmpty ? kind.words : "\(operation): \(kind.words)"
  }
}

extension TensorError.Kind {
  var words: String {
    switch self {
    case .shapesDoNotBroadcast(let a, let b):
      return "shapes \(a) and \(b) do not broadcast\(Self.firstClash(a, b))"
    case .shapesDiffer(let a, let b):
      return "shapes \(a) and \(b) must be equal"
    case .innerAxesDiffer(let a, let b):
      return "shapes \(a) and \(b) do not fit: the last axis of the left (\(a.last ?? 1)) "
        + "must equal the second-last of the right (\(b.rank > 1 ? b[b.rank - 2] : 1))"
    case .rankTooLow(let shape, let least):
      return "needs at least \(least) \(least == 1 ? "axis" : "axes"), but the shape is \(shape)"
    case .rankTooHigh(let rank):
      return "would need \(rank) axes; arrays have at most \(Shape.maximumRank)"
    case .axisOutOfRange(let axis, let rank):
      return rank == 0
        ? "axis \(axis) does not exist: a scalar has no axes"
        : "axis \(axis) does not exist: with \(rank) \(rank == 1 ? "axis" : "axes"), "
          + "it can be \(-rank) to \(rank - 1)"
    case .repeatedAxis(let axis):
      return "axis \(axis) is given twice"
    case .indexOutOfRange(let index, let count):
      return count <= 0
        ? "index \(index) is out of range: the axis is empty"
        : "index \(index) is out of range: the axis has \(count), so it can be 0 to \(count - 1)"
    case .sizeTooLarge(let shape):
      return "the shape \(shape) has more elements than memory can address"
    case .negativeSize(let size):
      return "a size cannot be negative (\(size))"
    case .elementCountDiffers(let a, let b):
      return "the shape \(a) has \(Self.elements(a)), the shape \(b) has \(Self.elements(b))"
    case .outOfMemory(let bytes, let available):
      return "needs \(Self.memory(bytes)) of memory, but \(Self.memory(available)) are available"
    case .integerOverflow:
      return "a result does not fit in int64"
    case .divisionByZero:
      return "an int64 was divided by zero"
    case .unsupportedDType(let dtype):
      return "does not take \(dtype.name)"
    case .dtypesDiffer(let a, let b):
      return "the types \(a.name) and \(b.name) must be equal"
    case .emptyReduction(let shape):
      return "has no value over an empty axis of shape \(shape)"
    case .notOneElement(let shape):
      return "needs exactly one element, but the shape is \(shape)"
    case .geometry(let words), .invalid(let words):
      return words
    case .needsTaskLoop:
      return "a single number does not exist for several tasks at once"
    case .cancelled:
      return "interrupted"
    }
  }

  private static func firstClash(_ a: Shape, _ b: Shape) -> String {
    var back = 1
    while back <= Swift.min(a.rank, b.rank) {
      let p = a[a.rank - back]
      let q = b[b.rank - back]
      if p != q && p != 1 && q != 1 {
        return ": \(p) and \(q) meet at axis -\(back)"
      }
      back += 1
    }
    return ""
  }

  private static func elements(_ shape: Shape) -> String {
    let count = shape.elementCount
    return count == 1 ? "1 element" : "\(count) elements"
  }

  private static func memory(_ bytes: Int) -> String {
    if bytes < 1 << 20 { return "\(bytes) bytes" }
    let tenths = (bytes >> 20) < 1024 ? bytes / ((1 << 20) / 10) : bytes / ((1 << 30) / 10)
    return "\(tenths / 10).\(tenths % 10) \((bytes >> 20) < 1024 ? "MB" : "GB")"
  }
}
