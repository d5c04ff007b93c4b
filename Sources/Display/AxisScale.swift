import Glibc

/// One axis of a plot: the range shown and where its ticks are.
package struct AxisScale: Hashable {
  package let low: Double
  package let high: Double
  let isLogarithmic: Bool
  package let ticks: [Double]

  /// An axis around the finite values given, widened to the ticks at its ends when `rounded`.
  package init(_ values: some Sequence<Double>, logarithmic: Bool = false, tickCount: Int, rounded: Bool) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite && (!logarithmic || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { (low, high) = logarithmic ? (0.1, 10) : (0, 1) }
    isLogarithmic = logarithmic
    if logarithmic {
      (self.low, self.high, ticks) = Self.logarithmic(low, high)
    } else {
      (self.low, self.high, ticks) = Self.linear(low, high, count: max(tickCount, 2), rounded: rounded)
    }
  }

  /// Where a value lies, 0 at the low end and 1 at the high end; nil if it cannot be drawn.
  func position(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    if isLogarithmic { return (log10(value) - log10(low)) / (log10(high) - log10(low)) }
    // Halved first, since the difference of two finite numbers can be infinite.
    return (value / 2 - low / 2) / (high / 2 - low / 2)
  }

  /// The texts of the ticks, alike in their decimals.
  package var tickTexts: [String] {
    if isLogarithmic {
      let isWide = (ticks.first ?? 1) < 1e-4 || (ticks.last ?? 1) >= 1e7
      return ticks.map { isWide ? NumberText.scientific($0, digits: 2) : NumberText.compact($0, digits: 3) }
    }
    let step = ticks.count > 1 ? abs(ticks[1] - ticks[0]) : 0
    let size = max(abs(ticks.first ?? 0), abs(ticks.last ?? 0))
    guard step > 0, size < 1e6, size >= 1e-4 || size == 0 else {
      return ticks.map { NumberText.compact($0, digits: 4) }
    }
    let decimals = max(-NumberText.exponent(step * 1.0001), 0)
    return ticks.map { NumberText.unsigned(NumberText.fixed($0, decimals: decimals)) }
  }

  private static func linear(
    _ low: Double, _ high: Double, count: Int, rounded: Bool
  ) -> (Double, Double, [Double]) {
    var (low, high) = (low, high)
    // A flat curve is shown in the middle of some room. Near the largest numbers there is none to add.
    if high - low <= max(abs(low), abs(high)) * 1e-12 {
      let room = max(abs(low) * 0.1, low == 0 ? 1 : 0)
      (low, high) = (max(low - room, -1e308), min(high + room, 1e308))
      if low >= high { (low, high) = (-1, 1) }
    }
    let rough = high / Double(count) - low / Double(count)
    let power = pow(10, Double(NumberText.exponent(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
    guard step > 0, step.isFinite, (low / step).magnitude < 1e15, (high / step).magnitude < 1e15 else {
      return (low, high, [low, high])
    }
    let first = rounded ? (low / step + 1e-9).rounded(.down) : (low / step - 1e-9).rounded(.up)
    let last = rounded ? (high / step - 1e-9).rounded(.up) : (high / step + 1e-9).rounded(.down)
    var ticks: [Double] = []
    var index = first
    while index <= last {
      ticks.append(index * step)
      index += 1
    }
    ticks = ticks.filter(\.isFinite)
    if rounded, (first * step).isFinite, (last * step).isFinite {
      return (min(low, first * step), max(high, last * step), ticks)
    }
    return (low, high, ticks)
  }

  private static func logarithmic(_ low: Double, _ high: Double) -> (Double, Double, [Double]) {
    let first = NumberText.exponent(low)
    var last = NumberText.exponent(high)
    if pow(10, Double(last)) < high * 0.999999 { last += 1 }
    if last == first { last += 1 }
    // Few decades get ticks between their powers and end at one of those.
    let factors: [Double] = last - first <= 1 ? [1, 2, 3, 5] : last - first == 2 ? [1, 3] : [1]
    let step = max((last - first + 7) / 8, 1)
    var ticks: [Double] = []
    for power in stride(from: first, through: last, by: step) {
      ticks += factors.map { $0 * pow(10, Double(power)) }
    }
    ticks = ticks.filter { $0.isFinite && $0 > 0 }
    var start = ticks.last { $0 <= low * 1.000001 } ?? low
    let end = ticks.first { $0 >= high * 0.999999 && $0 > start } ?? high
    if end <= start { start = end / 10 }
    ticks = ticks.filter { $0 >= start * 0.999999 && $0 <= end * 1.000001 }
    return (max(start, .leastNonzeroMagnitude), min(end, .greatestFiniteMagnitude), ticks)
  }
}
