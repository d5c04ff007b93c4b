public import JSONCoding

/// The answer to `interrupt_request`.
public struct InterruptReply: SentContent {
  public static let type = "interrupt_reply"
  public static let requestType = "interrupt_request"

  public init() {}

  public var content: JSONValue { ["status": "ok"] }
}
