/// Letters from any thread to one that polls sockets.
final class Mailbox<Letter: Sendable>: Sendable {
  private let letters = Monitor<[Letter]>([])
  private let pipe: WakePipe

  init() throws(KernelServerError) {
    pipe = try WakePipe()
  }

  /// What the owner polls.
  var descriptor: Int32 { pipe.reading }

  func post(_ letter: Letter) {
    let wasEmpty = letters.withLock { letters in
      letters.append(letter)
      return letters.count == 1
    }
    if wasEmpty { pipe.wake() }
  }

  /// Takes all letters, for the owner.
  func take() -> [Letter] {
    _ = pipe.drain()
    return letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
