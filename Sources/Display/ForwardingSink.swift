public import JSONCoding

/// A sink that hands everything on to another one, where there is one, but for what it does itself.
public protocol ForwardingSink: OutputSink {
  var next: (any OutputSink)? { get }
}

extension ForwardingSink {
  public func write(_ text: String, to channel: OutputChannel) { next?.write(text, to: channel) }
  public func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    next?.display(bundle, id: id, update: update)
  }
  public func clearOutput(wait: Bool) { next?.clearOutput(wait: wait) }
  public func readLine(prompt: String, isPassword: Bool) throws -> String? {
    try next?.readLine(prompt: prompt, isPassword: isPassword)
  }
  public func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String? {
    next?.openComm(target, data: data, metadata: metadata)
  }
  public func sendComm(_ id: String, _ data: JSONValue) { next?.sendComm(id, data) }
  public var isInteractive: Bool { next?.isInteractive ?? false }
  public var isRich: Bool { next?.isRich ?? false }
}
