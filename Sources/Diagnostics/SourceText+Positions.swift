extension SourceText {
  /// The line, counted from 1, that an offset is on. O(log lines).
  public func line(at offset: Int) -> Int {
    let offset = clamped(offset)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Line and column of a UTF-8 offset. O(log lines + length of the line).
  public func position(at offset: Int) -> SourcePosition {
    let offset = clamped(offset)
    let line = line(at: offset)
    return SourcePosition(line: line, column: codePoints(from: lineStarts[line - 1], to: offset) + 1)
  }

  /// The UTF-8 offset of a line and column; a column behind the end of its line is the end of that line.
  public func offset(of position: SourcePosition) -> Int {
    guard position.line >= 1 else { return 0 }
    guard let span = span(ofLine: position.line) else { return utf8Count }
    return Swift.min(span.end, advance(from: span.start, codePoints: position.column - 1))
  }

  /// The bytes of a line, counted from 1, without its line ending; nil when there is no such line.
  public func span(ofLine line: Int) -> Span? {
    guard line >= 1, line <= lineStarts.count else { return nil }
    let start = lineStarts[line - 1]
    guard line < lineStarts.count else { return Span(start: start, end: utf8Count) }
    var end = lineStarts[line]
    withBytes { bytes in
      if end > start, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    }
    return Span(start: start, end: end)
  }

  /// The number of code points before a UTF-8 offset, as Jupyter counts cursor positions.
  public func codePointOffset(ofUTF8 offset: Int) -> Int {
    codePoints(from: 0, to: clamped(offset))
  }

  /// The UTF-8 offset behind the given number of code points.
  public func utf8Offset(ofCodePoint count: Int) -> Int { advance(from: 0, codePoints: count) }

  /// How many code points there are in the whole text.
  public var codePointCount: Int { codePoints(from: 0, to: utf8Count) }

  private func codePoints(from start: Int, to end: Int) -> Int {
    guard end > start else { return 0 }
    if isASCII { return end - start }
    return withBytes { bytes in
      var count = 0
      for index in start..<end where bytes[index] & 0xC0 != 0x80 { count += 1 }
      return count
    }
  }

  private func advance(from start: Int, codePoints count: Int) -> Int {
    guard count > 0 else { return start }
    if isASCII { return count > utf8Count - start ? utf8Count : start + count }
    return withBytes { bytes in
      var remaining = count
      var index = start
      while index < bytes.count {
        if bytes[index] & 0xC0 != 0x80 {
          if remaining == 0 { break }
          remaining -= 1
        }
        index += 1
      }
      return index
    }
  }
}
