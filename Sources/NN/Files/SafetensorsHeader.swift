import OrderedCollections

/// The header of a safetensors file: a JSON object of tensors' types, shapes and places.
///
/// The parser accepts exactly the grammar of the format and refuses duplicate names, which general JSON readers
/// pass over: two entries of one name are a way to show different readers different tensors.
struct SafetensorsHeader {
  struct Entry {
    let dtype: String
    let shape: [Int]
    let start: Int
    let end: Int
  }

  struct Malformed: Error { let reason: String }

  private(set) var entries: OrderedDictionary<String, Entry> = [:]
  private(set) var metadata: OrderedDictionary<String, String> = [:]

  init(parsing bytes: [UInt8]) throws(Malformed) {
    var reader = Reader(bytes: bytes)
    try reader.expect("{")
    var names: Set<String> = []
    if try !reader.skip("}") {
      repeat {
        let name = try reader.string()
        guard names.insert(name).inserted else { throw Malformed(reason: "\"\(name)\" appears twice") }
        try reader.expect(":")
        if name == "__metadata__" {
          metadata = try reader.strings()
        } else {
          entries[name] = try reader.entry(name)
        }
      } while try reader.skip(",")
      try reader.expect("}")
    }
    try reader.expectEnd()
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    mutating func skipSpace() {
      while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    mutating func skip(_ character: Character) throws(Malformed) -> Bool {
      skipSpace()
      guard place < bytes.count, bytes[place] == character.asciiValue else { return false }
      place += 1
      return true
    }

    mutating func expect(_ character: Character) throws(Malformed) {
      guard try skip(character) else {
        throw Malformed(reason: "the header has no \"\(character)\" at byte \(place)")
      }
    }

    mutating func expectEnd() throws(Malformed) {
      skipSpace()
      guard place == bytes.count else { throw Malformed(reason: "the header goes on after its end") }
    }

    mutating func string() throws(Malformed) -> String {
      try expect("\"")
      var units: [UInt16] = []
      var text = ""
      var raw: [UInt8] = []
      func fail() -> Malformed { Malformed(reason: "the header has a malformed string at byte \(place)") }
      func flushRaw() throws(Malformed) {
        guard let part = String(validating: raw, as: UTF8.self) else { throw fail() }
        text += part
        raw = []
      }
      func flushUnits() throws(Malformed) {
        guard let part = String(validating: units, as: UTF16.self) else { throw fail() }
        text += part
        units = []
      }
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if byte == 0x5C {
          guard place < bytes.count else { throw fail() }
          let escape = bytes[place]
          place += 1
          try flushRaw()
          if escape == UInt8(ascii: "u") {
            guard place + 4 <= bytes.count,
              let digits = String(validating: bytes[place..<place + 4], as: UTF8.self),
              digits.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
              let unit = UInt16(digits, radix: 16)
            else { throw fail() }
            units.append(unit)
            place += 4
            continue
          }
          try flushUnits()
          let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
          ]
          guard let value = plain[escape] else { throw fail() }
          raw.append(value)
        } else {
          try flushUnits()
          if byte == 0x22 {
            try flushRaw()
            return text
          }
          guard byte >= 0x20 else { throw fail() }
          raw.append(byte)
        }
      }
      throw fail()
    }

    mutating func integer() throws(Malformed) -> Int {
      skipSpace()
      var value = 0
      let first = place
      while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = tens.addingReportingOverflow(Int(bytes[place] - 0x30))
        guard !overflow, !overflow2 else { throw Malformed(reason: "a size in the header is too large") }
        value = sum
        place += 1
      }
      guard place > first else { throw Malformed(reason: "the header has no whole number at byte \(place)") }
      return value
    }

    mutating func integers() throws(Malformed) -> [Int] {
      try expect("[")
      var values: [Int] = []
      if try skip("]") { return values }
      repeat {
        values.append(try integer())
        guard values.count <= 64 else { throw Malformed(reason: "a shape has more than 64 axes") }
      } while try skip(",")
      try expect("]")
      return values
    }

    mutating func strings() throws(Malformed) -> OrderedDictionary<String, String> {
      var result: OrderedDictionary<String, String> = [:]
      try expect("{")
      if try skip("}") { return result }
      repeat {
        let name = try string()
        try expect(":")
        guard result[name] == nil else { throw Malformed(reason: "metadata \"\(name)\" appears twice") }
        result[name] = try string()
      } while try skip(",")
      try expect("}")
      return result
    }

    mutating func entry(_ name: String) throws(Malformed) -> Entry {
      var dtype: String?
      var shape: [Int]?
      var offsets: [Int]?
      try expect("{")
      repeat {
        let key = try string()
        try expect(":")
        switch key {
        case "dtype" where dtype == nil: dtype = try string()
        case "shape" where shape == nil: shape = try integers()
        case "data_offsets" where offsets == nil: offsets = try integers()
        default: throw Malformed(reason: "\"\(name)\" has an unexpected \"\(key)\"")
        }
      } while try skip(",")
      try expect("}")
      guard let dtype, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
        throw Malformed(reason: "\"\(name)\" lacks a dtype, a shape or data_offsets")
      }
      return Entry(dtype: dtype, shape: shape, start: offsets[0], end: offsets[1])
    }
  }
}
