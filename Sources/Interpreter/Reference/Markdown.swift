/// Pieces of Markdown as code hosts read it.
enum Markdown {
  static func code(_ text: String) -> String { "```swift\n\(text)\n```" }

  /// Words with code spans in them: what would be markup outside the spans is escaped.
  static func text(_ text: String) -> String {
    var result = ""
    var isCode = false
    for character in text {
      if character == "`" { isCode.toggle() }
      if !isCode, "*_<>[]|\\~".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// A code span, whatever is in it.
  static func span(_ text: String) -> String {
    guard text.contains("`") else { return "`\(text)`" }
    return "`` \(text) ``"
  }

  /// Words in a cell of a table, where a bar ends the cell even in code.
  static func cell(_ text: String) -> String {
    var result = ""
    for character in self.text(text) {
      if character == "|", result.last != "\\" { result.append("\\") }
      result.append(character == "\n" ? " " : character)
    }
    return result
  }

  static func cellSpan(_ text: String) -> String {
    span(text.replacing("|", with: "\\|").replacing("\n", with: " "))
  }

  static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}

/// The addresses that a code host gives to headings: small letters, digits, `-` and `_`; a repeated one is numbered.
struct MarkdownSlugs {
  private var counts: [String: Int] = [:]

  mutating func slug(_ heading: String) -> String {
    let kept = heading.lowercased().filter {
      $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " "
    }
    let slug = kept.replacing(" ", with: "-")
    let count = counts[slug, default: 0]
    counts[slug] = count + 1
    return count == 0 ? slug : "\(slug)-\(count)"
  }
}
