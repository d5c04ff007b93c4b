import Glibc

/// Time stamps as the protocol writes them: ISO 8601 in UTC with microseconds.
public enum MessageDate {
  /// The present moment, as `2026-01-31T23:59:59.123456Z`.
  public static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return text(seconds: time.tv_sec, microseconds: time.tv_nsec / 1000)
  }

  /// The text for a moment after the start of 1970.
  package static func text(seconds: Int, microseconds: Int) -> String {
    var seconds = seconds
    var fields = tm()
    gmtime_r(&seconds, &fields)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(27)
    append(Int(fields.tm_year) + 1900, digits: 4, to: &bytes)
    for (separator, value) in [
      ("-", Int(fields.tm_mon) + 1), ("-", Int(fields.tm_mday)), ("T", Int(fields.tm_hour)),
      (":", Int(fields.tm_min)), (":", Int(fields.tm_sec)),
    ] as [(StaticString, Int)] {
      bytes.append(separator.utf8Start[0])
      append(value, digits: 2, to: &bytes)
    }
    bytes.append(UInt8(ascii: "."))
    append(microseconds, digits: 6, to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func append(_ value: Int, digits: Int, to bytes: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }
}
