/// One source line as it is shown, and the marks that belong below it.
struct Excerpt {
  var text: String
  var marker: String

  /// Bytes looked at on either side of the mark; a line longer than that is cut with an ellipsis.
  private static let reach = 600
  static let columnLimit = 160
  private static let tabWidth = 4

  /// - Parameters:
  ///   - line: the bytes of the line.
  ///   - mark: what to underline, within `line`; empty for a caret between characters.
  ///   - startsHere: whether the mark begins with a caret, as it does on the first line of a span.
  ///   - columnLimit: a longer line is cut around its mark.
  init(of source: SourceText, line: Span, mark: Span, startsHere: Bool, columnLimit: Int) {
    let window = Self.window(in: source, line: line, mark: mark)
    var cells: [(text: String, width: Int, marked: Bool)] = []
    var offset = window.start
    var column = 0
    for character in source[window] {
      let length = character.utf8.count
      // A character is marked when any byte of it is.
      let marked = offset < mark.end && offset + length > mark.start
      let shown: String
      let width: Int
      if character == "\t" {
        width = Self.tabWidth - column % Self.tabWidth
        shown = String(repeating: " ", count: width)
      } else {
        shown = DisplayWidth.visible(String(character), keepingNewlines: false)
        width = DisplayWidth.columns(of: shown)
      }
      cells.append((shown, width, marked))
      column += width
      offset += length
    }
    var first = cells.firstIndex { $0.marked } ?? cells.count
    if mark.isEmpty { first = Self.cellIndex(at: mark.start, in: source, from: window) }
    let range = Self.cut(widths: cells.map(\.width), around: first, columnLimit: columnLimit)
    let cutLeft = range.lowerBound > 0 || window.start > line.start
    let cutRight = range.upperBound < cells.count || window.end < line.end

    text = cutLeft ? "…" : ""
    marker = cutLeft ? " " : ""
    var started = !startsHere
    for (index, cell) in cells.enumerated() where range.contains(index) {
      text += cell.text
      if mark.isEmpty, index == first, startsHere {
        marker += "^"
        started = true
      } else if cell.marked {
        for _ in 0..<cell.width {
          marker += started ? "~" : "^"
          started = true
        }
      } else {
        marker += String(repeating: " ", count: cell.width)
      }
    }
    if cutRight { text += "…" }
    if !started { marker += "^" }
    while marker.last == " " { marker.removeLast() }
  }

  private static func cellIndex(at offset: Int, in source: SourceText, from window: Span) -> Int {
    source[Span(start: window.start, end: offset)].count
  }

  /// The part of the line that is looked at, on code-point boundaries.
  private static func window(in source: SourceText, line: Span, mark: Span) -> Span {
    guard line.length > 2 * reach else { return line }
    var start = max(line.start, mark.start - reach)
    var end = min(line.end, max(mark.start, line.start) + reach)
    source.withBytes { bytes in
      while start > line.start, bytes[start] & 0xC0 == 0x80 { start -= 1 }
      while end < line.end, bytes[end] & 0xC0 == 0x80 { end += 1 }
    }
    return Span(start: start, end: end)
  }

  /// The cells shown: all of them when they fit, else those around the first marked one.
  private static func cut(widths: [Int], around first: Int, columnLimit: Int) -> Range<Int> {
    if widths.reduce(0, +) <= columnLimit { return 0..<widths.count }
    var start = min(first, widths.count)
    var before = 0
    while start > 0, before + widths[start - 1] <= columnLimit / 3 {
      before += widths[start - 1]
      start -= 1
    }
    var end = start
    var total = 0
    while end < widths.count, total + widths[end] <= columnLimit {
      total += widths[end]
      end += 1
    }
    return start..<end
  }
}
