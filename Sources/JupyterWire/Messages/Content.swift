public import JSONCoding

/// The content of a request that has arrived.
public protocol RequestContent: Sendable {
  static var type: String { get }
  /// Reads the content. What the protocol lets clients omit gets its default.
  init(content: JSONValue) throws(ContentError)
}

/// The content of a message the kernel sends.
public protocol SentContent: Sendable {
  static var type: String { get }
  var content: JSONValue { get }
}

/// A field of a request that is missing or of the wrong kind.
public struct ContentError: Error, Hashable, Sendable, CustomStringConvertible {
  public let field: String
  public let expected: String

  public init(field: String, expected: String) {
    self.field = field
    self.expected = expected
  }

  public var description: String { "the request's “\(field)” is not \(expected)" }
}

extension JSONValue {
  func text(_ field: String) throws(ContentError) -> String {
    guard let text = self[field]?.string else { throw ContentError(field: field, expected: "a text") }
    return text
  }

  func text(_ field: String, default value: String) throws(ContentError) -> String {
    switch self[field] {
    case nil, .null: value
    case .string(let text): text
    default: throw ContentError(field: field, expected: "a text")
    }
  }

  func number(_ field: String) throws(ContentError) -> Int {
    guard let number = self[field]?.int else { throw ContentError(field: field, expected: "an integer") }
    return number
  }

  func optionalNumber(_ field: String) throws(ContentError) -> Int? {
    guard let value = self[field], !value.isNull else { return nil }
    guard let number = value.int else { throw ContentError(field: field, expected: "an integer") }
    return number
  }

  func truth(_ field: String, default value: Bool) throws(ContentError) -> Bool {
    switch self[field] {
    case nil, .null: value
    case .bool(let truth): truth
    default: throw ContentError(field: field, expected: "true or false")
    }
  }
}
