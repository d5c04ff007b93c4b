import JSONCoding
import Synchronization

/// Turns frames into verified messages. One decoder serves all sockets, from any thread, so that a message recorded
/// on one socket cannot be played back on another.
///
/// The order of checks is the point: number of frames, length of the signature, the signature in constant time,
/// whether it was seen before, and only then is anything parsed.
public final class MessageDecoder: Sendable {
  /// Contents longer than this are verified but not parsed.
  public static let contentLimit = 8 << 20
  /// Headers and metadata longer than this are refused.
  public static let headerLimit = 1 << 20

  private let signer: MessageSigner
  private let seen: Mutex<SeenSignatures>

  /// - Parameter remembered: how many signatures are kept to recognise a replay.
  public init(key: [UInt8], remembered: Int = 1 << 16) {
    signer = MessageSigner(key: key)
    seen = Mutex(SeenSignatures(capacity: max(remembered, 1)))
  }

  public func decode(_ frames: [[UInt8]]) throws(WireError) -> IncomingMessage {
    guard let delimiter = frames.firstIndex(of: JupyterProtocol.delimiter) else { throw .missingDelimiter }
    let body = frames[(delimiter + 1)...]
    guard body.count >= 5 else { throw .tooFewFrames(body.count) }
    let signature = frames[delimiter + 1]
    let signed = frames[(delimiter + 2)..<(delimiter + 6)]
    if signer.isSigning {
      guard signature.count == MessageSigner.signatureLength else { throw .signatureLength(signature.count) }
      guard signer.verifies(signature, signed) else { throw .wrongSignature }
      guard seen.withLock({ $0.insert(signature) }) else { throw .replayed }
    }
    let (header, parent, metadata, content) = (
      frames[delimiter + 2], frames[delimiter + 3], frames[delimiter + 4], frames[delimiter + 5]
    )
    let headerSize = header.count + parent.count + metadata.count
    guard headerSize <= MessageDecoder.headerLimit else { throw .oversizedHeader(headerSize) }
    return IncomingMessage(
      identities: Array(frames[..<delimiter]),
      header: try MessageHeader(json: object(header, "header")),
      headerBytes: header,
      parentHeader: try object(parent, "parent header"),
      metadata: try object(metadata, "metadata"),
      content: content.count > MessageDecoder.contentLimit ? nil : try object(content, "content"),
      buffers: Array(frames[(delimiter + 6)...]))
  }

  private func object(_ bytes: [UInt8], _ part: String) throws(WireError) -> JSONValue {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw .malformed(part: part, error) }
    guard value.object != nil else { throw .notAnObject(part: part) }
    return value
  }
}
