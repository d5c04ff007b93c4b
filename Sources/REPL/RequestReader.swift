import Display
import Foundation

/// Where the loop's requests come from.
protocol RequestReader: AnyObject {
  /// The next finished input; nil at the end. `prompt` gives the prompt of the first line and of those that go on.
  func next(prompt: @escaping (_ isFirst: Bool) -> String, state: (String) -> InputState) -> LineRequest?
  /// Puts a text where it is found again.
  func remember(_ text: String)
}

/// Lines with editing, from a terminal.
final class TerminalReader: RequestReader {
  private let editor: LineEditor
  private let sink: ConsoleSink
  private let paint: (String) -> String
  private var pending = PendingInput()

  init(_ editor: LineEditor, sink: ConsoleSink, host: any REPLHost) {
    self.editor = editor
    self.sink = sink
    paint = { host.painted($0) }
    editor.complete = { [host, sink, weak self] line, cursor in
      sink.keepDisplay()  // a list may be written below it
      let before = self.map { $0.pending.isEmpty ? "" : $0.pending.text + "\n" } ?? ""
      let offset = before.utf8.count
      let completions = host.complete(before + line, cursor: offset + cursor)
      return CompletionStep(completions, text: before + line, cursor: offset + cursor)
    }
    if let descriptor = host.newsDescriptor {
      editor.news = (descriptor, { [host] in host.takeNews() })
    }
  }

  func next(prompt: @escaping (Bool) -> String, state: (String) -> InputState) -> LineRequest? {
    pending = PendingInput()
    var indent = ""
    while true {
      if !sink.isAtLineStart { sink.write("\n", to: .standardOutput) }
      let isFirst = pending.isEmpty
      switch editor.read(prompt: { prompt(isFirst) }, prefill: indent) {
      case .interrupted:
        sink.keepDisplay()
        pending = PendingInput()
        indent = ""
      case .end:
        sink.write("\n", to: .standardOutput)
        return nil
      case .line(let line):
        sink.keepDisplay()
        editor.repaint(line, as: paint(line))
        let before = pending.isEmpty ? "" : pending.text + "\n"
        let (request, next) = pending.add(line, state: state)
        indent = next
        guard let request else { continue }
        if request != .nothing { editor.remember(before + line) }
        return request
      }
    }
  }

  func remember(_ text: String) { editor.remember(text) }
}

/// Lines of whatever standard input is: no prompt.
final class StreamReader: RequestReader {
  private let sink: ConsoleSink

  init(sink: ConsoleSink) { self.sink = sink }

  func next(prompt: @escaping (Bool) -> String, state: (String) -> InputState) -> LineRequest? {
    var pending = PendingInput()
    while let line = try? sink.nextLine() {
      if let request = pending.add(line, state: state).request { return request }
    }
    // The last line may lack its newline, and the last block its end.
    return pending.isEmpty ? nil : pending.finish()
  }

  func remember(_ text: String) {}
}
