/// What is wrong with a JSON text, and where.
public struct JSONParsingError: Error, Hashable, CustomStringConvertible, Sendable {
  public enum Problem: Hashable, Sendable {
    case unexpectedEnd
    case unexpectedByte(UInt8)
    case trailingText
    case invalidNumber
    case numberOutOfRange
    case invalidEscape
    case controlCharacterInString
    case invalidUTF8
    case nestedTooDeeply(limit: Int)
  }

  public let problem: Problem
  /// The distance in bytes from the start of the text.
  public let offset: Int

  package init(problem: Problem, offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  public var description: String {
    let words =
      switch problem {
      case .unexpectedEnd: "the text ends too early"
      case .unexpectedByte(let byte) where (0x21..<0x7f).contains(byte):
        "unexpected “\(Character(UnicodeScalar(byte)))”"
      case .unexpectedByte(let byte): "unexpected byte \(byte)"
      case .trailingText: "text follows the value"
      case .invalidNumber: "malformed number"
      case .numberOutOfRange: "number too large"
      case .invalidEscape: "unknown escape in a string"
      case .controlCharacterInString: "unescaped control character in a string"
      case .invalidUTF8: "the text is not UTF-8"
      case .nestedTooDeeply(let limit): "values nested more than \(limit) deep"
      }
    return "invalid JSON at byte \(offset): \(words)"
  }
}
