import Glibc

/// The one place that turns numbers into text for tables, axes and progress lines.
public enum NumberText {
  /// About `digits` significant digits without trailing zeros: `0.12346`, `1500`, `2.5e-7`.
  public static func compact(_ value: Double, digits: Int = 5) -> String {
    guard value.isFinite else { return special(value) }
    if value == 0 { return "0" }
    let digits = min(max(digits, 1), 17)
    let size = abs(value)
    if size >= 1e-4 && size < 1e7 {
      let decimals = min(max(digits - 1 - exponent(size), 0), 20)
      return trimmed(fixed(value, decimals: decimals))
    }
    return scientific(value, digits: digits)
  }

  /// The shortest text that reads back as the same number.
  public static func exact(_ value: Double) -> String {
    value.isFinite ? value.description : special(value)
  }

  /// Texts for a column of numbers, alike in their decimals so that points line up when set flush right.
  /// nil stays nil.
  public static func column(_ values: [Double?], digits: Int = 5) -> [String?] {
    let sizes = values.compactMap { $0 }.filter { $0.isFinite && $0 != 0 }.map { abs($0) }
    let largest = sizes.max() ?? 1
    let smallest = sizes.min() ?? 1
    // The largest number keeps `digits` digits but no more decimals than one near 1 has, so that an error stands as
    // exact as its value; the smallest keeps at least three, and no more than needed is shown.
    let wanted = max(digits - 1 - max(exponent(largest), 0), 2 - exponent(smallest), 0)
    if largest >= 1e9 || wanted > digits + 1 {
      return values.map { $0.map { compact($0, digits: digits) } }
    }
    let decimals = sizes.reduce(0) { most, size in
      if most == wanted { return most }
      let text = trimmed(fixed(size, decimals: wanted))
      let point = text.utf8.firstIndex(of: UInt8(ascii: "."))
      return max(most, point.map { text.utf8.distance(from: $0, to: text.utf8.endIndex) - 1 } ?? 0)
    }
    return values.map { value in
      value.map { $0.isFinite ? unsigned(fixed($0, decimals: decimals)) : special($0) }
    }
  }

  /// An integer with its thousands set apart by commas, for notes: `12,500`.
  public static func grouped(_ value: Int) -> String {
    var result: [UInt8] = []
    for (index, digit) in String(value.magnitude).utf8.reversed().enumerated() {
      if index > 0 && index % 3 == 0 { result.append(UInt8(ascii: ",")) }
      result.append(digit)
    }
    return (value < 0 ? "-" : "") + String(decoding: result.reversed(), as: UTF8.self)
  }

  /// A duration in a form that is quickly read: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
    if seconds < 10 { return fixed(seconds, decimals: 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// `value` with exactly `decimals` digits after the point.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    formatted("%.*f", [Int32(clamping: min(max(decimals, 0), 100)), value])
  }

  /// A mantissa and a short exponent: `1.5e-7`, `3e+20` is written `3e20`.
  package static func scientific(_ value: Double, digits: Int) -> String {
    let text = formatted("%.*e", [Int32(clamping: max(digits - 1, 0)), value])
    let parts = text.split(separator: "e")
    guard parts.count == 2, let power = Int(parts[1]) else { return text }
    return trimmed(String(parts[0])) + "e\(power)"
  }

  /// log10, which only the C library has.
  static func logarithm(_ value: Double) -> Double { log10(value) }

  /// `value` with so many significant digits: what a picture needs.
  static func rounded(_ value: Double, digits: Int) -> Double {
    value.isFinite ? Double(scientific(value, digits: digits)) ?? value : value
  }

  /// floor(log10(size)), right also where the logarithm rounds across a power of ten.
  package static func exponent(_ size: Double) -> Int {
    guard size.isFinite, size > 0 else { return 0 }
    var power = Int(log10(size).rounded(.down))
    if pow(10, Double(power + 1)) <= size { power += 1 }
    if pow(10, Double(power)) > size { power -= 1 }
    return power
  }

  static func special(_ value: Double) -> String {
    value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }

  /// Without zeros that end a fraction, and without the sign of a zero.
  static func trimmed(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: ".")) else { return unsigned(text) }
    var bytes = Array(text.utf8)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return unsigned(String(decoding: bytes, as: UTF8.self))
  }

  /// `-0.00` as `0.00`.
  static func unsigned(_ text: String) -> String {
    guard text.hasPrefix("-"),
      !text.utf8.contains(where: { $0 >= UInt8(ascii: "1") && $0 <= UInt8(ascii: "9") })
    else { return text }
    return String(text.dropFirst())
  }

  private static func formatted(_ format: String, _ arguments: [any CVarArg]) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      let count = withVaList(arguments) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      let bytes = buffer.prefix(min(max(Int(count), 0), buffer.count - 1))
      return String(decoding: bytes.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
