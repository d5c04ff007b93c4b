import Glibc

/// A computation that was done once and can be done again on other numbers, without deciding anything anew: its
/// kernels in order, bound to memory that stays where it is.
///
/// What it reads must be its inputs or computed from them. A computation that looks at numbers while it runs
/// (`item()`), draws random ones, or reads arrays from outside cannot be replayed. Shapes, types and the kernels
/// chosen for them are those of the first time, so the results of a replay are equal bit for bit to those of
/// computing anew.
///
/// Made and replayed on any thread, by one at a time.
package final class Capture {
  /// One kernel with its addresses, and the operation that it belongs to.
  struct Launch {
    let operation: String
    let body: () throws(TensorError) -> Void
    var time: Duration
  }

  /// Copies of the inputs, at the addresses that the kernels read.
  package let inputs: [NDArray]
  /// Where the kernels leave the results; overwritten by each replay.
  package private(set) var outputs: [NDArray] = []
  /// False when the numbers depend on more than the inputs.
  package private(set) var isReplayable = true
  /// The memory of everything in between. A block that one array gave back serves the next, as at the first time.
  let arena = Arena()
  private var launches: [Launch] = []
  private var operation = ""

  /// Computes `body`, from copies of `inputs` to the outputs, and keeps how it was done.
  package init(_ inputs: [NDArray], _ body: ([NDArray]) throws -> [NDArray]) throws {
    var copies: [NDArray] = []
    for input in inputs {
      let copy = try NDArray(uninitialized: input.shape, input.dtype, "capture", in: arena)
      try copy.fill(from: input)
      copies.append(copy)
    }
    self.inputs = copies
    let outer = Capture.current
    Capture.current = self
    defer { Capture.current = outer }
    outputs = try body(copies)
    for output in outputs { Capture.use(output.storage) }
  }

  /// The bytes that it keeps.
  package var memory: Int { arena.bytes }

  /// Does all of it again on other inputs of the same shapes and types; the results are in `outputs`.
  /// - Throws: `cancelled` between kernels, and what the kernels throw; the outputs are then incomplete.
  package func replay(_ inputs: [NDArray]) throws(TensorError) {
    for (copy, input) in zip(self.inputs, inputs) { try copy.fill(from: input) }
    for launch in launches {
      if Cancellation.isRequested { try Cancellation.check("replay") }
      try launch.body()
    }
  }

  /// Does all of it again on the same inputs, and tells what each kernel took.
  package func timedReplay() throws(TensorError) -> [(operation: String, time: Duration)] {
    for index in launches.indices {
      try Cancellation.check("replay")
      let start = ContinuousClock.now
      try launches[index].body()
      launches[index].time = ContinuousClock.now - start
    }
    return times
  }

  /// What each kernel took the last time it was timed: when the capture was made, or by `timedReplay`.
  package var times: [(operation: String, time: Duration)] { launches.map { ($0.operation, $0.time) } }

  // MARK: While it is made

  func launch(_ body: @escaping () throws(TensorError) -> Void) throws(TensorError) {
    // What a kernel does inside is its own affair.
    Capture.current = nil
    defer { Capture.current = self }
    let start = ContinuousClock.now
    try body()
    launches.append(Launch(operation: operation, body: body, time: ContinuousClock.now - start))
  }

  /// Names the operation whose kernels come next.
  package static func name(_ operation: @autoclosure () -> String) {
    if let current { current.operation = operation() }
  }

  /// Says that what this thread computes now depends on more than arrays.
  static func refuse() { current?.isReplayable = false }

  /// Called for each array whose memory an operation is about to use.
  @inline(__always)
  static func use(_ storage: Storage) {
    if let current, storage.arena !== current.arena { current.isReplayable = false }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The capture being made on this thread. Whoever sets it keeps it alive.
  static var current: Capture? {
    get { pthread_getspecific(key).map { Unmanaged<Capture>.fromOpaque($0).takeUnretainedValue() } }
    set {
      let pointer = newValue.map { Unmanaged.passUnretained($0).toOpaque() }
      pthread_setspecific(key, pointer.map { UnsafeRawPointer($0) })
    }
  }
}
