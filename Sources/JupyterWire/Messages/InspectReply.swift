public import JSONCoding

/// The answer to `inspect_request`.
public struct InspectReply: SentContent {
  public static let type = "inspect_reply"
  /// MIME data and metadata, or `nil` when nothing was found.
  public var found: (data: JSONValue, metadata: JSONValue)?

  public init(found: (data: JSONValue, metadata: JSONValue)?) {
    self.found = found
  }

  public var content: JSONValue {
    [
      "status": "ok", "found": .bool(found != nil), "data": found?.data ?? [:],
      "metadata": found?.metadata ?? [:],
    ]
  }
}
