import Diagnostics
import Display
import Interpreter
import JSONCoding
import Synchronization

/// A place in a notebook whose content can be replaced. In a terminal what it shows is printed.
final class OutputArea: HostObject {
  let typeName = "OutputArea"
  let model: WidgetModel

  init(_ evaluation: Evaluation) {
    model = WidgetModel("Output", .output, ["msg_id": "", "outputs": []], evaluation)
  }

  var summary: String { "OutputArea" }
  var mimeBundle: MIMEBundle { model.bundle(plain: summary) }

  /// Replaces the content by what `body` prints and shows, and by its value or its error.
  func replace(_ evaluation: Evaluation, _ body: () throws -> Value?) throws {
    guard model.id != nil else {
      if let value = try body(), !value.isVoid { evaluation.output.display(value.mimeBundle) }
      return
    }
    let sink = AreaSink(model, evaluation.output)
    do {
      let value = try evaluation.withOutput(to: sink) { try body() }
      if let value, !value.isVoid { sink.display(value.mimeBundle) }
    } catch {
      let problem = evaluation.diagnostic(for: error)
      if problem.isInterrupt { throw problem }
      sink.show(problem)
    }
    sink.flush()
  }
}

/// Collects output as the entries of an output widget, which it sends when they have changed.
private final class AreaSink: OutputSink, @unchecked Sendable {
  private struct State {
    var entries: [(id: String?, json: JSONValue)] = []
    var lastSent: ContinuousClock.Instant?
  }

  private let model: WidgetModel
  private let base: any OutputSink
  private let state = Mutex(State())

  /// How often running code shows what has changed.
  private static let pause = Duration.milliseconds(100)

  init(_ model: WidgetModel, _ base: any OutputSink) {
    self.model = model
    self.base = base
  }

  var isInteractive: Bool { true }

  func write(_ text: String, to channel: OutputChannel) {
    change { entries in
      if let last = entries.last, last.json["name"]?.string == channel.rawValue,
        let before = last.json["text"]?.string
      {
        entries[entries.count - 1].json["text"] = .string(before + text)
      } else {
        entries.append(
          (nil, ["output_type": "stream", "name": .string(channel.rawValue), "text": .string(text)]))
      }
    }
  }

  func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    let json: JSONValue = [
      "output_type": "display_data", "data": bundle.dataJSON, "metadata": bundle.metadataJSON,
    ]
    change { entries in
      if update, let id {
        for index in entries.indices where entries[index].id == id { entries[index].json = json }
      } else {
        entries.append((id, json))
      }
    }
  }

  func clearOutput(wait: Bool) { change { $0 = [] } }

  func readLine(prompt: String, isPassword: Bool) throws -> String? {
    flush()
    return try base.readLine(prompt: prompt, isPassword: isPassword)
  }

  func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String? {
    base.openComm(target, data: data, metadata: metadata)
  }

  func sendComm(_ id: String, _ data: JSONValue) { base.sendComm(id, data) }

  func show(_ problem: Diagnostic) {
    let lines = DiagnosticRenderer(colour: true).render([problem]).split(separator: "\n")
    change {
      $0.append(
        (
          nil,
          [
            "output_type": "error", "ename": .string(problem.id), "evalue": .string(problem.message),
            "traceback": .array(lines.map { .string(String($0)) }),
          ]
        ))
    }
  }

  private func change(_ body: (inout [(id: String?, json: JSONValue)]) -> Void) {
    let isDue = state.withLock { state in
      body(&state.entries)
      let now = ContinuousClock.now
      guard let last = state.lastSent else {
        state.lastSent = now
        return false
      }
      guard now - last >= AreaSink.pause else { return false }
      state.lastSent = now
      return true
    }
    if isDue { flush() }
  }

  func flush() {
    let entries = state.withLock { $0.entries.map(\.json) }
    model.set(["outputs": .array(entries)], base)
  }
}
