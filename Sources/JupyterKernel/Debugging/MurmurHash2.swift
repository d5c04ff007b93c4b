/// Austin Appleby's MurmurHash2 of 32 bits: clients and kernel name a cell's text by it, so that both know which cell a
/// breakpoint is in.
enum MurmurHash2 {
  private static let factor: UInt32 = 0x5BD1_E995

  static func hash(_ text: String, seed: UInt32) -> UInt32 {
    let bytes = Array(text.utf8)
    var hash = seed ^ UInt32(truncatingIfNeeded: bytes.count)
    let whole = bytes.count / 4 * 4
    for start in stride(from: 0, to: whole, by: 4) {
      var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
      word = word &* factor
      word = (word ^ word >> 24) &* factor
      hash = hash &* factor ^ word
    }
    if whole < bytes.count {
      for (place, byte) in bytes[whole...].enumerated() { hash ^= UInt32(byte) << (8 * UInt32(place)) }
      hash = hash &* factor
    }
    hash = (hash ^ hash >> 13) &* factor
    return hash ^ hash >> 15
  }
}
