/// The memory of one capture: blocks from the allocator that only its own arrays use, one after the other.
///
/// Used by the thread that makes the capture. Arrays that outlive the making keep the arena alive, and their blocks
/// are never given out again, since nothing is allocated by then.
final class Arena: @unchecked Sendable {
  private var blocks: [(pointer: UnsafeMutableRawPointer, sizeClass: Int)] = []
  /// Free blocks by size class.
  private var free: [Int: [UnsafeMutableRawPointer]] = [:]

  private(set) var bytes = 0

  func allocate(_ bytes: Int, _ operation: String) throws(TensorError) -> (UnsafeMutableRawPointer, Int) {
    let index = Allocator.sizeClass(for: bytes).index
    if let block = free[index]?.popLast() { return (block, index) }
    let (block, sizeClass) = try Allocator.allocate(bytes, operation)
    blocks.append((block, sizeClass))
    self.bytes += bytes
    return (block, sizeClass)
  }

  func deallocate(_ block: UnsafeMutableRawPointer, _ sizeClass: Int) {
    free[sizeClass, default: []].append(block)
  }

  deinit {
    for block in blocks { Allocator.deallocate(block.pointer, block.sizeClass) }
  }
}
