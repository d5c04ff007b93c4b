internal import JSONCoding
internal import JupyterWire

/// A message for every subscriber, waiting to be sent.
struct Publication: Sendable {
  /// What it answers; nothing for news of the kernel itself.
  let origin: Origin?
  let type: String
  let content: [UInt8]
  let metadata: JSONValue
  /// The topic, when it is not the usual one for the type.
  var topic: [UInt8]?

  /// Whether it ends what was to be said of its request.
  var isIdle: Bool { type == StatusContent.type && content == Publication.idle }
  private static let idle = StatusContent.idle.content.serializedBytes()

  init(
    _ content: some SentContent, for origin: Origin?, metadata: JSONValue = .emptyObject,
    topic: [UInt8]? = nil
  ) {
    self.origin = origin
    type = Swift.type(of: content).type
    self.content = content.content.serializedBytes()
    self.metadata = metadata
    self.topic = topic
  }

  /// Its part in the bound of the queue: the content and a guess at the rest.
  var size: Int { content.count + 512 }
}
