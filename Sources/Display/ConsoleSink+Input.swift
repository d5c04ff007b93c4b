import Glibc
import Synchronization

extension ConsoleSink {
  public func readLine(prompt: String, isPassword: Bool) throws -> String? {
    // A question must be seen also when the output goes to a file.
    let channel: OutputChannel = outputIsTerminal ? .standardOutput : .standardError
    write(prompt, to: channel)
    var saved = termios()
    let hidesInput = isPassword && tcgetattr(input, &saved) == 0
    if hidesInput {
      var silent = saved
      silent.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(input, TCSAFLUSH, &silent)
    }
    defer {
      if hidesInput {
        tcsetattr(input, TCSAFLUSH, &saved)
        write("\n", to: channel)
      }
      markLineStart()
    }
    return try nextLine()
  }

  /// The next line of standard input without its end. A program that comes from standard input and the questions
  /// it asks read from the same place, line by line.
  public func nextLine() throws(InputError) -> String {
    try unread.withLock { (unread) throws(InputError) in
      var line: [UInt8] = []
      while true {
        if let end = unread.firstIndex(of: 0x0A) {
          line += unread[..<end]
          unread = unread[(end + 1)...]
          break
        }
        line += unread
        unread = []
        let more = try readChunk()
        if more.isEmpty {
          if line.isEmpty { throw .endOfInput }
          break
        }
        unread = more[...]
      }
      if line.last == 0x0D { line.removeLast() }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// Ends a wait for input with ``InputError/interrupted`` soon after `isInterrupted` becomes true, for programs in
  /// which Ctrl-C is no signal that a read would meet.
  public func stopReading(when isInterrupted: @escaping @Sendable () -> Bool) {
    interruption.withLock { $0 = isInterrupted }
  }

  /// At most one line from a terminal, some thousand bytes from anything else; empty at the end.
  private func readChunk() throws(InputError) -> [UInt8] {
    if let isInterrupted = interruption.withLock({ $0 }) {
      var waiting = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      // A signal may end the wait before the flag it leads to is set: wait on until it is.
      while true {
        let ready = poll(&waiting, 1, 20)
        if ready > 0 || (ready < 0 && errno != EINTR) { break }
        if isInterrupted() { throw .interrupted }
      }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(input, &buffer, buffer.count)
    if count < 0 { throw errno == EINTR ? .interrupted : .unavailable }
    return Array(buffer.prefix(count))
  }
}
