/// The sizes of an array's axes (or its strides), at most eight of them, held without a heap allocation.
///
///     let shape: Shape = [25, 10, 40]
///     shape.elementCount  // 10000
///
/// A scalar has the empty shape `[]` and one element.
public struct Shape: Sendable {
  /// The most axes an array may have.
  public static let maximumRank = 8

  @usableFromInline var sizes: InlineArray<8, Int>
  /// The number of axes.
  public private(set) var rank: Int

  /// The shape of a scalar.
  public init() {
    sizes = InlineArray(repeating: 0)
    rank = 0
  }

  /// A shape of the given sizes.
  /// - Throws: `rankTooHigh` beyond eight axes.
  public init(_ sizes: some Sequence<Int>) throws(TensorError) {
    self.init()
    for size in sizes {
      if rank == Self.maximumRank { throw TensorError("shape", .rankTooHigh(rank + 1)) }
      append(size)
    }
  }

  /// A shape of `count` equal sizes.
  /// - Throws: `rankTooHigh` beyond eight axes.
  public init(repeating size: Int, count: Int) throws(TensorError) {
    if count > Self.maximumRank { throw TensorError("shape", .rankTooHigh(count)) }
    self.init(uncheckedRepeating: size, count: count)
  }

  init(uncheckedRepeating size: Int, count: Int) {
    sizes = InlineArray(repeating: size)
    rank = count
  }

  /// Adds a last axis; the caller knows that there is room.
  mutating func append(_ size: Int) {
    sizes[rank] = size
    rank += 1
  }

  /// The product of the sizes, 1 for a scalar. It wraps around on overflow, which no array's own shape does;
  /// for sizes that a user chose ask `checkedElementCount`.
  public var elementCount: Int {
    var product = 1
    for axis in 0..<rank { product &*= sizes[axis] }
    return product
  }

  /// The product of the sizes.
  /// - Throws: `negativeSize`, or `sizeTooLarge` when the product, in bytes of the widest type, overflows.
  public func checkedElementCount(_ operation: String = "shape") throws(TensorError) -> Int {
    var product = 1
    var hasZero = false
    for axis in 0..<rank {
      if sizes[axis] < 0 { throw TensorError(operation, .negativeSize(sizes[axis])) }
      if sizes[axis] == 0 {
        hasZero = true
        continue
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: sizes[axis])
      if overflow || next > Int.max / 16 { throw TensorError(operation, .sizeTooLarge(self)) }
      product = next
    }
    return hasZero ? 0 : product
  }

  /// The strides of a row-major array of this shape.
  var rowMajorStrides: Shape {
    var strides = self
    var stride = 1
    var axis = rank - 1
    while axis >= 0 {
      strides.sizes[axis] = stride
      stride &*= Swift.max(sizes[axis], 1)
      axis -= 1
    }
    return strides
  }

  /// The sizes as an ordinary array.
  public var array: [Int] { Array(self) }
}

extension Shape: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { rank }
  public var count: Int { rank }

  public subscript(axis: Int) -> Int {
    get { sizes[axis] }
    set { sizes[axis] = newValue }
  }
}

extension Shape: Hashable {
  public static func == (a: Shape, b: Shape) -> Bool {
    if a.rank != b.rank { return false }
    for axis in 0..<a.rank where a.sizes[axis] != b.sizes[axis] { return false }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank { hasher.combine(sizes[axis]) }
  }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// A literal is written by a programmer, who sees at once when it has more than eight sizes; further ones
  /// are left out.
  public init(arrayLiteral elements: Int...) {
    self.init()
    for size in elements.prefix(Self.maximumRank) { append(size) }
  }

  public var description: String {
    "[" + map(String.init).joined(separator: ", ") + "]"
  }
}
