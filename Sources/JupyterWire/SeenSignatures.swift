/// The signatures of the latest messages, so that a recorded message sent again is not obeyed again.
///
/// Bounded: the oldest is forgotten first. Insert only signatures that have been verified, or anyone could fill it.
struct SeenSignatures {
  private let capacity: Int
  private var seen: Set<[UInt8]> = []
  private var order: [[UInt8]] = []
  private var oldest = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Remembers a signature; false when it was there already.
  mutating func insert(_ signature: [UInt8]) -> Bool {
    guard seen.insert(signature).inserted else { return false }
    if order.count < capacity {
      order.append(signature)
    } else {
      seen.remove(order[oldest])
      order[oldest] = signature
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}
