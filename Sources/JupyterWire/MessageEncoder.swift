internal import CSodium
public import JSONCoding
import Synchronization

/// Turns messages of the kernel into signed frames. One encoder serves all sockets, from any thread; all its messages
/// carry the kernel's own session, and identifiers that are used once.
public final class MessageEncoder: Sendable {
  /// The kernel's session identifier.
  public let session: String
  private let signer: MessageSigner
  private let username: String
  private let count = Atomic<Int>(0)

  public init(key: [UInt8], username: String = "kernel") {
    _ = sodium_init()  // fails only where there is no source of randomness, which then ends the program
    signer = MessageSigner(key: key)
    session = randomIdentifier()
    self.username = username
  }

  /// The next message's header.
  public func header(type: String) -> MessageHeader {
    let number = count.add(1, ordering: .relaxed).newValue
    return MessageHeader(id: "\(session)_\(number)", session: session, username: username, type: type)
  }

  /// The frames of a message.
  ///
  /// - Parameters:
  ///   - prefix: routing identities, or the topic on IOPub.
  ///   - parent: the bytes of the header of the request this answers; empty when there is none.
  ///   - content: the content as JSON text.
  public func frames(
    prefix: [[UInt8]], header: MessageHeader, parent: [UInt8], metadata: JSONValue = .emptyObject,
    content: [UInt8], buffers: [[UInt8]] = []
  ) -> [[UInt8]] {
    let signed = [
      header.json.serializedBytes(), parent.isEmpty ? Array("{}".utf8) : parent, metadata.serializedBytes(),
      content,
    ]
    return prefix + [JupyterProtocol.delimiter, signer.signature(signed)] + signed + buffers
  }
}
