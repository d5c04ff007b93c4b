/// The memory behind one or several arrays. It goes back to where it came from with the last of them: the
/// allocator's cache, or the arena of the capture that was being made.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let arena: Arena?
  /// How many bytes were asked for.
  let byteCount: Int
  /// What whoever gave the memory wants to know when it comes back.
  private let size: Int

  /// Room for `count` elements, with undefined content.
  /// - Throws: `outOfMemory`.
  init(
    _ count: Int, _ dtype: DType, _ operation: String, in arena: Arena? = Capture.current?.arena
  ) throws(TensorError) {
    self.arena = arena
    let bytes = count * dtype.byteSize
    byteCount = bytes
    (pointer, size) =
      if let arena { try arena.allocate(bytes, operation) } else { try Allocator.allocate(bytes, operation) }
  }

  deinit {
    if let arena {
      arena.deallocate(pointer, size)
    } else {
      Allocator.deallocate(pointer, size)
    }
  }
}
