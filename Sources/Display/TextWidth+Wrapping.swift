extension TextWidth {
  /// Running text broken between words so that no line is wider than `width`, where its words allow that.
  ///
  /// What is broken off goes under the text of its line: under the second column of a list whose columns stand two or
  /// more spaces apart, else a little further in than the line itself.
  public static func wrapped(_ text: String, to width: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { columns(String($0)) <= width ? String($0) : wrappedLine(String($0), to: width) }
      .joined(separator: "\n")
  }

  private static func wrappedLine(_ line: String, to width: Int) -> String {
    let indent = line.prefix { $0 == " " }
    // An indented line is code or an entry of a list, and shows by its depth where it ends.
    var hang = indent.isEmpty ? 0 : indent.count + 4
    if let gap = line.dropFirst(indent.count).firstRange(of: "  ") {
      let second = line[gap.lowerBound...].drop { $0 == " " }
      let column = columns(String(line[..<second.startIndex]))
      if !second.isEmpty && column <= width / 2 { hang = column }
    }
    let margin = String(repeating: " ", count: min(hang, width / 2))
    var lines: [String] = []
    var current = ""
    for (index, word) in line.dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false)
      .enumerated()
    {
      if index == 0 {
        current = String(indent) + String(word)
      } else if columns(current) + 1 + columns(String(word)) <= width {
        current += " " + String(word)
      } else {
        lines.append(current)
        current = margin + String(word)
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }
}
