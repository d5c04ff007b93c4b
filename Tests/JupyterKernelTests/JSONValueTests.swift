import JSONCoding
import Testing

@Suite("JSON")
struct JSONValueTests {
  static let samples: [JSONValue] = [
    .null, true, false, 0, -1, .int(.max), .int(.min), 0.1, -0.0, 1e300, .double(.leastNonzeroMagnitude),
    123456.789,
    "", "plain", "quote \" slash \\ / tab \t newline \n null \0 bell \u{7}", "Grüße 日本 👩‍👩‍👧 \u{10ffff} \u{2028}",
    [], [[]], [1, "two", [3.5, .null]], [:], ["a": 1, "": [:], "z": ["y": ["x": true]], "b": 2],
  ]

  @Test("what is written reads back the same", arguments: samples)
  func roundTrip(value: JSONValue) throws {
    #expect(try JSONValue(parsing: value.serialized()) == value)
    #expect(try JSONValue(parsing: value.serializedBytes()) == value)
  }

  @Test("keys keep their order, and the last of equal keys counts")
  func order() throws {
    let value = try JSONValue(parsing: #"{"b":1,"a":2,"b":3}"#)
    #expect(value.serialized() == #"{"b":3,"a":2}"#)
  }

  @Test("numbers that JSON lacks are null, and integers stay integers")
  func numbers() throws {
    #expect(JSONValue.array([.double(.nan), .double(.infinity), 3, 3.0]).serialized() == "[null,null,3,3.0]")
    #expect(try JSONValue(parsing: "9223372036854775807") == .int(.max))
    #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
    #expect(try JSONValue(parsing: "-0") == .int(0))
    #expect(try JSONValue(parsing: "1E+2") == .double(100))
  }

  @Test("escapes, surrogate pairs, and half of one")
  func escapes() throws {
    #expect(try JSONValue(parsing: #""\u0041\u00e9\ud83d\ude42\/\b\f""#).string == "Aé🙂/\u{8}\u{c}")
    #expect(try JSONValue(parsing: #""\ud83d!\ud83dA\ude42""#).string == "\u{fffd}!\u{fffd}A\u{fffd}")
    #expect(try JSONValue(parsing: #""\ud83d\u0041""#).string == "\u{fffd}A")
  }

  @Test(
    "malformed text is refused with its place",
    arguments: [
      ("", JSONParsingError.Problem.unexpectedEnd, 0), (" ", .unexpectedEnd, 1),
      ("[1,]", .unexpectedByte(93), 3),
      ("{\"a\" 1}", .unexpectedByte(49), 5), ("{1:2}", .unexpectedByte(49), 1), ("nul", .unexpectedEnd, 3),
      ("nulL", .unexpectedByte(76), 3), ("1 2", .trailingText, 2), ("01", .invalidNumber, 0),
      ("1.", .unexpectedEnd, 2), ("-", .unexpectedEnd, 1), ("1e", .unexpectedEnd, 2),
      ("-x", .invalidNumber, 1),
      ("1e999", .numberOutOfRange, 0), ("\"abc", .unexpectedEnd, 4), ("\"\\x\"", .invalidEscape, 1),
      ("\"\\u12g4\"", .invalidEscape, 5), ("\"a\nb\"", .controlCharacterInString, 2),
      ("NaN", .unexpectedByte(78), 0),
      ("[", .unexpectedEnd, 1), ("]", .unexpectedByte(93), 0), ("{", .unexpectedEnd, 1),
    ] as [(String, JSONParsingError.Problem, Int)])
  func malformed(text: String, problem: JSONParsingError.Problem, offset: Int) {
    #expect(throws: JSONParsingError(problem: problem, offset: offset)) { try JSONValue(parsing: text) }
  }

  @Test("text that is not UTF-8 is refused, plain or after an escape")
  func notUTF8() {
    for bytes in [[0x22, 0xff, 0x22], [0x22, 0x5c, 0x6e, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]
      as [[UInt8]]
    {
      #expect(throws: JSONParsingError(problem: .invalidUTF8, offset: 1)) { try JSONValue(parsing: bytes) }
    }
  }

  @Test("nesting is limited, not the size")
  func depth() throws {
    let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    #expect(try JSONValue(parsing: deep).array?.count == 1)
    #expect(throws: JSONParsingError(problem: .nestedTooDeeply(limit: 512), offset: 512)) {
      try JSONValue(parsing: "[" + deep + "]")
    }
    #expect(throws: JSONParsingError.self) {
      try JSONValue(parsing: String(repeating: "[{\"a\":", count: 100_000))
    }
    #expect(
      try JSONValue(parsing: "[" + String(repeating: "0,", count: 100_000) + "0]").array?.count == 100_001)
  }

  @Test("members are read and set through subscripts")
  func subscripts() {
    var value: JSONValue = .null
    value["a"] = 1
    value["b"] = ["c": [10, 20]]
    value["a"] = nil
    #expect(value == ["b": ["c": [10, 20]]])
    #expect(value["b"]?["c"]?[1]?.int == 20)
    #expect(
      value["b"]?["c"]?[2] == nil && value["b"]?["c"]?[-1] == nil && value[0] == nil && value["x"] == nil)
    #expect(
      JSONValue.double(2).int == 2 && JSONValue.double(2.5).int == nil && JSONValue.double(1e300).int == nil)
  }

  @Test("no bytes make the parser trap, and what it accepts it writes back")
  func fuzz() throws {
    var random = SplitMix(state: 20_261)
    let alphabet =
      Array(#"[]{}:,"\ -+.0123456789eEutrfalsnd"#.utf8) + [0x00, 0x0a, 0x80, 0xc3, 0xa9, 0xed, 0xf0, 0xff]
    let seed = #"{"a":[1,-2.5e3,"x\n\u00e9",true,null],"b":{"c":""}}"#
    var accepted = 0
    for round in 0..<20_000 {
      var bytes: [UInt8] = round % 2 == 0 ? Array(seed.utf8) : []
      if round % 2 == 0 {
        for _ in 0...random.below(2) {
          bytes[random.below(bytes.count)] = alphabet[random.below(alphabet.count)]
        }
      } else {
        for _ in 0..<random.below(12) { bytes.append(alphabet[random.below(alphabet.count)]) }
      }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      accepted += 1
      #expect(try JSONValue(parsing: value.serialized()) == value)
    }
    #expect(accepted > 100)
  }
}

/// Random numbers that are the same in every run.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
