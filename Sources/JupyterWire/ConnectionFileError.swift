public import JSONCoding

/// Why a connection file cannot be used.
public struct ConnectionFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Problem: Error, Hashable, Sendable {
    case unreadable(String)
    case malformed(JSONParsingError)
    case notAnObject
    case missing(String)
    case port(String, String)
    case repeatedPort
    case unknownTransport(String)
    case unknownScheme(String)
    case curveKey(String)
  }

  public let path: String
  public let problem: Problem

  public var description: String {
    let words =
      switch problem {
      case .unreadable(let reason): reason
      case .malformed(let error): "\(error)"
      case .notAnObject: "it does not hold a JSON object"
      case .missing(let name): "“\(name)” is missing"
      case .port(let name, let value): "“\(name)” is \(value), not a port number"
      case .repeatedPort: "two channels have the same port"
      case .unknownTransport(let name): "the transport “\(name)” is not supported; use tcp or ipc"
      case .unknownScheme(let name): "the signature scheme “\(name)” is not supported; use hmac-sha256"
      case .curveKey(let name): "“\(name)” is not a key of 40 characters"
      }
    return "the connection file \(path) cannot be used: \(words)"
  }
}
