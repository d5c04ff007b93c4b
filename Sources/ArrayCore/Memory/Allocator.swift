import Glibc
import Synchronization

/// Gives out blocks of memory in size classes and keeps freed ones for the next request, since fresh megabytes
/// cost a page fault each 4 KB. Blocks start at a multiple of 64 bytes.
///
/// Classes have four steps to a doubling, so that at most a fifth of a block is unused. Any thread may call.
enum Allocator {
  /// Freed blocks beyond this many bytes go back to the system.
  private static let cacheLimit = 768 << 20
  private static let smallestBlock = 64
  /// Freed blocks of this size go back to the system at once: whoever needs a few of them computes for much longer than
  /// their page faults take, and kept for nothing else they would be most of the memory.
  private static let largeBlock = 32 << 20
  private static let classCount = 4 * 58

  private struct State: ~Copyable {
    /// Addresses of the first free blocks by class; the first word of a free block is that of the next, 0 at the
    /// end.
    let free = UnsafeMutablePointer<UInt>.allocate(capacity: Allocator.classCount)
    var inUse = 0
    var cached = 0
    var peak = 0
    /// Bytes that may still be taken from the system before its free memory is looked at again.
    var allowance = 0

    init() { free.initialize(repeating: 0, count: Allocator.classCount) }
  }

  private static let state = Mutex(State())

  /// The class whose blocks hold `bytes`, and the size of its blocks.
  static func sizeClass(for bytes: Int) -> (index: Int, size: Int) {
    let units = (max(bytes, 1) + smallestBlock - 1) / smallestBlock
    if units <= 4 { return (units - 1, units * smallestBlock) }
    // The two bits below the leading one choose the step within a doubling.
    let leading = Int.bitWidth - 1 - (units - 1).leadingZeroBitCount
    let step = 1 << (leading - 2)
    let quarter = (units - 1) >> (leading - 2)  // 4...7
    return (4 + (leading - 2) * 4 + (quarter - 4), (quarter + 1) * step * smallestBlock)
  }

  /// A block of at least `bytes` bytes; its content is undefined.
  /// - Throws: `outOfMemory` when the system's free memory does not hold it.
  static func allocate(_ bytes: Int, _ operation: String) throws(TensorError) -> (
    UnsafeMutableRawPointer, Int
  ) {
    let (index, size) = sizeClass(for: bytes)
    let reused: UInt = state.withLock { state in
      state.inUse += size
      state.peak = max(state.peak, state.inUse)
      let address = state.free[index]
      if let block = UnsafeMutableRawPointer(bitPattern: address) {
        state.free[index] = block.load(as: UInt.self)
        state.cached -= size
      }
      return address
    }
    if let reused = UnsafeMutableRawPointer(bitPattern: reused) { return (reused, index) }
    do throws(TensorError) {
      return (try fresh(size, operation), index)
    } catch {
      state.withLock { $0.inUse -= size }
      throw error
    }
  }

  /// Takes a block back; `index` is its class.
  static func deallocate(_ block: UnsafeMutableRawPointer, _ index: Int) {
    let size = blockSize(ofClass: index)
    let address = UInt(bitPattern: block)
    let keep = state.withLock { state in
      state.inUse -= size
      if size >= largeBlock || state.cached + size > cacheLimit { return false }
      UnsafeMutableRawPointer(bitPattern: address)?.storeBytes(of: state.free[index], as: UInt.self)
      state.free[index] = address
      state.cached += size
      return true
    }
    if !keep { free(block) }
  }

  /// Gives every cached block back to the system.
  static func releaseCache() {
    state.withLock { state in
      for index in 0..<classCount {
        while let block = UnsafeMutableRawPointer(bitPattern: state.free[index]) {
          state.free[index] = block.load(as: UInt.self)
          free(block)
        }
      }
      state.cached = 0
    }
  }

  /// The peak starts anew at what is in use now.
  static func resetPeak() { state.withLock { $0.peak = $0.inUse } }

  static func statistics() -> (inUse: Int, cached: Int, peak: Int) {
    state.withLock { ($0.inUse, $0.cached, $0.peak) }
  }

  private static func blockSize(ofClass index: Int) -> Int {
    if index < 4 { return (index + 1) * smallestBlock }
    return ((index & 3) + 5) * (1 << ((index - 4) >> 2)) * smallestBlock
  }

  private static func fresh(_ size: Int, _ operation: String) throws(TensorError) -> UnsafeMutableRawPointer {
    let allowed = state.withLock { state in
      state.allowance -= size
      return state.allowance >= 0
    }
    if !allowed { try renewAllowance(size, operation) }
    var block: UnsafeMutableRawPointer?
    if posix_memalign(&block, 64, size) == 0, let block { return block }
    throw TensorError(operation, .outOfMemory(bytes: size, available: AvailableMemory.bytes()))
  }

  /// Looks at the system's free memory, and leaves some of it for everything else.
  private static func renewAllowance(_ size: Int, _ operation: String) throws(TensorError) {
    func usable() -> Int {
      let available = AvailableMemory.bytes()
      return available - min(256 << 20, available / 16)
    }
    if size > usable() {
      releaseCache()
      let available = usable()
      if size > available {
        throw TensorError(operation, .outOfMemory(bytes: size, available: max(available, 0)))
      }
    }
    let allowance = (usable() - size) / 8
    state.withLock { $0.allowance = allowance }
  }
}

/// What the arrays of this process hold, in bytes.
public enum MemoryStatistics {
  /// Held by living arrays.
  public static var bytesInUse: Int { Allocator.statistics().inUse }
  /// Freed by arrays and kept for the next ones.
  public static var bytesCached: Int { Allocator.statistics().cached }
  /// The most that living arrays have held at once.
  public static var peakBytesInUse: Int { Allocator.statistics().peak }
  /// What the machine has.
  public static var bytesOfMachine: Int {
    max(0, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
  }
  /// Lets the peak start anew at what is in use now.
  public static func resetPeak() { Allocator.resetPeak() }
  /// Gives what is cached back to the system.
  public static func releaseCache() { Allocator.releaseCache() }
}
