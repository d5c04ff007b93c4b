import Glibc

/// A log of numbers that TensorBoard draws: records of its `Event` messages, each with its length and two checksums
/// (CRC-32C, turned and shifted as the format wants it).
///
/// A log goes on in a file of its own, which says from which iteration on it holds instead of older ones.
final class EventLog {
  private let file: AppendedFile
  private var pending: [UInt8] = []

  /// - Parameter iteration: the iterations that are done already.
  init(folder: String, after iteration: Int) throws {
    file = try AppendedFile(
      "\(folder)/events.out.tfevents.\(time(nil)).innerloop.\(getpid()).\(iteration)")
    append(Message().bytes(3, Array("brain.Event:2".utf8)))
    // SessionLog START: what older files have from this step on no longer counts.
    append(Message().integer(2, iteration + 1).bytes(7, Message().integer(1, 1).content))
    try flush()
  }

  func add(_ scalars: [(name: String, value: Double)], at iteration: Int) {
    var summary = Message()
    for (name, value) in scalars {
      summary = summary.bytes(1, Message().bytes(1, Array(name.utf8)).float(2, Float(value)).content)
    }
    append(Message().integer(2, iteration).bytes(5, summary.content))
  }

  /// Writes what was added.
  func flush() throws {
    try file.append(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private func append(_ event: Message) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let content = event.double(1, Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9).content
    let length = littleEndian(UInt64(content.count))
    pending += length + littleEndian(maskedChecksum(length)) + content
    pending += littleEndian(maskedChecksum(content))
  }
}

/// The fields of a protocol-buffers message, as far as events need them.
private struct Message {
  var content: [UInt8] = []

  func integer(_ field: Int, _ value: Int) -> Message {
    Message(content: content + varint(UInt64(field << 3)) + varint(UInt64(bitPattern: Int64(value))))
  }

  func double(_ field: Int, _ value: Double) -> Message {
    Message(content: content + varint(UInt64(field << 3 | 1)) + littleEndian(value.bitPattern))
  }

  func float(_ field: Int, _ value: Float) -> Message {
    Message(content: content + varint(UInt64(field << 3 | 5)) + littleEndian(value.bitPattern))
  }

  func bytes(_ field: Int, _ value: [UInt8]) -> Message {
    Message(content: content + varint(UInt64(field << 3 | 2)) + varint(UInt64(value.count)) + value)
  }
}

private func varint(_ value: UInt64) -> [UInt8] {
  var (rest, bytes) = (value, [UInt8]())
  while rest >= 0x80 {
    bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}

private func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

private let checksums: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
}

private func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
  let sum = ~bytes.reduce(~UInt32(0)) { checksums[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
}
