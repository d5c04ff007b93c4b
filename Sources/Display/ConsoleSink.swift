import Glibc
import Synchronization

/// Writes to a terminal, or to files and pipes that stand in for one.
///
/// Values go to standard output as text, plots in characters; progress goes to standard error. On a terminal a
/// display that is still the last thing shown is updated where it is; otherwise each update is written anew.
/// Any thread may call it.
public final class ConsoleSink: OutputSink {
  private struct State {
    var isAtLineStart = true
    /// The display that is the last thing on the terminal, and the rows it takes.
    var last: (id: String, rows: Int)?
  }

  private let output: Int32
  private let error: Int32
  let input: Int32
  private let colour: Bool?
  let outputIsTerminal: Bool
  private let state = Mutex(State())
  /// Asked while a line is awaited; see ``stopReading(when:)``.
  let interruption = Mutex<(@Sendable () -> Bool)?>(nil)
  /// What has been read from standard input and not yet been asked for.
  let unread = Mutex<ArraySlice<UInt8>>([])

  /// Whether progress can be rewritten in place: standard error is a terminal that is not dumb.
  public let isInteractive: Bool
  public let isRich = false

  /// A sink over open files. `colour` overrides what is found out from the terminal and `NO_COLOR`.
  public init(
    output: Int32 = STDOUT_FILENO, error: Int32 = STDERR_FILENO, input: Int32 = STDIN_FILENO,
    colour: Bool? = nil
  ) {
    self.output = output
    self.error = error
    self.input = input
    self.colour = colour
    outputIsTerminal = isatty(output) != 0
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    isInteractive = isatty(error) != 0 && !isDumb
  }

  /// How text for standard output should look at this moment.
  public var style: TerminalStyle { style(of: output) }

  /// Whether the next character would be the first of its line.
  public var isAtLineStart: Bool { state.withLock { $0.isAtLineStart } }

  public func write(_ text: String, to channel: OutputChannel) {
    if text.isEmpty { return }
    state.withLock { state in
      state.last = nil
      put(text, to: channel, &state)
    }
  }

  public func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    let channel: OutputChannel = bundle.isProgress ? .standardError : .standardOutput
    let descriptor = bundle.isProgress ? error : output
    let isTerminal = bundle.isProgress ? isInteractive : outputIsTerminal && isInteractive
    let style = style(of: descriptor)
    var text = bundle.terminalText(style)
    // Documentation is running text.
    if isTerminal && bundle[MIMEType.markdown] != nil { text = TextWidth.wrapped(text, to: style.width) }
    if bundle.isProgress {
      text = text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { TextWidth.cut(String($0), to: style.width - 1, mark: "") }.joined(separator: "\n")
    }
    let rows = text.utf8.count { $0 == 0x0A } + 1
    state.withLock { state in
      if isTerminal, let last = state.last, last.id == id {
        put("\u{1B}[\(last.rows)A\r\u{1B}[J", to: channel, &state)
      } else if !state.isAtLineStart {
        put("\n", to: channel, &state)
      }
      put(text + "\n", to: channel, &state)
      state.last = nil
      if let id, rows < style.height { state.last = (id, rows) }
    }
  }

  /// Takes back the last display if it is still the last thing on the terminal; other output stays.
  public func clearOutput(wait: Bool) {
    state.withLock { state in
      guard outputIsTerminal, isInteractive, let last = state.last else { return }
      put("\u{1B}[\(last.rows)A\r\u{1B}[J", to: .standardOutput, &state)
      state.last = nil
    }
  }

  /// To be called after something else, as the user's Return, has moved the terminal to a new line.
  func markLineStart() {
    state.withLock { $0.isAtLineStart = true }
  }

  /// To be called after something else has been written below the last display: it is no longer updated where it is.
  public func keepDisplay() {
    state.withLock { $0.last = nil }
  }

  private func style(of descriptor: Int32) -> TerminalStyle {
    var style = TerminalStyle.current(descriptor: descriptor)
    if let colour { style.colour = colour }
    return style
  }

  private func put(_ text: String, to channel: OutputChannel, _ state: inout State) {
    state.isAtLineStart = text.utf8.last == 0x0A
    // At once, also into pipes and files: whoever watches them sees a long run as it goes, and a killed one loses nothing.
    Self.writeAll(Array(text.utf8), to: channel == .standardOutput ? output : error)
  }

  /// Writes every byte; what cannot be written (the reader is gone) is dropped.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
