public import JSONCoding

/// The last word of a kernel, to the asking client and to all.
public struct ShutdownReply: SentContent {
  public static let type = "shutdown_reply"
  public var restarts: Bool

  public init(restarts: Bool) {
    self.restarts = restarts
  }

  public var content: JSONValue { ["status": "ok", "restart": .bool(restarts)] }
}
