import CLibEdit
import Display
import Foundation

/// Reads, runs and shows, until the user leaves: on a terminal with line editing, else from whatever standard input is.
public final class InteractiveLoop {
  let host: any REPLHost
  let sink: ConsoleSink
  /// What has run without an error, oldest first, for `:save`.
  private(set) var succeeded: [String] = []
  /// What `:edit` begins with.
  private(set) var lastInput: String?
  /// What `:step` and `:back` show.
  var watched: [String] = []
  /// Where programs are to pause.
  var breakpoints: [REPLBreakpoint] = []
  private var reader: (any RequestReader)?
  private var prompts = Prompts(unicode: false, colour: false)
  private static let historySize = 2000

  public init(host: any REPLHost, sink: ConsoleSink) {
    self.host = host
    self.sink = sink
  }

  /// Runs to the end and returns the exit status: 0, or 1 if input that came from no terminal failed anywhere.
  ///
  /// The calling thread becomes the input thread; the host's code runs on it, so it needs a large stack.
  public func run() -> Int32 {
    defer { host.end() }
    host.whenPaused { [unowned self] in hold($0) }
    if isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 { return runStream() }
    return runTerminal()
  }

  // MARK: No terminal

  /// No prompt, no colour; an error does not stop what follows, but it is remembered.
  private func runStream() -> Int32 {
    reader = StreamReader(sink: sink)
    var succeeded = true
    while let request = next(isPaused: false) {
      guard let result = perform(request) else { return succeeded ? 0 : 1 }
      succeeded = result && succeeded
    }
    return succeeded ? 0 : 1
  }

  // MARK: A terminal

  private func runTerminal() -> Int32 {
    let isUTF8 = LineEditor.setLocale()
    let echo = TerminalEcho()
    defer { echo.restore() }
    guard
      let editor = LineEditor(
        program: "innerloop", historySize: Self.historySize, isUTF8: LineEditor.codeset == "UTF-8")
    else { return runStream() }
    let interrupts = cle_signals_install()
    defer { cle_signals_remove() }
    forwardInterrupts(interrupts)
    reader = TerminalReader(editor, sink: sink, host: host)
    defer { reader = nil }
    for entry in host.recentHistory(Self.historySize) { editor.remember(entry) }
    sink.write(TextWidth.wrapped(host.banner, to: sink.style.width) + "\n", to: .standardOutput)
    prompts = Prompts(unicode: isUTF8, colour: TerminalStyle.colourAllowed())
    while let request = next(isPaused: false) {
      if perform(request) == nil { return 0 }
    }
    return 0
  }

  /// The next thing that is asked for; nil at the end of the input.
  func next(isPaused: Bool) -> LineRequest? {
    let prompt = { [host, prompts] isFirst in
      if !isFirst { return prompts.continuation(isPaused ? nil : host.promptNumber) }
      return isPaused ? prompts.paused : prompts.first(host.promptNumber)
    }
    return reader?.next(prompt: prompt, state: host.inputState)
  }

  /// Ctrl-C while code runs: a thread of its own tells the host, since a signal handler may not.
  private func forwardInterrupts(_ descriptor: Int32) {
    if descriptor < 0 { return }
    nonisolated(unsafe) let host = host
    let thread = Thread {
      var byte: UInt8 = 0
      while true {
        let count = read(descriptor, &byte, 1)
        if count == 1 { host.interrupt() } else if count == 0 || errno != EINTR { return }
      }
    }
    thread.name = "interrupts"
    thread.start()
  }

  // MARK: Requests

  /// What is known of a name.
  func inspect(_ name: String, detail: Int) -> Bool {
    guard let text = host.inspect(name, cursor: name.utf8.count, detail: detail) else {
      sink.write("nothing is known about '\(Escaping.line(name))'\n", to: .standardError)
      return false
    }
    let page = sink.isInteractive ? TextWidth.wrapped(text, to: sink.style.width) : text
    sink.write(page.hasSuffix("\n") ? page : page + "\n", to: .standardOutput)
    return true
  }

  /// Does what was asked. nil to leave, else whether it succeeded.
  private func perform(_ request: LineRequest) -> Bool? {
    switch request {
    case .nothing: return true
    case .run(let source): return run(source)
    case .inspect(let name, let detail): return inspect(name, detail: detail)
    case .command(let command): return perform(command: command)
    }
  }

  /// Runs code and keeps it for `:save` and `:edit`.
  func run(_ source: String) -> Bool {
    lastInput = source
    let result = host.run(source)
    if result { succeeded.append(source) }
    return result
  }

  /// Puts a text where Up finds it.
  func remember(_ text: String) { reader?.remember(text) }

  static var help: String {
    let commands = REPLCommand.allCases.map(\.help)
    let lines =
      [("name?", "what a name is; name?? says more"), ("help(name)", "the same, inside a program")] + commands
      + [
        ("", ""), ("Tab", "complete a name; again to list what is possible"),
        ("Up, Down", "lines that begin like this one; Ctrl-R searches"),
        ("Ctrl-C", "give up a line, or interrupt what runs; variables stay"),
      ]
    return lines.map { usage, text in
      usage.isEmpty ? "\n" : usage.padding(toLength: 18, withPad: " ", startingAt: 0) + text + "\n"
    }.joined()
  }
}
