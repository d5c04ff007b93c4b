internal import CSodium

/// HMAC-SHA256 over the four signed frames of a message (header, parent header, metadata, content), in lower-case
/// hexadecimal. Buffers are never signed. An empty key turns signing off.
public struct MessageSigner: Sendable {
  /// The length of a signature in characters.
  public static let signatureLength = 64

  /// The state after hashing the key, from which every signature starts: saves two compressions a message.
  private let keyed: crypto_auth_hmacsha256_state?

  public init(key: [UInt8]) {
    if key.isEmpty {
      keyed = nil
    } else {
      var state = crypto_auth_hmacsha256_state()
      crypto_auth_hmacsha256_init(&state, key, key.count)
      keyed = state
    }
  }

  public var isSigning: Bool { keyed != nil }

  /// The signature of the frames one after another; empty when signing is off.
  public func signature(_ frames: some Sequence<[UInt8]>) -> [UInt8] {
    guard var state = keyed else { return [] }
    for frame in frames {
      crypto_auth_hmacsha256_update(&state, frame, UInt64(frame.count))
    }
    var digest = [UInt8](repeating: 0, count: 32)
    crypto_auth_hmacsha256_final(&state, &digest)
    var text = [UInt8]()
    text.reserveCapacity(64)
    for byte in digest {
      text.append(MessageSigner.digits[Int(byte >> 4)])
      text.append(MessageSigner.digits[Int(byte & 15)])
    }
    return text
  }

  /// Whether a signature belongs to the frames. The comparison takes the same time wherever they differ.
  public func verifies(_ signature: [UInt8], _ frames: some Sequence<[UInt8]>) -> Bool {
    guard isSigning else { return true }
    guard signature.count == MessageSigner.signatureLength else { return false }
    return sodium_memcmp(signature, self.signature(frames), MessageSigner.signatureLength) == 0
  }

  static let digits = Array("0123456789abcdef".utf8)
}

/// A random identifier of 32 hexadecimal digits.
package func randomIdentifier() -> String {
  var bytes = [UInt8](repeating: 0, count: 16)
  randombytes_buf(&bytes, bytes.count)
  return String(
    decoding: bytes.flatMap { [MessageSigner.digits[Int($0 >> 4)], MessageSigner.digits[Int($0 & 15)]] },
    as: UTF8.self)
}
