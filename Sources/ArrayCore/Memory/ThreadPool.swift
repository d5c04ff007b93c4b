import CKernels
import Glibc
import Synchronization

/// Runs units of work on a few threads that live as long as the process.
///
/// Callers cut work into units by its shape alone, never by the number of threads, and units do not share
/// results; so the numbers are equal bit for bit at any thread count. The calling thread works too. A call
/// from inside a unit, from a background thread, or while another thread uses the pool, runs its units on the spot.
public enum ThreadPool {
  /// The processors that this process should use.
  package static let processorCount = Processors.count()

  /// How many threads work at once, the caller's included. At first the processors this process may use.
  public static var threadCount: Int {
    get { pool.limit.load(ordering: .relaxed) }
    set { pool.limit.store(max(1, min(newValue, 64)), ordering: .relaxed) }
  }

  /// Runs `body(0)` … `body(units - 1)`, in any order and on any of the threads, and returns when all are done.
  public static func run(units: Int, _ body: (Int) -> Void) {
    run(units: units, workers: Int.max) { unit, _ in body(unit) }
  }

  /// As `run(units:_:)`, on at most `workers` threads; the body is told which of them it is on, a number below
  /// `workers`, so that it can use memory that no other unit uses at the same time.
  static func run(units: Int, workers: Int, _ body: (_ unit: Int, _ worker: Int) -> Void) {
    if units <= 1 || workers <= 1 || threadCount == 1 || BackgroundThread.mustNotUsePool || !pool.claim() {
      var unit = 0
      while unit < units {
        body(unit, 0)
        unit += 1
      }
      return
    }
    withoutActuallyEscaping(body) { pool.run(units, workers, $0) }
    pool.release()
  }

  /// As `run(units:_:)` for work whose result is of no use once an interrupt came: units not begun are left out, and the
  /// result must not be looked at.
  /// - Throws: `cancelled`.
  public static func run(units: Int, stopping operation: String, _ body: (Int) -> Void) throws(TensorError) {
    if units <= 1 { return run(units: units, body) }
    run(units: units) { unit in
      if !Cancellation.isRequested { body(unit) }
    }
    try Cancellation.check(operation)
  }

  private static let pool = Pool()
}

/// The threads, and the one job they may be at.
///
/// `gate` is open while the job takes helpers, and counts those inside; the caller closes it when no unit is
/// left and waits until all are out. `generation` tells sleeping and spinning threads of a new job.
private final class Pool: @unchecked Sendable {
  let limit = Atomic<Int>(min(64, ThreadPool.processorCount))
  private let busy = Atomic<Bool>(false)
  private let generation = Atomic<Int>(0)
  private let gate = Atomic<Int>(0)
  /// How many units were taken from the front, and in the upper half how many from the back.
  private let taken = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private var body: ((Int, Int) -> Void)?
  private var units = 0
  private var started = 1
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private static let fromBack = 1 << 32
  private static let open = 1 << 32
  private static let spins = 4000

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  /// Takes the pool for one job; false when it is taken.
  func claim() -> Bool {
    busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func release() { busy.store(false, ordering: .releasing) }

  func run(_ units: Int, _ workers: Int, _ body: @escaping (Int, Int) -> Void) {
    let helpers = min(limit.load(ordering: .relaxed), units, workers) - 1
    while started <= helpers { start() }
    self.body = body
    self.units = units
    taken.store(0, ordering: .relaxed)
    gate.store(Self.open | helpers << 33, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(lock)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(lock)
    }
    work(body, units, worker: 0)
    gate.bitwiseAnd(Self.open - 1, ordering: .acquiringAndReleasing)
    var spin = 0
    while gate.load(ordering: .acquiring) != 0 {
      il_pause()
      spin += 1
      // A helper that lost its processor needs this one.
      if spin > Self.spins { sched_yield() }
    }
    self.body = nil
  }

  /// The caller takes units from the front and helpers from the back: the halves of an array that two threads wrote are
  /// still in their caches when the next job reads them.
  private func work(_ body: (Int, Int) -> Void, _ units: Int, worker: Int) {
    let one = worker == 0 ? 1 : Self.fromBack
    while true {
      let before = taken.add(one, ordering: .relaxed).oldValue
      let (front, back) = (before % Self.fromBack, before / Self.fromBack)
      if front + back >= units { return }
      body(worker == 0 ? front : units - 1 - back, worker)
    }
  }

  /// A function of its own, so that its reference to the body is gone before the gate is told.
  @inline(never)
  private func takePart(_ worker: Int) {
    if let body { work(body, units, worker: worker) }
  }

  /// Enters the job when it is open and has a place for one more, and returns the number of the place.
  private func enter() -> Int? {
    var seen = gate.load(ordering: .acquiring)
    while seen & Self.open != 0 && seen >> 33 > 0 {
      let (exchanged, now) = gate.compareExchange(
        expected: seen, desired: seen + 1 - (1 << 33), ordering: .acquiring)
      if exchanged { return seen >> 33 }
      seen = now
    }
    return nil
  }

  private func start() {
    started += 1
    var thread = pthread_t()
    let context = Unmanaged.passUnretained(self).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Pool>.fromOpaque(context).takeUnretainedValue().help() }
        return nil
      }, context)
    if result == 0 { pthread_detach(thread) }
  }

  /// The life of a helping thread.
  private func help() {
    var seen = 0
    while true {
      var spin = 0
      while generation.load(ordering: .acquiring) == seen && spin < Self.spins {
        il_pause()
        spin += 1
      }
      if generation.load(ordering: .acquiring) == seen { sleep(until: seen) }
      seen = generation.load(ordering: .acquiring)
      if let place = enter() {
        takePart(place)
        gate.subtract(1, ordering: .releasing)
      }
    }
  }

  /// Sleeps until the generation is no longer `seen`.
  private func sleep(until seen: Int) {
    pthread_mutex_lock(lock)
    sleeping.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(wake, lock) }
    sleeping.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(lock)
  }
}
