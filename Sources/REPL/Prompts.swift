import Display

/// The two prompts. U+0001 brackets colour for libedit, which drops a sequence that stands last.
package struct Prompts {
  package let unicode: Bool
  package let colour: Bool

  package init(unicode: Bool, colour: Bool) {
    self.unicode = unicode
    self.colour = colour
  }

  package func first(_ number: Int) -> String {
    painted("[\(number)]" + (unicode ? "›" : ">"), "1;32")
  }

  /// As wide as the first, so that lines stand under each other.
  /// - Parameter number: nil behind ``paused``.
  package func continuation(_ number: Int?) -> String {
    let width = number.map { String($0).utf8.count } ?? Self.pausedWord.utf8.count - 2
    return painted(String(repeating: " ", count: width) + (unicode ? " · " : " . "), "32")
  }

  /// In a paused program.
  package var paused: String { painted(Self.pausedWord + (unicode ? "›" : ">"), "1;33") }

  private static let pausedWord = "paused"

  /// The columns a prompt takes: those outside the brackets of U+0001.
  package static func width(_ prompt: String) -> Int {
    let parts = prompt.split(separator: "\u{1}", omittingEmptySubsequences: false)
    return parts.enumerated().reduce(0) {
      $1.offset % 2 == 0 ? $0 + TextWidth.columns(String($1.element)) : $0
    }
  }

  private func painted(_ text: String, _ code: String) -> String {
    colour ? "\u{1}\u{1B}[\(code)m\u{1}\(text)\u{1}\u{1B}[0m\u{1} " : text + " "
  }
}

/// Text as the terminal wraps it.
package enum WrappedText {
  /// How many rows of the screen lie between the prompt and the cursor, after `text`, on a terminal of that width.
  package static func rowsAboveCursor(_ text: String, promptWidth: Int, width: Int) -> Int {
    place(after: text, promptWidth: promptWidth, width: width).row
  }

  /// Whether the last row is full, with the cursor in the next.
  package static func fillsLastRow(_ text: String, promptWidth: Int, width: Int) -> Bool {
    place(after: text, promptWidth: promptWidth, width: width).isWrapped
  }

  private static func place(
    after text: String, promptWidth: Int, width: Int
  ) -> (row: Int, isWrapped: Bool) {
    let width = max(width, 2)
    var row = promptWidth / width
    var column = promptWidth % width
    var isWrapped = promptWidth > 0 && column == 0
    for character in text {
      if character == "\n" {
        // The row after a full one has begun already.
        if !isWrapped { row += 1 }
        (column, isWrapped) = (0, false)
        continue
      }
      let columns = TextWidth.columns(String(character))
      // A wide character that does not fit leaves the last column empty.
      if column + columns > width { (row, column) = (row + 1, 0) }
      column += columns
      isWrapped = column == width
      if isWrapped { (row, column) = (row + 1, 0) }
    }
    return (row, isWrapped)
  }
}
