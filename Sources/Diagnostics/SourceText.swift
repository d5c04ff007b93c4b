/// A half-open range of UTF-8 offsets into one ``SourceText``. An empty span marks a place between two characters.
public struct Span: Hashable, Sendable {
  public var start: Int
  public var end: Int

  /// Ends before it starts are moved to the start, so that a span is never backwards.
  public init(start: Int, end: Int) {
    self.start = start
    self.end = Swift.max(start, end)
  }

  public init(_ range: Range<Int>) { self.init(start: range.lowerBound, end: range.upperBound) }

  /// The empty span at an offset.
  public init(at offset: Int) { self.init(start: offset, end: offset) }

  public var isEmpty: Bool { start == end }
  public var length: Int { end - start }

  /// Whether the offset lies in the span or just behind its last byte, as a text cursor does.
  public func touches(_ offset: Int) -> Bool { start <= offset && offset <= end }

  /// The smallest span over both.
  public func union(_ other: Span) -> Span {
    Span(start: Swift.min(start, other.start), end: Swift.max(end, other.end))
  }
}

/// A place for people: line and column both count from 1, and columns count Unicode code points.
public struct SourcePosition: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Immutable source with the name it is known by (`model.loop`, `cell 3`), and the three ways to say a place in it:
/// UTF-8 offsets, which the parser uses; line and column, which people use; and code-point offsets, which Jupyter uses.
///
/// Lines end at `\n`, `\r\n` or `\r`. Every query clamps: an offset outside the text means its nearest end.
public struct SourceText: Hashable, Sendable {
  public let name: String
  public let text: String
  /// UTF-8 offset of the first byte of every line; never empty.
  let lineStarts: [Int]
  let isASCII: Bool
  public let utf8Count: Int

  public init(name: String, text: String) {
    self.name = name
    var text = text
    text.makeContiguousUTF8()
    self.text = text
    var starts = [0]
    var ascii = true
    var offset = 0
    var afterReturn = false
    for byte in text.utf8 {
      offset += 1
      if byte >= 0x80 { ascii = false }
      if byte == UInt8(ascii: "\n") {
        if afterReturn { starts.removeLast() }
        starts.append(offset)
      } else if byte == UInt8(ascii: "\r") {
        starts.append(offset)
      }
      afterReturn = byte == UInt8(ascii: "\r")
    }
    lineStarts = starts
    isASCII = ascii
    utf8Count = offset
  }

  public static func == (a: SourceText, b: SourceText) -> Bool { a.name == b.name && a.text == b.text }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(text)
  }

  /// The number of lines; a text that ends in a newline has an empty last line.
  public var lineCount: Int { lineStarts.count }

  /// The text of a span, clamped to the source.
  public subscript(span: Span) -> String {
    let start = clamped(span.start)
    let end = Swift.max(start, clamped(span.end))
    let utf8 = text.utf8
    let from = utf8.index(utf8.startIndex, offsetBy: start)
    let to = utf8.index(from, offsetBy: end - start)
    return String(decoding: utf8[from..<to], as: UTF8.self)
  }

  func clamped(_ offset: Int) -> Int { Swift.min(Swift.max(offset, 0), utf8Count) }

  /// Runs `body` over the bytes of the text, without a copy.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    // Contiguous since `init`; the copy is there so that no path can trap.
    text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
  }
}
