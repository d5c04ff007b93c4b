/// A number that differs where what it was made of does, so that ranks can tell whether they have the same.
struct Digest {
  private var hash: UInt64 = 1

  mutating func take(_ word: UInt64) {
    hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
  }

  mutating func take(_ number: Int) { take(UInt64(bitPattern: Int64(number))) }

  mutating func take(_ text: String) {
    for byte in text.utf8 { take(UInt64(byte)) }
    take(text.utf8.count)
  }

  /// Words of which ``areEqual(_:)`` takes the largest of all ranks.
  var words: [Int64] { Self.words(of: Int64(hash >> 2)) }

  /// A number and its complement.
  static func words(of number: Int64) -> [Int64] { [number, ~number] }

  /// What changes nothing, of a rank that has nothing to compare.
  static let none: [Int64] = [.min, .min]

  /// Whether a number is the same on all ranks: the largest complement belongs to the least number.
  static func areEqual(_ largest: ArraySlice<Int64>) -> Bool {
    largest.first == largest.dropFirst().first.map { ~$0 }
  }
}
