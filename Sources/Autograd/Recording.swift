import ArrayCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether operations of this thread are recorded, and how many `gradient(at:)` closures it is inside.
enum Recording {
  // One word a thread: bit 0 says paused, the rest counts the closures.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  private static var state: UInt {
    get { UInt(bitPattern: pthread_getspecific(key)) }
    set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) }
  }

  static var isPaused: Bool { state & 1 != 0 }

  /// Whether a `gradient(at:)` closure is running on this thread.
  static var isInsideGradient: Bool { state >> 1 != 0 }

  /// Runs `body` with recording on or off.
  static func with<Result, Failure: Error>(
    paused: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    state = saved & ~1 | (paused ? 1 : 0)
    defer { state = saved }
    return try body()
  }

  /// Runs the closure of a `gradient(at:)`, recording.
  static func insideGradient<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    state = (saved & ~1) + 2
    defer { state = saved }
    return try body()
  }
}

/// Runs `body` without recording: its results are constants.
public func noGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try Recording.with(paused: true, body)
}
