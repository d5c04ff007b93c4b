/// The signatures of the latest messages, so that a recorded message sent again is not obeyed again.
///
/// Bounded: the oldest is forgotten first. Insert only signatures that have been verified, or anyone could fill it. Of each
/// the first 128 bits are kept, which no two messages share by chance.
struct SeenSignatures {
  private let capacity: Int
  private var seen: Set<UInt128> = []
  private var order: [UInt128] = []
  private var oldest = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Remembers a signature in hexadecimal digits; false when it was there already.
  mutating func insert(_ signature: [UInt8]) -> Bool {
    let digits = signature.prefix(32)
    let mark = digits.reduce(UInt128(0)) { $0 << 4 | UInt128($1 & 15 &+ ($1 >> 6) &* 9) }
    guard seen.insert(mark).inserted else { return false }
    if order.count < capacity {
      order.append(mark)
    } else {
      seen.remove(order[oldest])
      order[oldest] = mark
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}
