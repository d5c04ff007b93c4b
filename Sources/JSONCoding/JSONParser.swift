import OrderedCollections

/// A recursive-descent parser over borrowed bytes: one method for each production of the grammar.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let depthLimit: Int
  var position = 0
  private var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  /// One value with nothing but white space around it.
  mutating func document() throws(JSONParsingError) -> JSONValue {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw failure(.trailingText) }
    return value
  }

  func failure(_ problem: JSONParsingError.Problem, at offset: Int? = nil) -> JSONParsingError {
    JSONParsingError(problem: problem, offset: offset ?? position)
  }

  /// The byte at the position, which is left where it is.
  func peek() throws(JSONParsingError) -> UInt8 {
    guard position < bytes.count else { throw failure(.unexpectedEnd) }
    return bytes[position]
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  private mutating func value() throws(JSONParsingError) -> JSONValue {
    skipSpace()
    let byte = try peek()
    switch byte {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try nested { (parser) throws(JSONParsingError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { (parser) throws(JSONParsingError) in try parser.array() }
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure(.unexpectedByte(byte))
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONParsingError) -> JSONValue
  ) throws(JSONParsingError) -> JSONValue {
    guard depth < depthLimit else { throw failure(.nestedTooDeeply(limit: depthLimit)) }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try body(&self)
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONParsingError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      let byte = try peek()
      guard byte == text.utf8Start[index] else { throw failure(.unexpectedByte(byte)) }
      position += 1
    }
    return value
  }

  /// The rest of an array whose bracket has been read.
  private mutating func array() throws(JSONParsingError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if try peek() == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      elements.append(try value())
      if try !continues(until: UInt8(ascii: "]")) { return .array(elements) }
    }
  }

  /// The rest of an object whose brace has been read.
  private mutating func object() throws(JSONParsingError) -> JSONValue {
    var members: OrderedDictionary<String, JSONValue> = [:]
    skipSpace()
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipSpace()
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members[key] = try value()
      if try !continues(until: UInt8(ascii: "}")) { return .object(members) }
    }
  }

  /// Reads a comma (true) or the closing bracket (false).
  private mutating func continues(until close: UInt8) throws(JSONParsingError) -> Bool {
    skipSpace()
    let byte = try peek()
    guard byte == UInt8(ascii: ",") || byte == close else { throw failure(.unexpectedByte(byte)) }
    position += 1
    return byte != close
  }

  mutating func expect(_ expected: UInt8) throws(JSONParsingError) {
    let byte = try peek()
    guard byte == expected else { throw failure(.unexpectedByte(byte)) }
    position += 1
  }
}
