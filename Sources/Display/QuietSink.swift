import JSONCoding

/// Hands on everything but progress, for work that has a progress line of its own.
public final class QuietSink: OutputSink {
  private let sink: any OutputSink

  public init(_ sink: any OutputSink) { self.sink = sink }

  public func write(_ text: String, to channel: OutputChannel) { sink.write(text, to: channel) }
  public func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    if !bundle.isProgress { sink.display(bundle, id: id, update: update) }
  }
  public func clearOutput(wait: Bool) { sink.clearOutput(wait: wait) }
  public func readLine(prompt: String, isPassword: Bool) throws -> String? {
    try sink.readLine(prompt: prompt, isPassword: isPassword)
  }
  public func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String? {
    sink.openComm(target, data: data, metadata: metadata)
  }
  public func sendComm(_ id: String, _ data: JSONValue) { sink.sendComm(id, data) }
  public var isInteractive: Bool { sink.isInteractive }
  public var isRich: Bool { sink.isRich }
}
