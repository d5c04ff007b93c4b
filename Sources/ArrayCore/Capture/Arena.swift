/// The memory of one capture, which only its own arrays use, one after the other: what one gave back serves the next,
/// whole, in part, or together with what lies beside it.
///
/// Used by the thread that makes the capture. Arrays that outlive the making keep the arena alive, and their memory
/// is never given out again, since nothing is allocated by then.
final class Arena: @unchecked Sendable {
  /// Bytes within a slab.
  private struct Range {
    var slab: Int
    var start: UnsafeMutableRawPointer
    var size: Int
    var end: UnsafeMutableRawPointer { start + size }
  }

  private static let alignment = 64
  private var slabs: [(pointer: UnsafeMutableRawPointer, sizeClass: Int)] = []
  /// What is free, by slab and address; neighbours are joined.
  private var free: [Range] = []
  /// What is given out: the slab of each address.
  private var slabOf: [UnsafeMutableRawPointer: Int] = [:]

  private(set) var bytes = 0

  /// Memory for `bytes` bytes, and its size.
  func allocate(_ bytes: Int, _ operation: String) throws(TensorError) -> (UnsafeMutableRawPointer, Int) {
    let size = max(bytes, 1).roundedUp(to: Arena.alignment)
    // The smallest range that holds it: large ones stay whole for large arrays.
    var best: Int?
    for (index, range) in free.enumerated() where range.size >= size {
      if range.size < best.map({ free[$0].size }) ?? .max { best = index }
    }
    guard let best else {
      let (pointer, sizeClass) = try Allocator.allocate(size, operation)
      slabOf[pointer] = slabs.count
      slabs.append((pointer, sizeClass))
      self.bytes += size
      return (pointer, size)
    }
    let pointer = free[best].start
    slabOf[pointer] = free[best].slab
    free[best].start += size
    free[best].size -= size
    if free[best].size == 0 { free.remove(at: best) }
    return (pointer, size)
  }

  func deallocate(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    guard let slab = slabOf.removeValue(forKey: pointer) else { return }
    var range = Range(slab: slab, start: pointer, size: size)
    var place = free.partitioned { ($0.slab, $0.start) < (slab, pointer) }
    if place < free.count, free[place].slab == slab, free[place].start == range.end {
      range.size += free.remove(at: place).size
    }
    if place > 0, free[place - 1].slab == slab, free[place - 1].end == range.start {
      place -= 1
      range = Range(slab: slab, start: free[place].start, size: free[place].size + range.size)
      free.remove(at: place)
    }
    free.insert(range, at: place)
  }

  deinit {
    for slab in slabs { Allocator.deallocate(slab.pointer, slab.sizeClass) }
  }
}

extension Array {
  /// The first place whose element is not before what is looked for, in a sorted array.
  fileprivate func partitioned(isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
