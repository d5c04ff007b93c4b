import Glibc
import Synchronization

/// A thread whose stack is large enough for the parser and the evaluator, which both recurse. Only touched pages of the stack
/// take memory.
public final class LargeStackThread: Sendable {
  public static let stackSize = 1 << 30

  private struct State {
    var body: (@Sendable () -> Void)?
    var stackSize = LargeStackThread.stackSize
  }

  private let state: Mutex<State>

  public init(_ body: @escaping @Sendable () -> Void) {
    state = Mutex(State(body: body))
  }

  /// Starts the thread; it is detached. False when the system has no room for another thread.
  @discardableResult
  public func start() -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var size = Self.stackSize
    // A machine with little address space gets a smaller stack.
    while size > 8 << 20 {
      pthread_attr_setstacksize(&attributes, size)
      state.withLock { [size] in $0.stackSize = size }
      var thread = pthread_t()
      let context = Unmanaged.passRetained(self)
      let failed = pthread_create(
        &thread, &attributes,
        { raw in
          guard let raw else { return nil }
          let thread = Unmanaged<LargeStackThread>.fromOpaque(raw).takeRetainedValue()
          StackBounds.record(size: thread.state.withLock { $0.stackSize })
          thread.runBody()
          return nil
        }, context.toOpaque())
      if failed == 0 { return true }
      context.release()
      size /= 2
    }
    return false
  }

  private func runBody() {
    let body = state.withLock { state in
      defer { state.body = nil }
      return state.body
    }
    body?()
  }

  /// Runs `body` on a thread with a large stack and waits for it.
  public static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let box = ResultBox<Result>()
    let thread = LargeStackThread { box.set(body()) }
    // Without room for a thread, the caller's stack has to do.
    guard thread.start() else { return body() }
    return box.wait()
  }
}

/// Hands one value from one thread to another.
private final class ResultBox<Result: Sendable>: @unchecked Sendable {
  private var value: Result?
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func set(_ result: Result) {
    pthread_mutex_lock(mutex)
    value = result
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func wait() -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let value { return value }
      pthread_cond_wait(condition, mutex)
    }
  }
}
