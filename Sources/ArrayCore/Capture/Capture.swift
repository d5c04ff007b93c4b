import Glibc

/// A computation that was done once and can be done again on other numbers, without deciding anything anew: its
/// kernels in order, bound to memory that stays where it is.
///
/// What it reads must be its inputs or computed from them. A computation that looks at numbers while it runs
/// (`item()`), draws random ones, or reads arrays from outside cannot be replayed, and `make` gives none for it.
/// Shapes, types and the kernels chosen for them are those of the first time, so the results of a replay are equal
/// bit for bit to those of computing anew.
///
/// Made and replayed on any thread, by one at a time.
package final class Capture {
  /// Copies of the inputs, at the addresses that the kernels read.
  package let inputs: [NDArray]
  /// Where the kernels leave the results; overwritten by each replay.
  package private(set) var outputs: [NDArray] = []
  /// The memory of everything in between. A block that one array gave back serves the next, as at the first time.
  let arena = Arena()
  private var launches: [() throws(TensorError) -> Void] = []
  private var isReplayable = true

  /// Computes `body` once, on copies of `inputs`.
  ///
  /// - Parameter body: from the copies to the results.
  /// - Returns: the results, and the capture when it can be replayed.
  package static func make<Failure: Error>(
    _ inputs: [NDArray], _ body: ([NDArray]) throws(Failure) -> [NDArray]
  ) throws(Failure) -> (results: [NDArray], capture: Capture?) {
    let outer = current
    defer { current = outer }
    current = nil
    guard let capture = try? Capture(inputs) else { return (try body(inputs), nil) }
    current = capture
    capture.outputs = try body(capture.inputs)
    current = nil
    return (capture.outputs, capture.isReplayable ? capture : nil)
  }

  private init(_ inputs: [NDArray]) throws(TensorError) {
    var copies: [NDArray] = []
    for input in inputs {
      let copy = try NDArray(uninitialized: input.shape, input.dtype, "capture", in: arena)
      try copy.fill(from: input)
      copies.append(copy)
    }
    self.inputs = copies
  }

  /// Does all of it again on other inputs of the same shapes and types; the results are in `outputs`.
  /// - Throws: `cancelled` between kernels, and what the kernels throw; the outputs are then incomplete.
  package func replay(_ inputs: [NDArray]) throws(TensorError) {
    for (copy, input) in zip(self.inputs, inputs) { try copy.fill(from: input) }
    for launch in launches {
      if Cancellation.isRequested { try Cancellation.check("replay") }
      try launch()
    }
  }

  // MARK: While it is made

  func launch(_ body: @escaping () throws(TensorError) -> Void) throws(TensorError) {
    launches.append(body)
    // What a kernel does inside is its own affair.
    Capture.current = nil
    defer { Capture.current = self }
    try body()
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
    set { pthread_setspecific(key, newValue.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }) }
  }
}
