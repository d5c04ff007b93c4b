/// Whether a cell runs and what must be told when it is to stop.
///
/// An interrupt reaches exactly the cell that runs when it arrives: one that comes between cells is dropped, and none
/// outlives its cell.
final class Interruption: Sendable {
  private struct State {
    var isRunning = false
    var isInterrupted = false
    var question: Question?
  }

  private let state = Monitor(State())
  private let host: any LanguageHost
  private let queue: OutputQueue

  init(host: any LanguageHost, queue: OutputQueue) {
    self.host = host
    self.queue = queue
  }

  /// A cell is about to run.
  func beginCell() {
    state.withLock { state in
      state = State(isRunning: true)
      host.clearInterrupt()
      queue.setLimited(true)
    }
  }

  func endCell() {
    state.withLock { $0 = State() }
  }

  /// Stops the running cell, also when it waits for input or for room in the output.
  func interrupt() {
    state.withLock { state in
      guard state.isRunning else { return }
      state.isInterrupted = true
      host.interrupt()
      state.question?.settle(.failure(.interrupted))
      queue.setLimited(false)
    }
  }

  /// The running cell is about to wait for an answer; false when it has been interrupted.
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
