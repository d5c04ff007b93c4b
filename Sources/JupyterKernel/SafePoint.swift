private import Synchronization

/// Where a running cell lets others use the session: between two of its steps, with everything whole.
///
/// The host calls ``pass()`` there, on the evaluator's thread, as often as it likes: it costs next to nothing while nobody
/// waits. Whoever does is served before it returns, by calls of ``LanguageHost/execute(_:output:)``,
/// ``LanguageHost/evaluate(expression:output:)`` and ``LanguageHost/receive(_:output:)`` in the middle of the cell.
public final class SafePoint: Sendable {
  private let awaited = Atomic(false)
  private let opened = Atomic(false)
  private let receiver = Monitor<@Sendable () -> Void>({})

  /// Whether somebody waits. Any thread.
  var isAwaited: Bool {
    get { awaited.load(ordering: .relaxed) }
    set { awaited.store(newValue, ordering: .relaxed) }
  }

  /// Whether visitors may be served now.
  var isOpen: Bool {
    get { opened.load(ordering: .relaxed) }
    set { opened.store(newValue, ordering: .relaxed) }
  }

  /// Serves those who wait.
  var receive: @Sendable () -> Void {
    get { receiver.withLock { $0 } }
    set { receiver.withLock { $0 = newValue } }
  }

  /// Lets those who wait use the session now. Evaluator thread, while a cell runs.
  @inline(__always)
  public func pass() {
    if isAwaited, isOpen { receive() }
  }
}
