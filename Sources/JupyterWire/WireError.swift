public import JSONCoding

/// Why frames that arrived are not a message to obey.
public enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
  case missingDelimiter
  case tooFewFrames(Int)
  case signatureLength(Int)
  case wrongSignature
  case replayed
  case oversizedHeader(Int)
  case malformed(part: String, JSONParsingError)
  case notAnObject(part: String)
  case missingField(String)
  case impossibleDate(String)

  public var description: String {
    switch self {
    case .missingDelimiter: "frames without the delimiter <IDS|MSG>"
    case .tooFewFrames(let count): "a message of \(count) frames after the delimiter; at least 5 are needed"
    case .signatureLength(let length):
      "a signature of \(length) characters instead of \(MessageSigner.signatureLength)"
    case .wrongSignature: "a signature that does not match"
    case .replayed: "a message that has been received before"
    case .oversizedHeader(let size): "headers of \(size) bytes"
    case .malformed(let part, let error): "\(part): \(error)"
    case .notAnObject(let part): "\(part) is not a JSON object"
    case .missingField(let name): "a header without \(name)"
    case .impossibleDate(let text): "a header with the date \(text), which there is not"
    }
  }
}
