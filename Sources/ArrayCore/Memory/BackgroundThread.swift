import Glibc
import Synchronization

/// A thread beside the one that computes, for work that must not hold that one up.
///
/// Units that it gives to the ``ThreadPool`` run on the spot, so that the pool is free for the computing thread, except
/// while that thread waits for this one and says so by ``isAwaited``.
package final class BackgroundThread: Sendable {
  /// What the thread does, and the flag that it looks at; kept by the thread itself.
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    let isAwaited = Atomic<Bool>(false)

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let work: Work
  private let thread: pthread_t

  /// Starts a thread, which ends when the body does; nil when the system has none to give. Whoever holds it calls
  /// ``join()`` once.
  package init?(_ body: @escaping @Sendable () -> Void) {
    work = Work(body)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(work)
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        pthread_setspecific(BackgroundThread.key, context)
        work.body()
        pthread_setspecific(BackgroundThread.key, nil)
        return nil
      }, context.toOpaque())
    guard failure == 0 else {
      context.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits until the thread has ended.
  package func join() { pthread_join(thread, nil) }

  /// Whether the computing thread waits for this one and leaves the pool to it.
  package var isAwaited: Bool {
    get { work.isAwaited.load(ordering: .relaxed) }
    set { work.isAwaited.store(newValue, ordering: .relaxed) }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Whether the calling thread is in the background with another computing.
  static var mustNotUsePool: Bool {
    guard let context = pthread_getspecific(key) else { return false }
    return !Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().isAwaited.load(ordering: .relaxed)
  }
}
