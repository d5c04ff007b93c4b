import SwiftIDEUtils
import SwiftSyntax

/// Colours for code on a terminal.
public enum SyntaxColours {
  /// Longer texts stay as they are.
  private static let limit = 1 << 16

  /// The text with ANSI sequences around keywords, literals, types and comments.
  public static func painted(_ text: String) -> String {
    guard text.utf8.count <= limit, let tree = BoundedParse.tree(of: text) else { return text }
    let bytes = Array(text.utf8)
    var result = ""
    var position = 0
    for part in tree.classifications {
      guard let colour = colour(of: part.kind) else { continue }
      let range = part.range.lowerBound.utf8Offset..<part.range.upperBound.utf8Offset
      guard position <= range.lowerBound, range.upperBound <= bytes.count else { continue }
      result += String(decoding: bytes[position..<range.lowerBound], as: UTF8.self)
      result += "\u{1B}[\(colour)m" + String(decoding: bytes[range], as: UTF8.self) + "\u{1B}[0m"
      position = range.upperBound
    }
    return result + String(decoding: bytes[position...], as: UTF8.self)
  }

  private static func colour(of kind: SyntaxClassification) -> Int? {
    switch kind {
    case .keyword, .ifConfigDirective, .attribute: 35
    case .stringLiteral, .regexLiteral: 32
    case .integerLiteral, .floatLiteral: 36
    case .type: 33
    case .lineComment, .blockComment, .docLineComment, .docBlockComment: 2
    default: nil
    }
  }
}
