import Diagnostics
import Display
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
      switch event {
      case .text(let text, let channel): sink.write(text, to: channel)
      case .display(let bundle, let id, let update): sink.display(bundle, id: id, update: update)
      case .result(let bundle): sink.display(bundle)
      case .clear(let wait): sink.clearOutput(wait: wait)
      case .error(let traceback): sink.write(shown(traceback), to: .standardError)
      }
    } answer: { prompt, isPassword in
      try? sink.readLine(prompt: prompt, isPassword: isPassword)
    }
    if ending == .lost { sink.write("the kernel no longer answers\n", to: .standardError) }
    return ending == .succeeded
  }

  /// A traceback, without colour where none is wanted.
  private func shown(_ traceback: [String]) -> String {
    let text = traceback.joined(separator: "\n") + "\n"
    return TerminalStyle.colourAllowed() ? text : text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
  }

  func interrupt() { client.interrupt() }

  func variables() -> [REPLVariable]? { nil }
  func reset() -> Bool { false }

  func recentHistory(_ count: Int) -> [String] {
    let reply = client.ask(
      "history_request",
      ["hist_access_type": "tail", "n": .int(count), "output": false, "raw": true])
    return (reply?["history"]?.array ?? []).compactMap { $0.array?.last?.string }
  }
}
