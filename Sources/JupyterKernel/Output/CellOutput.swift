internal import Display
internal import JSONCoding
internal import JupyterWire

/// What one cell writes to. Any thread, also after the cell has ended: its output then still belongs to it.
final class CellOutput: OutputSink {
  private let origin: Origin
  private let isSilent: Bool
  private let allowsInput: Bool
  private let queue: OutputQueue
  private let interruption: Interruption

  init(
    origin: Origin, isSilent: Bool, allowsInput: Bool, queue: OutputQueue, interruption: Interruption
  ) {
    self.origin = origin
    self.isSilent = isSilent
    self.allowsInput = allowsInput
    self.queue = queue
    self.interruption = interruption
  }

  var isInteractive: Bool { true }

  func write(_ text: String, to channel: OutputChannel) {
    if !isSilent && !text.isEmpty { queue.write(text, to: channel, from: origin) }
  }

  func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    guard !isSilent else { return }
    if update, let id {
      show(UpdateDisplayData(data: bundle.wireData, metadata: bundle.wireMetadata, id: id))
    } else {
      show(DisplayData(data: bundle.wireData, metadata: bundle.wireMetadata, id: id))
    }
  }

  func clearOutput(wait: Bool) {
    if !isSilent { show(ClearOutput(waits: wait)) }
  }

  func show(_ content: some SentContent) {
    queue.show(Publication(content, for: origin))
  }

  func readLine(prompt: String, isPassword: Bool) throws -> String? {
    guard allowsInput else { throw InputError.unavailable }
    let question = Question(origin: origin, prompt: prompt, isPassword: isPassword)
    guard interruption.begin(question) else { throw InputError.interrupted }
    defer { interruption.end(question) }
    queue.ask(question)
    return try question.wait()
  }
}

extension MIMEBundle {
  /// The representations as the protocol writes them.
  var wireData: JSONValue {
    var members = JSONValue.emptyObject
    for (type, value) in data {
      switch value {
      case .text(let text): members[type] = .string(text)
      case .json(let json): members[type] = json
      }
    }
    return members
  }

  var wireMetadata: JSONValue { .object(metadata) }
}
