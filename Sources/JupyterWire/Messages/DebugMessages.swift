public import JSONCoding

/// A request of the Debug Adapter Protocol, as `debug_request` carries it on the control channel.
public struct DebugRequest: RequestContent {
  public static let type = "debug_request"
  public var sequence: Int
  public var command: String
  /// An empty object where the request has none.
  public var arguments: JSONValue

  public init(content: JSONValue) throws(ContentError) {
    sequence = try content.optionalNumber("seq") ?? 0
    command = try content.text("command")
    switch content["arguments"] {
    case nil, .null: arguments = .emptyObject
    case .object(let members)?: arguments = .object(members)
    default: throw ContentError(field: "arguments", expected: "an object")
    }
  }
}

/// The response to a ``DebugRequest``.
public struct DebugReply: SentContent {
  public static let type = "debug_reply"
  public var request: DebugRequest
  public var sequence: Int
  /// The body, or why the request was not done.
  public var result: Result<JSONValue, DebugRefusal>

  public init(_ request: DebugRequest, sequence: Int, _ result: Result<JSONValue, DebugRefusal>) {
    self.request = request
    self.sequence = sequence
    self.result = result
  }

  public var content: JSONValue {
    var content: JSONValue = [
      "type": "response", "seq": .int(sequence), "request_seq": .int(request.sequence),
      "command": .string(request.command),
    ]
    switch result {
    case .success(let body):
      content["success"] = true
      content["body"] = body
    case .failure(let refusal):
      content["success"] = false
      content["message"] = .string(refusal.reason)
      content["body"] = ["error": ["id": 1, "format": .string(refusal.reason), "showUser": true]]
    }
    return content
  }
}

/// Why a debugger does not do what it is asked.
public struct DebugRefusal: Error, Hashable, Sendable {
  public var reason: String

  public init(_ reason: String) {
    self.reason = reason
  }
}

/// An event of the Debug Adapter Protocol, published to every client.
public struct DebugEvent: SentContent {
  public static let type = "debug_event"
  public var sequence: Int
  public var event: String
  public var body: JSONValue

  public init(_ event: String, sequence: Int = 0, body: JSONValue = .emptyObject) {
    self.event = event
    self.sequence = sequence
    self.body = body
  }

  public var content: JSONValue {
    ["type": "event", "seq": .int(sequence), "event": .string(event), "body": body]
  }
}
