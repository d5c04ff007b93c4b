import Glibc

/// A named operating-system thread. Nothing here runs in a Swift `Task`, whose few threads must never block.
enum KernelThread {
  /// Starts a thread that ends with its body.
  ///
  /// - Parameter stack: the stack in bytes, of which only what is touched takes memory; halved until the system
  ///   grants it.
  /// - Throws: ``KernelServerError/threadRefused(_:)`` when even a small stack is refused.
  static func start(
    _ name: String, stack: Int, _ run: @escaping @Sendable () -> Void
  ) throws(KernelServerError) {
    var size = stack
    while size >= 1 << 19 {
      if create(ThreadBody(name: name, run: run), stack: size) { return }
      size /= 2
    }
    throw .threadRefused(name)
  }

  private static func create(_ body: ThreadBody, stack: Int) -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stack)
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(body)
    let isCreated = pthread_create(&thread, &attributes, runThread, retained.toOpaque()) == 0
    if !isCreated { retained.release() }
    return isCreated
  }
}

private final class ThreadBody: Sendable {
  let name: String
  let run: @Sendable () -> Void

  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}

/// Where a new thread begins.
private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
  nameThread(body.name)
  body.run()
  return nil
}

/// Names the calling thread for debuggers and `top`. (glibc's own call is not visible from Swift.)
private func nameThread(_ name: String) {
  let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = write(descriptor, name, name.utf8.count)
  close(descriptor)
}
