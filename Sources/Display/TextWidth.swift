/// How many columns text takes in a terminal or a monospaced cell.
public enum TextWidth {
  /// The columns of a text on one line: two for wide East Asian characters and emoji.
  public static func columns(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + columns($1) }
  }

  /// `text` followed or led by spaces up to `width` columns.
  public static func padded(_ text: String, to width: Int, flushRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(width - columns(text), 0))
    return flushRight ? space + text : text + space
  }

  /// `text`, its end replaced by `mark` where it is wider than `width`.
  public static func cut(_ text: String, to width: Int, mark: String = "…") -> String {
    if columns(text) <= width { return text }
    var result = ""
    var used = columns(mark)
    for character in text {
      used += columns(character)
      if used > width { break }
      result.append(character)
    }
    return result + mark
  }

  static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
