/// The memory behind one or several arrays. It goes back to the allocator's cache with the last of them.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  private let sizeClass: Int

  /// Room for `count` elements, with undefined content.
  /// - Throws: `outOfMemory`.
  init(_ count: Int, _ dtype: DType, _ operation: String) throws(TensorError) {
    (pointer, sizeClass) = try Allocator.allocate(count * dtype.byteSize, operation)
  }

  deinit { Allocator.deallocate(pointer, sizeClass) }
}
