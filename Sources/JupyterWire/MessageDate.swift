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

  /// Whether a text has the form of a time stamp but names no moment: 31 February, a 25th hour. Clients turn what has the
  /// form into dates, wherever it stands in a header, and fail on these.
  static func isImpossible(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes.count <= 32 else { return false }
    var fields: [Int] = []
    for (start, length, end) in [
      (0, 4, "-"), (5, 2, "-"), (8, 2, "T"), (11, 2, ":"), (14, 2, ":"), (17, 2, ""),
    ] {
      var value = 0
      for byte in bytes[start..<start + length] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
        value = 10 * value + Int(byte - UInt8(ascii: "0"))
      }
      if let separator = end.utf8.first, bytes[start + length] != separator { return false }
      fields.append(value)
    }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    guard year > 0, (1...12).contains(month), fields[3] < 24, fields[4] < 60, fields[5] < 60 else {
      return true
    }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    guard (1...days).contains(day) else { return true }
    // The zone, `+23:59` at most.
    let rest = bytes[19...].drop {
      $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    let digits = rest.dropFirst().filter { $0 != UInt8(ascii: ":") }.map { Int($0) - 48 }
    guard let sign = rest.first, sign != UInt8(ascii: "Z"), digits.count == 4 else { return false }
    return 10 * digits[0] + digits[1] > 23 || 10 * digits[2] + digits[3] > 59
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
