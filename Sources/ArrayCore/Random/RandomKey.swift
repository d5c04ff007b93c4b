import Glibc

/// Random numbers by counting: draw `i` of a key depends on the seed, the stream and `i` alone, so that arrays may
/// be filled in any order and by any number of threads.
///
/// Draw `i` is one application of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011) with the seed as its key and (i, stream) as its counter: 128 random bits.
public struct RandomKey: Hashable, Sendable {
  public let seed: UInt64
  public let stream: UInt64

  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// A key whose draws have nothing to do with this one's, or with those of another `index`.
  public func split(_ index: UInt64) -> RandomKey {
    // The top bit of the counter, which positions never reach, keeps these apart from ordinary draws.
    let bits = words(at: index | 1 << 63)
    return RandomKey(seed: bits.0, stream: bits.1)
  }

  /// The 128 random bits of draw `index`.
  func words(at index: UInt64) -> (UInt64, UInt64) {
    var c0 = UInt32(truncatingIfNeeded: index)
    var c1 = UInt32(truncatingIfNeeded: index >> 32)
    var c2 = UInt32(truncatingIfNeeded: stream)
    var c3 = UInt32(truncatingIfNeeded: stream >> 32)
    var k0 = UInt32(truncatingIfNeeded: seed)
    var k1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let p = UInt64(0xD251_1F53) &* UInt64(c0)
      let q = UInt64(0xCD9E_8D57) &* UInt64(c2)
      c0 = UInt32(truncatingIfNeeded: q >> 32) ^ c1 ^ k0
      c1 = UInt32(truncatingIfNeeded: q)
      c2 = UInt32(truncatingIfNeeded: p >> 32) ^ c3 ^ k1
      c3 = UInt32(truncatingIfNeeded: p)
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return (UInt64(c0) | UInt64(c1) << 32, UInt64(c2) | UInt64(c3) << 32)
  }

  /// Draw `index`, uniform on [0, 1): a multiple of 2⁻⁵³.
  public func uniform(at index: UInt64) -> Double {
    Double(words(at: index).0 >> 11) * 0x1p-53
  }

  /// Draw `index`, normal with mean 0 and deviation 1, by the method of Box and Muller.
  public func normal(at index: UInt64) -> Double {
    let (a, b) = words(at: index)
    let radius = sqrt(-2 * log(Double((a >> 11) + 1) * 0x1p-53))
    return radius * cos(Double(b >> 11) * 0x1p-52 * Double.pi)
  }

  /// Draw `index`, a whole number from 0 to `bound - 1`; 0 when there is none.
  public func integer(at index: UInt64, below bound: Int) -> Int {
    if bound <= 1 { return 0 }
    // The high half of the product; with 64 random bits its bias is at most bound / 2⁶⁴.
    return Int(words(at: index).0.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The numbers 0 to `n - 1` in random order, by the shuffle of Fisher and Yates; draws `index` to
  /// `index + n - 1` are used.
  public func permutation(_ n: Int, at index: UInt64 = 0) -> [Int] {
    if n <= 0 { return [] }
    var result = Array(0..<n)
    var last = n - 1
    while last > 0 {
      result.swapAt(last, integer(at: index &+ UInt64(last), below: last + 1))
      last -= 1
    }
    return result
  }

  /// `k` different ones of the numbers 0 to `n - 1`, all of them if there are fewer, in random order; draws `index` to
  /// `index + k - 1` are used.
  public func choice(_ k: Int, of n: Int, at index: UInt64 = 0) -> [Int] {
    let count = max(0, min(k, n))
    // The first steps of a shuffle from the front. Of many numbers only those are kept that have changed places.
    if n <= 1024 {
      var numbers = Array(0..<max(0, n))
      for place in 0..<count {
        numbers.swapAt(place, place + integer(at: index &+ UInt64(place), below: n - place))
      }
      return Array(numbers.prefix(count))
    }
    var moved: [Int: Int] = [:]
    return (0..<count).map { place in
      let other = place + integer(at: index &+ UInt64(place), below: n - place)
      let chosen = moved[other] ?? other
      moved[other] = moved[place] ?? place
      return chosen
    }
  }
}
