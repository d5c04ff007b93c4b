/// Swift source with its comments and the contents of its string literals replaced by spaces,
/// so that a search finds code only. Lines keep their numbers.
struct SwiftCode {
  let lines: [Substring]

  init(_ source: String) {
    var stripper = Stripper(Array(source.utf8))
    stripper.stripCode(untilClosingParenthesis: false)
    text = String(decoding: stripper.output, as: UTF8.self)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  let text: String

  /// The modules named by `import` declarations.
  var imports: [(module: String, line: Int)] {
    let pattern =
      /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/
    return lines.enumerated().filter { $0.element.contains("import ") }.compactMap { index, line in
      (line.firstMatch(of: pattern)?.output.1).map { (String($0), index + 1) }
    }
  }

  /// The names of the types declared here, at any depth.
  var declaredTypes: [(name: String, line: Int)] {
    let pattern = /\b(?:struct|class|enum|protocol|actor|typealias)\s+([A-Za-z_]\w*)/
    return lines.enumerated().filter { !$0.element.contains("import ") }.flatMap { index, line in
      line.matches(of: pattern).map { (String($0.output.1), index + 1) }
        .filter { !["func", "var", "let", "init", "subscript"].contains($0.0) }  // class func, class var
    }
  }

  /// The lines on which `pattern` occurs.
  func lineNumbers(matching pattern: some RegexComponent) -> [Int] {
    lines.indices.filter { lines[$0].contains(pattern) }.map { $0 + 1 }
  }
}

/// Reads bytes of Swift source from left to right and copies only code.
private struct Stripper {
  let input: [UInt8]
  var output: [UInt8] = []
  var position = 0

  init(_ input: [UInt8]) { self.input = input }

  func starts(with word: String, at offset: Int = 0) -> Bool {
    input[min(position + offset, input.count)...].starts(with: word.utf8)
  }

  mutating func keep() {
    output.append(input[position])
    position += 1
  }

  /// Replaces one byte by a space, but keeps the end of a line.
  mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where position < input.count {
      output.append(input[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
      position += 1
    }
  }

  mutating func stripCode(untilClosingParenthesis: Bool) {
    var depth = 0
    while position < input.count {
      let pounds = input[position...].prefix { $0 == UInt8(ascii: "#") }.count
      if starts(with: "//") {
        while position < input.count, input[position] != UInt8(ascii: "\n") { blank() }
      } else if starts(with: "/*") {
        stripBlockComment()
      } else if starts(with: "\"", at: pounds) {
        stripString(pounds: pounds)
      } else {
        switch input[position] {
        case UInt8(ascii: "("): depth += 1
        case UInt8(ascii: ")"):
          depth -= 1
          if untilClosingParenthesis, depth == 0 {
            keep()
            return
          }
        default: break
        }
        keep()
      }
    }
  }

  mutating func stripBlockComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        blank(2)
      } else if starts(with: "*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && position < input.count
  }

  /// One string literal with its delimiters; interpolations are code and are kept.
  mutating func stripString(pounds: Int) {
    let fence = String(repeating: "#", count: pounds)
    let quotes = starts(with: "\"\"\"", at: pounds) ? "\"\"\"" : "\""
    blank(pounds + quotes.utf8.count)
    while position < input.count {
      if starts(with: quotes + fence) {
        blank(quotes.utf8.count + pounds)
        return
      }
      if starts(with: "\\" + fence + "(") {
        blank(1 + pounds)
        stripCode(untilClosingParenthesis: true)
      } else if starts(with: "\\" + fence) {
        blank(2 + pounds)
      } else if quotes == "\"", input[position] == UInt8(ascii: "\n") {
        return  // no valid literal: go on with the next line
      } else {
        blank()
      }
    }
  }
}
