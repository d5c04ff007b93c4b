public import JSONCoding

/// A message whose signature has been verified.
public struct IncomingMessage: Sendable {
  /// The routing frames before the delimiter, to which a reply goes.
  public var identities: [[UInt8]]
  public var header: MessageHeader
  /// The header's very bytes, which replies carry as their parent header.
  public var headerBytes: [UInt8]
  public var parentHeader: JSONValue
  public var metadata: JSONValue
  /// The content, or `nil` when it is larger than the decoder reads.
  public var content: JSONValue?
  public var buffers: [[UInt8]]
}
