public import JSONCoding

/// The line the user gave.
public struct InputReply: RequestContent {
  public static let type = "input_reply"
  public var value: String

  public init(content: JSONValue) throws(ContentError) {
    value = try content.text("value")
  }
}
