/// An n-dimensional array of float32, float64 or int64, at most eight axes.
///
/// The value is a view: a storage, an offset, a size and a stride (in elements) for each axis. Slices,
/// permutations and broadcasts share the storage of what they were made from; nothing outside this module can
/// change an element, so sharing is never seen. Arrays may be used from any thread.
///
/// Every operation throws `TensorError` and never traps. Empty arrays (an axis of size 0) and scalars (no axes)
/// work in all of them. Axes may be counted from the end with negative numbers.
public struct NDArray: @unchecked Sendable {
  let storage: Storage
  let offset: Int
  /// The size of each axis.
  public let shape: Shape
  /// The distance, in elements, between neighbours along each axis; 0 where an axis was broadcast.
  public let strides: Shape
  /// The type of the elements.
  public let dtype: DType

  init(storage: Storage, offset: Int, shape: Shape, strides: Shape, dtype: DType) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.dtype = dtype
  }

  /// A row-major array with undefined content.
  init(
    uninitialized shape: Shape, _ dtype: DType, _ operation: String, in arena: Arena? = Capture.current?.arena
  ) throws(TensorError) {
    let count = try shape.checkedElementCount(operation)
    storage = try Storage(count, dtype, operation, in: arena)
    offset = 0
    self.shape = shape
    strides = shape.rowMajorStrides
    self.dtype = dtype
  }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The number of elements.
  public var elementCount: Int { shape.elementCount }

  /// True when the elements lie in row-major order without gaps.
  public var isContiguous: Bool {
    var expected = 1
    var axis = shape.rank - 1
    while axis >= 0 {
      let size = shape[axis]
      if size != 1 {
        if size == 0 { return true }
        if strides[axis] != expected { return false }
        expected &*= size
      }
      axis -= 1
    }
    return true
  }

  /// True when the elements lie without gaps or repeats, in any order of the axes (such as NHWC data seen as
  /// NCHW).
  public var isDense: Bool {
    if isContiguous { return true }
    var expected = 1
    var remaining = 0
    for axis in 0..<rank where shape[axis] != 1 { remaining |= 1 << axis }
    while remaining != 0 {
      var found = false
      for axis in 0..<rank where remaining & (1 << axis) != 0 && strides[axis] == expected {
        remaining &= ~(1 << axis)
        expected &*= shape[axis]
        found = true
        break
      }
      if !found { return false }
    }
    return true
  }

  /// Which memory the elements lie in, and its size in bytes: views of one array have it in common.
  package var memory: (id: ObjectIdentifier, bytes: Int) { (ObjectIdentifier(storage), storage.byteCount) }

  /// The address of the element at index 0 of every axis.
  var address: UnsafeMutableRawPointer {
    Capture.use(storage)
    return storage.pointer + offset * dtype.byteSize
  }

  /// The elements' address as `Element`; the caller has looked at `dtype`.
  func pointer<Element>(_: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: Element.self)
  }

  /// Whether both are views of the same memory, as slices of one array are.
  public func sharesMemory(with other: NDArray) -> Bool { storage === other.storage }

  /// The same storage seen with another shape and strides.
  func view(_ shape: Shape, _ strides: Shape, offset: Int = 0) -> NDArray {
    NDArray(storage: storage, offset: self.offset + offset, shape: shape, strides: strides, dtype: dtype)
  }
}
