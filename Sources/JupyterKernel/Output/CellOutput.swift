internal import Display
internal import JSONCoding
internal import JupyterWire

/// What one cell writes to. Any thread, also after the cell has ended: its output then still belongs to it.
final class CellOutput: OutputSink {
  private let origin: Origin
  private let isSilent: Bool
  private let allowsInput: Bool
  private let core: KernelCore
  private var queue: OutputQueue { core.queue }

  init(origin: Origin, isSilent: Bool = false, allowsInput: Bool = false, core: KernelCore) {
    self.origin = origin
    self.isSilent = isSilent
    self.allowsInput = allowsInput
    self.core = core
  }

  var isInteractive: Bool { true }

  func write(_ text: String, to channel: OutputChannel) {
    if !isSilent && !text.isEmpty { queue.write(text, to: channel, from: origin) }
  }

  func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    guard !isSilent else { return }
    if update, let id {
      show(UpdateDisplayData(data: bundle.dataJSON, metadata: bundle.metadataJSON, id: id))
    } else {
      show(DisplayData(data: bundle.dataJSON, metadata: bundle.metadataJSON, id: id))
    }
  }

  func clearOutput(wait: Bool) {
    if !isSilent { show(ClearOutput(waits: wait)) }
  }

  func show(_ content: some SentContent) {
    queue.show(Publication(content, for: origin))
  }

  func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String? {
    let id = core.comms.open(target)
    queue.show(Publication(CommOpen(id: id, target: target, data: data), for: origin, metadata: metadata))
    return id
  }

  func sendComm(_ id: String, _ data: JSONValue) {
    if core.comms.isOpen(id) { show(CommMessage(id: id, data: data)) }
  }

  func readLine(prompt: String, isPassword: Bool) throws -> String? {
    guard allowsInput else { throw InputError.unavailable }
    let question = Question(origin: origin, prompt: prompt, isPassword: isPassword)
    guard core.interruption.begin(question) else { throw InputError.interrupted }
    defer { core.interruption.end(question) }
    queue.ask(question)
    return try question.wait()
  }
}
