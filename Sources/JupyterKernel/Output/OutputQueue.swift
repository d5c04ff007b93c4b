internal import Display

/// All output of the kernel on its way to the message thread: ordered, bounded, with printed text run together.
///
/// Any thread adds; the message thread takes. Code that runs waits in ``write(_:to:from:)`` and ``show(_:)`` when more than
/// ``limit`` bytes are on their way, until the subscribers have read; the kernel's own messages never wait.
final class OutputQueue: Sendable {
  /// How many bytes may be on their way before running code has to wait.
  static let limit = 64 << 20
  /// Text is collected up to this size in one message.
  static let streamLimit = 1 << 18
  /// How long printed text is collected before it is sent, in milliseconds.
  static let streamPause = 25

  /// What the sleeping message thread wants to be woken for.
  private enum Sleep {
    case awake
    case untilAnything
    case untilMoreThanText
  }

  private struct State {
    var items: [OutputItem] = []
    /// Bytes in the items and in what the message thread has taken but not sent.
    var size = 0
    var isOnlyText = true
    var sleep = Sleep.awake
    var lastText = Int.min / 2
    var isLimited = true
    var isClosed = false
  }

  /// What the message thread finds.
  enum Supply {
    case items([OutputItem])
    /// Nothing to send for so many milliseconds, unless woken; for ever when `nil`.
    case nothing(Int?)
    /// Nothing more will come.
    case ended
  }

  private let state = Monitor(State())
  private let pipe: WakePipe

  init() throws(KernelServerError) {
    pipe = try WakePipe()
  }

  /// What the message thread polls.
  var descriptor: Int32 { pipe.reading }

  // MARK: For those who produce

  /// Adds printed text of a request, to the message that waits when it is of the same kind.
  func write(_ text: String, to channel: OutputChannel, from origin: Origin) {
    waitForRoom()
    let wakes = state.withLock { state in
      guard !state.isClosed else { return false }
      let count = text.utf8.count
      if case .stream(let lastOrigin, let lastChannel, var collected) = state.items.last,
        lastOrigin === origin, lastChannel == channel, collected.utf8.count < OutputQueue.streamLimit
      {
        state.items.removeLast()  // leaves `collected` the only owner of its storage
        collected += text
        state.items.append(.stream(origin: origin, channel: channel, text: collected))
        state.size += count
      } else {
        let item = OutputItem.stream(origin: origin, channel: channel, text: text)
        state.items.append(item)
        state.size += item.size
      }
      let isUrgent = state.size >= OutputQueue.streamLimit && state.sleep == .untilMoreThanText
      guard state.sleep == .untilAnything || isUrgent else { return false }
      state.sleep = .awake
      return true
    }
    if wakes { pipe.wake() }
  }

  /// Adds a message of running code, which waits when there is no room.
  func show(_ publication: Publication) {
    waitForRoom()
    add(.publication(publication))
  }

  /// Adds a message of the kernel itself.
  func publish(_ publication: Publication) {
    add(.publication(publication))
  }

  /// Adds a question to the user.
  func ask(_ question: Question) {
    add(.question(question))
  }

  private func add(_ item: OutputItem) {
    let wakes = state.withLock { state in
      guard !state.isClosed else { return false }
      state.items.append(item)
      state.size += item.size
      state.isOnlyText = false
      defer { state.sleep = .awake }
      return state.sleep != .awake
    }
    if wakes { pipe.wake() }
  }

  private func waitForRoom() {
    state.wait { state in
      state.size < OutputQueue.limit || !state.isLimited || state.isClosed ? () : nil
    }
  }

  /// Whether running code has to wait for room. Lifted by an interrupt until the next cell.
  func setLimited(_ isLimited: Bool) {
    state.update { $0.isLimited = isLimited }
  }

  /// Ends the queue: what is in it is still sent, what comes later is dropped.
  func close() {
    state.update { state in
      state.isClosed = true
      state.sleep = .awake
    }
    pipe.wake()
  }

  // MARK: For the message thread

  /// The thread does not sleep any more and need not be woken.
  /// - Parameter wasWoken: whether ``descriptor`` can be read.
  func wakeUp(_ wasWoken: Bool) {
    if wasWoken { _ = pipe.drain() }
    state.withLock { $0.sleep = .awake }
  }

  /// Takes what there is to send, or tells how long to sleep.
  func take() -> Supply {
    let now = Clock.milliseconds
    return state.withLock { state in
      if state.items.isEmpty {
        if state.isClosed { return .ended }
        state.sleep = .untilAnything
        return .nothing(nil)
      }
      let pause = state.lastText + OutputQueue.streamPause - now
      if state.isOnlyText, pause > 0, state.size < OutputQueue.streamLimit, !state.isClosed {
        state.sleep = .untilMoreThanText
        return .nothing(pause)
      }
      if state.isOnlyText { state.lastText = now }
      state.isOnlyText = true
      defer { state.items = [] }
      return .items(state.items)
    }
  }

  /// Notes that something taken has been sent or given up.
  func finished(size: Int) {
    let wasFull = state.withLock { state in
      defer { state.size -= size }
      return state.size >= OutputQueue.limit && state.size - size < OutputQueue.limit
    }
    if wasFull { state.update { _ in } }
  }
}
