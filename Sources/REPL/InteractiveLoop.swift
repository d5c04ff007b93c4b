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
  private var editor: LineEditor?
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
    if isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 { return runStream() }
    return runTerminal()
  }

  // MARK: No terminal

  /// No prompt, no colour; an error does not stop what follows, but it is remembered.
  private func runStream() -> Int32 {
    var pending = PendingInput()
    var succeeded = true
    while let line = try? sink.nextLine() {
      guard let request = pending.add(line, state: host.inputState).request else { continue }
      guard let result = perform(request) else { return succeeded ? 0 : 1 }
      succeeded = result && succeeded
    }
    // The last line may lack its newline, and the last block its end.
    if !pending.isEmpty { succeeded = (perform(pending.finish()) ?? true) && succeeded }
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
    self.editor = editor
    defer { self.editor = nil }
    for entry in host.recentHistory(Self.historySize) { editor.remember(entry) }
    sink.write(TextWidth.wrapped(host.banner, to: sink.style.width) + "\n", to: .standardOutput)

    let prompts = Prompts(unicode: isUTF8, colour: TerminalStyle.colourAllowed())
    var pending = PendingInput()
    var indent = ""
    editor.complete = { [host, sink] line, cursor in
      sink.keepDisplay()  // a list may be written below it
      let before = pending.isEmpty ? "" : pending.text + "\n"
      let offset = before.utf8.count
      let completions = host.complete(before + line, cursor: offset + cursor)
      return CompletionStep(completions, text: before + line, cursor: offset + cursor)
    }
    if let descriptor = host.newsDescriptor {
      editor.news = (descriptor, { [host] in host.takeNews() })
    }
    while true {
      if !sink.isAtLineStart { sink.write("\n", to: .standardOutput) }
      let isFirst = pending.isEmpty
      let prompt = { [host] in
        isFirst ? prompts.first(host.promptNumber) : prompts.continuation(host.promptNumber)
      }
      switch editor.read(prompt: prompt, prefill: indent) {
      case .interrupted:
        sink.keepDisplay()
        pending = PendingInput()
        indent = ""
      case .end:
        sink.write("\n", to: .standardOutput)
        return 0
      case .line(let line):
        sink.keepDisplay()
        editor.repaint(line, as: host.painted(line))
        let before = pending.isEmpty ? "" : pending.text + "\n"
        let (request, next) = pending.add(line, state: host.inputState)
        indent = next
        guard let request else { continue }
        if request != .nothing { editor.remember(before + line) }
        if perform(request) == nil { return 0 }
      }
    }
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

  /// Does what was asked. nil to leave, else whether it succeeded.
  private func perform(_ request: LineRequest) -> Bool? {
    switch request {
    case .nothing: return true
    case .run(let source): return run(source)
    case .inspect(let name, let detail):
      guard let text = host.inspect(name, cursor: name.utf8.count, detail: detail) else {
        sink.write("nothing is known about '\(Escaping.line(name))'\n", to: .standardError)
        return false
      }
      let page = sink.isInteractive ? TextWidth.wrapped(text, to: sink.style.width) : text
      sink.write(page.hasSuffix("\n") ? page : page + "\n", to: .standardOutput)
      return true
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
  func remember(_ text: String) { editor?.remember(text) }

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
