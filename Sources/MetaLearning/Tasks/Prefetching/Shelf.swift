import ArrayCore
import Glibc

/// The items of a ``Prefetcher`` that lie ready, in order, and the thread that puts them there.
///
/// The fields are read and written under `lock`. An item belongs to the thread that made it until it lies on the shelf, and
/// to the taker after that.
final class Shelf<Item>: @unchecked Sendable {
  struct Made {
    let result: Result<Item?, any Error>
    let bytes: Int
  }

  /// So many items lie ready at most.
  private static var capacity: Int { 4 }
  /// Items of more bytes than this together do not lie ready, except for one.
  private static var byteLimit: Int { 256 << 20 }

  private let maker: @Sendable (Int) throws -> Item?
  private let end: Int
  private let bytes: @Sendable (Item) -> Int

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var ready: [Made] = []
  /// The number of the item that the thread makes now or next.
  private var next = 0
  /// Whether the last item that was put here ends the row: nil or an error.
  private var isEnded = false
  private var isStopped = false
  private var isWorking = false
  private var worker: BackgroundThread?

  init(end: Int, bytes: @escaping @Sendable (Item) -> Int, make: @escaping @Sendable (Int) throws -> Item?) {
    self.end = end
    self.bytes = bytes
    maker = make
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  /// Makes an item here and now.
  func make(_ index: Int) -> Made {
    let result = Result { try maker(index) }
    return Made(result: result, bytes: (try? result.get()).map(bytes) ?? 0)
  }

  /// Takes the next item, waiting for it if the thread is at it; nil if nobody is, so that the caller makes it.
  ///
  /// - Parameter startingWork: whether the items behind it shall be made.
  func take(_ index: Int, startingWork: Bool) throws -> Made? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    if ready.isEmpty, !isWorking {
      next = index < Int.max ? index + 1 : end
      if startingWork { startIfUseful() }
      return nil
    }
    worker?.isAwaited = true
    defer { worker?.isAwaited = false }
    while ready.isEmpty {
      // The thread ends only after it has put something here.
      try Cancellation.check("train")
      wait(milliseconds: 50)
    }
    let first = ready.removeFirst()
    if startingWork { startIfUseful() }
    return first
  }

  /// Ends the thread and throws away what lies here. The row goes on at the number `next`.
  func clear(next: Int) {
    pthread_mutex_lock(lock)
    isStopped = true
    let worker = self.worker
    self.worker = nil
    pthread_mutex_unlock(lock)
    worker?.join()
    ready = []
    isEnded = false
    isStopped = false
    self.next = next
  }

  private var hasRoom: Bool {
    let used = ready.reduce(0) { $0 + $1.bytes }
    // The next is about as large as the last.
    return ready.isEmpty || ready.count < Self.capacity && used + (ready.last?.bytes ?? 0) <= Self.byteLimit
  }

  /// Starts the thread when half of the places are free. Under the lock.
  private func startIfUseful() {
    guard !isWorking, !isEnded, next < end, ready.count <= Self.capacity / 2, hasRoom else { return }
    // The last thread has done its work and is about to end.
    worker?.join()
    isWorking = true
    worker = BackgroundThread { self.fill() }
    if worker == nil { isWorking = false }
  }

  /// The life of the thread.
  private func fill() {
    pthread_mutex_lock(lock)
    while !isStopped, !isEnded, next < end, hasRoom {
      let index = next
      pthread_mutex_unlock(lock)
      let made = make(index)
      pthread_mutex_lock(lock)
      ready.append(made)
      next += 1
      isEnded = (try? made.result.get()) == nil
      pthread_cond_broadcast(changed)
    }
    isWorking = false
    pthread_mutex_unlock(lock)
  }

  /// Waits for a change, not longer than so. Under the lock.
  private func wait(milliseconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let nanoseconds = time.tv_nsec + milliseconds * 1_000_000
    time.tv_sec += nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    pthread_cond_timedwait(changed, lock, &time)
  }
}
