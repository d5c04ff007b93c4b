public import JSONCoding

/// The answer to a request that could not be served.
public struct ErrorReply: Error, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  public var content: JSONValue {
    ["status": "error", "ename": .string(name), "evalue": .string(value), "traceback": []]
  }

  /// The type of the reply to a request: `x_request` gives `x_reply`; other messages have none.
  public static func type(answering type: String) -> String? {
    type.hasSuffix("_request") ? type.dropLast("request".count) + "reply" : nil
  }
}
