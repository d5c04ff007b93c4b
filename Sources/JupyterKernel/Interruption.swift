/// Whether code runs and what must be told when it is to stop.
///
/// An interrupt reaches what runs when it arrives, and a cell of the main shell that is just about to: one that comes
/// between cells is dropped, and none outlives the work it was meant for.
final class Interruption: Sendable {
  /// Work that has been handed to the evaluator, from then until it is finished.
  struct Token: Hashable, Sendable {
    fileprivate let number: Int
  }

  private struct Progress {
    /// Whether an interrupt reaches it: always once it has begun.
    var isReachable: Bool
    var isInterrupted = false
  }

  private struct State {
    var count = 0
    /// What has been handed over.
    var work: [Token: Progress] = [:]
    /// Whether what runs now is to stop.
    var isInterrupted = false
    var question: Question?
  }

  private let state = Monitor(State())
  private let host: any LanguageHost
  private let queue: OutputQueue
  private let waking = Monitor<@Sendable () -> Void>({})

  /// Wakes what waits for something else than input; called after an interrupt.
  var wake: @Sendable () -> Void {
    get { waking.withLock { $0 } }
    set { waking.withLock { $0 = newValue } }
  }

  init(host: any LanguageHost, queue: OutputQueue) {
    self.host = host
    self.queue = queue
  }

  /// Work is handed to the evaluator.
  /// - Parameter isNext: whether it begins at once; else it waits for a moment between other work.
  func handOver(isNext: Bool) -> Token {
    state.withLock { state in
      state.count += 1
      let token = Token(number: state.count)
      state.work[token] = Progress(isReachable: isNext)
      return token
    }
  }

  /// The evaluator begins with it, in the middle of nothing else.
  func begin(_ token: Token) {
    state.withLock { state in
      state.work[token]?.isReachable = true
      state.isInterrupted = state.work[token]?.isInterrupted ?? false
      state.question = nil
      host.clearInterrupt()
      if state.isInterrupted { host.interrupt() }
      queue.setLimited(!state.isInterrupted)
    }
  }

  /// The evaluator begins with it in the middle of other work.
  func beginVisit(_ token: Token) {
    state.withLock { $0.work[token]?.isReachable = true }
  }

  /// It is finished.
  func end(_ token: Token) {
    state.withLock { $0.work[token] = nil }
  }

  /// Stops all that runs, also when it waits for input or for room in the output.
  func interrupt() {
    state.withLock { state in
      let reached = state.work.filter(\.value.isReachable).keys
      guard !reached.isEmpty else { return }
      for token in reached { state.work[token]?.isInterrupted = true }
      state.isInterrupted = true
      host.interrupt()
      state.question?.settle(.failure(.interrupted))
      queue.setLimited(false)
    }
    wake()
  }

  /// Whether what runs now is to stop.
  var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

  /// The running code is about to wait for an answer; false when it has been interrupted.
  func begin(_ question: Question) -> Bool {
    state.withLock { state in
      if !state.isInterrupted { state.question = question }
      return !state.isInterrupted
    }
  }

  func end(_ question: Question) {
    state.withLock { if $0.question === question { $0.question = nil } }
  }
}
