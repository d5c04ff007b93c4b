import Diagnostics
import Display
import Interpreter
import JSONCoding
import JupyterKernel
import REPL

/// The REPL's view of a kernel that runs already, as a notebook's: both see the same variables and displays.
final class KernelREPLHost: REPLHost {
  private let sink: ConsoleSink
  private let client: KernelClient

  init(connectionFile: String, sink: ConsoleSink) throws {
    self.sink = sink
    client = try KernelClient(connectionFile: connectionFile)
  }

  var banner: String {
    let words = client.ask("kernel_info_request", .emptyObject)?["banner"]?.string ?? ""
    return (words.isEmpty ? "" : words + "\n") + "Attached to a running kernel; Ctrl-D leaves it running."
  }

  var promptNumber: Int { client.executionCount + 1 }

  func inputState(_ source: String) -> InputState {
    let reply = client.ask("is_complete_request", ["code": .string(source)])
    switch reply?["status"]?.string {
    case "incomplete": return .incomplete(indent: reply?["indent"]?.string ?? "")
    case "invalid": return .invalid
    default: return .complete
    }
  }

  func complete(_ source: String, cursor: Int) -> CompletionList {
    let text = SourceText(name: "", text: source)
    let position = text.codePointOffset(ofUTF8: cursor)
    let reply = client.ask("complete_request", ["code": .string(source), "cursor_pos": .int(position)])
    let types = reply?["metadata"]?["_jupyter_types_experimental"]?.array ?? []
    return CompletionList(
      matches: (reply?["matches"]?.array ?? []).compactMap(\.string),
      details: types.map { $0["signature"]?.string ?? "" },
      start: text.utf8Offset(ofCodePoint: reply?["cursor_start"]?.int ?? position))
  }

  func painted(_ source: String) -> String { SyntaxColours.painted(source) }

  func inspect(_ source: String, cursor: Int, detail: Int) -> String? {
    let position = SourceText(name: "", text: source).codePointOffset(ofUTF8: cursor)
    let reply = client.ask(
      "inspect_request",
      ["code": .string(source), "cursor_pos": .int(position), "detail_level": .int(detail)])
    guard reply?["found"]?.bool == true else { return nil }
    return reply?["data"]?[MIMEType.plain]?.string
  }

  func run(_ source: String) -> Bool {
    let ending = client.execute(source) { event in
      show(event)
    } answer: { prompt, isPassword in
      try? sink.readLine(prompt: prompt, isPassword: isPassword)
    }
    if ending == .lost { sink.write("the kernel no longer answers\n", to: .standardError) }
    return ending == .succeeded
  }

  private func show(_ event: KernelClient.Event) {
    switch event {
    case .text(let text, let channel): sink.write(text, to: channel)
    case .display(let bundle, let id, let update): sink.display(bundle, id: id, update: update)
    case .result(var bundle):
      let text = bundle.plainText
      let isLiteral =
        bundle.dataJSON.object?.count == 1 && text.first.map { "\"[(-0123456789".contains($0) } ?? false
      if isLiteral { bundle.terminal = { $0.colour ? SyntaxColours.painted(text) : text } }
      sink.display(bundle)
    case .clear(let wait): sink.clearOutput(wait: wait)
    case .error(let traceback): sink.write(shown(traceback), to: .standardError)
    }
  }

  var newsDescriptor: Int32? { client.newsDescriptor }

  /// What the notebook and other clients run, with what it puts out.
  func takeNews() -> (() -> Void)? {
    let news = client.takeNews()
    if news.isEmpty { return nil }
    return { [self] in
      for item in news {
        switch item {
        case .input(let code, let number):
          let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
          let first = Escaping.line(String(lines.first ?? ""))
          sink.write("[\(number)]: \(first)\(lines.count > 1 ? " …" : "")\n", to: .standardOutput)
        case .event(let event): show(event)
        }
      }
      if !sink.isAtLineStart { sink.write("\n", to: .standardOutput) }
    }
  }

  /// A traceback, without colour where none is wanted.
  private func shown(_ traceback: [String]) -> String {
    let text = traceback.joined(separator: "\n") + "\n"
    return TerminalStyle.colourAllowed() ? text : text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
  }

  func interrupt() { client.interrupt() }

  func end() { client.close() }

  /// The completions of nothing are all names that can be used; those with a value are the variables.
  func variables() -> [REPLVariable]? {
    let reply = client.ask("complete_request", ["code": "", "cursor_pos": 0])
    let names = (reply?["metadata"]?["_jupyter_types_experimental"]?.array ?? []).filter {
      $0["type"]?.string == "instance"
    }
    return names.compactMap { entry in
      guard let name = entry["text"]?.string else { return nil }
      let page = inspect(name, cursor: name.utf8.count, detail: 0) ?? ""
      // Constants of the language have none.
      guard let value = page.split(separator: "\n").first(where: { $0.hasPrefix("Value: ") }) else {
        return nil
      }
      return REPLVariable(
        name: name, type: entry["signature"]?.string ?? "", summary: String(value.dropFirst("Value: ".count)))
    }
  }
  func reset() -> Bool { false }

  func recentHistory(_ count: Int) -> [String] {
    let reply = client.ask(
      "history_request",
      ["hist_access_type": "tail", "n": .int(count), "output": false, "raw": true])
    return (reply?["history"]?.array ?? []).compactMap { $0.array?.last?.string }
  }
}
