extension JSONParser {
  /// A number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
  mutating func number() throws(JSONParsingError) -> JSONValue {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let integerStart = position
    try digits()
    if position > integerStart + 1 && bytes[integerStart] == UInt8(ascii: "0") {
      throw failure(.invalidNumber, at: start)
    }
    var isInteger = true
    if position < bytes.count && bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if position < bytes.count && bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count
        && (bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-"))
      {
        position += 1
      }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .int(integer) }
    guard let number = Double(text) else { throw failure(.invalidNumber, at: start) }
    guard number.isFinite else { throw failure(.numberOutOfRange, at: start) }
    return .double(number)
  }

  /// One digit or more.
  private mutating func digits() throws(JSONParsingError) {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
      position += 1
    }
    if position == start { throw failure(position == bytes.count ? .unexpectedEnd : .invalidNumber) }
  }

  /// A string with its quotes.
  mutating func string() throws(JSONParsingError) -> String {
    try expect(UInt8(ascii: "\""))
    let start = position
    while true {
      let byte = try peek()
      if byte == UInt8(ascii: "\"") {
        let text = try validated(UnsafeBufferPointer(rebasing: bytes[start..<position]), from: start)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      if byte < 0x20 { throw failure(.controlCharacterInString) }
      position += 1
    }
  }

  /// The rest of a string whose first escape has been reached.
  private mutating func stringWithEscapes(from start: Int) throws(JSONParsingError) -> String {
    var decoded = Array(bytes[start..<position])
    while true {
      let byte = try peek()
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let result = decoded.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
        guard let result else { throw failure(.invalidUTF8, at: start) }
        return result
      case UInt8(ascii: "\\"): try escape(into: &decoded)
      case 0..<0x20: throw failure(.controlCharacterInString, at: position - 1)
      default: decoded.append(byte)
      }
    }
  }

  /// Appends the UTF-8 of an escape whose backslash has been read.
  private mutating func escape(into decoded: inout [UInt8]) throws(JSONParsingError) {
    let byte = try peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0c)
    case UInt8(ascii: "n"): decoded.append(0x0a)
    case UInt8(ascii: "r"): decoded.append(0x0d)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"): decoded.append(contentsOf: try unicodeEscape().utf8)
    default: throw failure(.invalidEscape, at: position - 2)
    }
  }

  /// The character of one `\uXXXX`, or of two that are a surrogate pair, after the first `\u`.
  private mutating func unicodeEscape() throws(JSONParsingError) -> Character {
    let first = try hexadecimal()
    if (0xd800..<0xdc00).contains(first), position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    {
      let afterFirst = position
      position += 2
      let second = try hexadecimal()
      if (0xdc00..<0xe000).contains(second),
        let scalar = UnicodeScalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
      {
        return Character(scalar)
      }
      position = afterFirst  // the second is a character of its own
    }
    return Character(UnicodeScalar(first) ?? "\u{fffd}")
  }

  private mutating func hexadecimal() throws(JSONParsingError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = try peek()
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw failure(.invalidEscape)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private func validated(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int
  ) throws(JSONParsingError) -> String {
    guard let result = String(validating: text, as: UTF8.self) else { throw failure(.invalidUTF8, at: start) }
    return result
  }
}
