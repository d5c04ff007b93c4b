import ArrayCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a recorded operation is part of; for pictures of the graph, derivatives do not look at it.
package struct RecordingMark: Equatable, Sendable {
  /// Which inner step took it to change parameters, counted in the process; 0 for everything else.
  package var step: UInt32 = 0
  /// Whether it is part of a gradient that was itself recorded.
  package var isDerivative = false

  package init() {}
}

/// Whether operations of this thread are recorded and as what, and how many `gradient(at:)` closures it is inside.
enum Recording {
  // One word a thread: bit 0 says paused, bit 1 a derivative, bit 2 an inner step's update, 29 bits count the closures,
  // and 32 say which inner step was the last.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
  private static let paused: UInt64 = 1
  private static let derivative: UInt64 = 2
  private static let update: UInt64 = 4
  private static let closure: UInt64 = 8
  private static let closures: UInt64 = 0xFFFF_FFF8
  private static let steps = Atomic<UInt32>(1)

  private static var state: UInt64 {
    get { UInt64(UInt(bitPattern: pthread_getspecific(key))) }
    set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: UInt(newValue))) }
  }

  static var isPaused: Bool { state & paused != 0 }

  /// What operations are recorded as; nil while they are not.
  @inline(__always)
  static var mark: RecordingMark? {
    let state = state
    guard state & paused == 0 else { return nil }
    var mark = RecordingMark()
    if state & update != 0 { mark.step = UInt32(truncatingIfNeeded: state >> 32) }
    mark.isDerivative = state & derivative != 0
    return mark
  }

  /// Whether a `gradient(at:)` closure is running on this thread.
  static var isInsideGradient: Bool { state & closures != 0 }

  /// Runs `body` with recording on or off.
  static func with<Result, Failure: Error>(
    paused isPaused: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    state = saved & ~paused | (isPaused ? paused : 0)
    defer { state = saved }
    return try body()
  }

  /// Runs a backward pass.
  static func derivative<Result, Failure: Error>(
    paused isPaused: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    state = saved & ~paused | derivative | (isPaused ? paused : 0)
    defer { state = saved }
    return try body()
  }

  /// Runs the closure of a `gradient(at:)`, recording.
  static func insideGradient<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    state = (saved & ~paused) + closure
    defer { state = saved }
    return try body()
  }

  /// Runs the update of an inner step; which one is remembered for what comes later.
  fileprivate static func update<Result, Failure: Error>(
    isNew: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let saved = state
    let number =
      isNew ? UInt64(steps.wrappingAdd(1, ordering: .relaxed).oldValue) << 32 : saved & 0xFFFF_FFFF << 32
    state = saved & 0xFFFF_FFFF | update | number
    defer { state = saved & 0xFFFF_FFFF | number }
    return try body()
  }
}

/// Runs `body` without recording: its results are constants.
public func noGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try Recording.with(paused: true, body)
}

/// Runs `body`, which makes other parameters of some, as an inner step: what it records is marked with the step's number.
///
/// - Parameter isNew: false for what belongs to the last step of this thread.
package func markingInnerStep<Result, Failure: Error>(
  isNew: Bool = true, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try Recording.update(isNew: isNew, body)
}
