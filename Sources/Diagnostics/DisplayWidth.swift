/// How many terminal columns text takes, and what of it may be shown at all.
package enum DisplayWidth {
  /// Columns of one grapheme cluster: 2 for East Asian wide characters and emoji, 0 for marks that stand alone.
  package static func columns(of character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
      if scalar.value == 0xFE0F { return 2 }  // asks for the emoji picture
      width = max(width, columns(of: scalar))
    }
    return width
  }

  package static func columns(of text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return isWide(scalar.value) ? 2 : 1
  }

  /// `text` broken at spaces: its first line `first` columns wide, the others `width` with `indent` spaces before them.
  /// A word that is wider stands alone.
  package static func wrapped(_ text: String, first: Int, width: Int, indent: Int) -> String {
    var result = ""
    var room = first
    for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let columns = columns(of: word)
      if index > 0 && columns + 1 > room {
        result += "\n" + String(repeating: " ", count: indent)
        room = width - indent
      } else if index > 0 {
        result += " "
        room -= 1
      }
      result += word
      room -= columns
    }
    return result
  }

  /// East Asian width W and F (Unicode Standard Annex 11), blocks rounded out.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
      0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }

  /// Text in which characters that would steer the terminal, or hide what stands there, are replaced by visible ones. Newlines stay
  /// when `keepingNewlines` is set; tabs become single spaces.
  package static func visible(_ text: String, keepingNewlines: Bool = true) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\n", keepingNewlines {
        result.append(scalar)
      } else if scalar == "\t" {
        result.append(" ")
      } else {
        result.append(visible(scalar))
      }
    }
    return String(result)
  }

  package static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: "\u{FFFD}"
    default: scalar
    }
  }
}
