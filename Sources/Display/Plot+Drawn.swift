extension Plot {
  /// One stroke of a plot, ready to draw: smoothed, thinned out, with NaN where there is a gap.
  package struct Drawn: Hashable {
    /// Which of the plot's series it belongs to; gives its colour.
    package let index: Int
    package let name: String
    package let mark: Mark
    /// Whether it is the raw curve behind a smoothed one.
    package let isFaint: Bool
    package var x: [Double]
    package var y: [Double]
    package var lower: [Double]
    /// Whether it is a band around another series.
    package var isShade = false
    package var isDashed = false
  }

  /// The strokes in drawing order (regions, then lines, then dots), each of at most about `limit` points,
  /// and a note when some points had to be left out.
  package func drawn(limit: Int) -> (strokes: [Drawn], note: String?) {
    var strokes: [Drawn] = []
    var most = 0
    for (index, one) in series.enumerated() {
      let values = one.y.map(drawable)
      let lower = one.lower.map(drawable)
      let owner = owner(of: index)
      func add(_ y: [Double], lower: [Double] = lower, faint: Bool) {
        let stroke = Drawn(
          index: owner, name: one.name, mark: one.mark, isFaint: faint, x: one.x, y: y, lower: lower,
          isShade: owner != index, isDashed: one.isDashed)
        strokes.append(stroke.thinned(to: limit))
      }
      if one.x.count > limit { most = max(most, one.x.count) }
      if one.mark == .line && smoothing > 0 {
        add(values, faint: true)
        add(Self.smoothed(values, weight: smoothing), faint: false)
      } else if owner != index && smoothing > 0 {
        // So that a band stays around its line.
        add(
          Self.smoothed(values, weight: smoothing), lower: Self.smoothed(lower, weight: smoothing),
          faint: false)
      } else {
        add(values, faint: false)
      }
    }
    let order: [Mark: Int] = [.band: 0, .area: 1, .bars: 2, .line: 3, .points: 5]
    func place(_ stroke: Drawn) -> Int { order[stroke.mark, default: 3] + (stroke.isFaint ? 0 : 1) }
    // Equal places keep the order of the series.
    let sorted = strokes.enumerated().sorted {
      (place($0.element), $0.offset) < (place($1.element), $1.offset)
    }
    let note =
      most > 0
      ? "\(NumberText.grouped(most)) points, of which about \(NumberText.grouped(limit)) are drawn" : nil
    return (sorted.map(\.element), note)
  }

  /// The exponential moving average `s ← weight · s + (1 - weight) · y`, divided by `1 - weightⁿ` so that it starts
  /// at the first value instead of being drawn towards zero. Gaps stay gaps and do not enter.
  package static func smoothed(_ values: [Double], weight: Double) -> [Double] {
    var sum = 0.0
    var past = 1.0
    return values.map { value in
      guard value.isFinite else { return .nan }
      sum = weight * sum + (1 - weight) * value
      past *= weight
      return sum / (1 - past)
    }
  }

  private func drawable(_ value: Double) -> Double {
    value.isFinite && (!logY || value > 0) ? value : .nan
  }

  /// The series whose colour and legend one has: a band belongs to the series of its name, where there is one.
  func owner(of index: Int) -> Int {
    let own = series[index]
    guard own.mark == .band, !own.name.isEmpty else { return index }
    return series.firstIndex { $0.mark != .band && $0.name == own.name } ?? index
  }

  /// Names of the series that have one, with their colours' indices; nothing for a single unnamed series.
  var legend: [(index: Int, name: String)] {
    series.enumerated().filter { !$0.element.name.isEmpty && owner(of: $0.offset) == $0.offset }
      .map { ($0.offset, $0.element.name) }
  }

  /// The horizontal axis over all strokes.
  func horizontalAxis(_ strokes: [Drawn], tickCount: Int) -> AxisScale {
    let hasBars = strokes.contains { $0.mark == .bars }
    var values = strokes.flatMap(\.x)
    if hasBars, let low = values.min(), let high = values.max() {
      let half = Self.barWidth(strokes) / 2
      values += [low - half, high + half]
    }
    return AxisScale(values, tickCount: tickCount, rounded: false)
  }

  /// The vertical axis over all strokes; from zero when there are bars or areas.
  func verticalAxis(_ strokes: [Drawn], tickCount: Int) -> AxisScale {
    let fromZero = !logY && strokes.contains { $0.mark == .bars || $0.mark == .area }
    let values = strokes.flatMap(\.y) + strokes.flatMap(\.lower) + (fromZero ? [0] : [])
    return AxisScale(values, logarithmic: logY, tickCount: tickCount, rounded: true)
  }

  /// Where a series' bars lie relative to their x: several series stand beside each other.
  func barSpan(_ index: Int, width: Double) -> Range<Double> {
    let all = series.indices.filter { series[$0].mark == .bars }
    let thickness = width / Double(max(all.count, 1))
    let start = Double(all.firstIndex(of: index) ?? 0) * thickness - width / 2
    return start..<(start + thickness)
  }

  /// Four fifths of the smallest distance between bars, in units of x.
  static func barWidth(_ strokes: [Drawn]) -> Double {
    var smallest = Double.infinity
    for stroke in strokes where stroke.mark == .bars {
      let sorted = stroke.x.filter(\.isFinite).sorted()
      for (left, right) in zip(sorted, sorted.dropFirst()) where right > left {
        smallest = min(smallest, right - left)
      }
    }
    return smallest.isFinite ? smallest * 0.8 : 0.8
  }
}

extension Plot.Drawn {
  /// At most about `limit` points. Lines keep the lowest and highest value of every stretch, so that no peak is
  /// lost; bands keep their outermost edges; dots and bars are taken at even distances.
  func thinned(to limit: Int) -> Self {
    guard x.count > limit, limit >= 4 else { return self }
    var result = self
    result.x = []
    result.y = []
    result.lower = []
    let stretches = mark == .line ? limit / 2 : limit
    for stretch in 0..<stretches {
      let range = (x.count * stretch / stretches)..<(x.count * (stretch + 1) / stretches)
      guard let first = range.first else { continue }
      switch mark {
      case .points, .bars, .area:
        result.append(x[first], y[first])
      case .band:
        let upper = range.map { y[$0] }.filter(\.isFinite).max() ?? .nan
        let edge = range.map { lower[$0] }.filter(\.isFinite).min() ?? .nan
        result.append(x[first], upper)
        result.lower.append(edge)
      case .line:
        let finite = range.filter { y[$0].isFinite && x[$0].isFinite }
        guard let low = finite.min(by: { y[$0] < y[$1] }), let high = finite.max(by: { y[$0] < y[$1] }) else {
          result.append(x[first], .nan)
          continue
        }
        for place in low == high ? [low] : [min(low, high), max(low, high)] {
          result.append(x[place], y[place])
        }
      }
    }
    return result
  }

  private mutating func append(_ x: Double, _ y: Double) {
    self.x.append(x)
    self.y.append(y)
  }

  /// The stretches without gaps, as ranges of indices.
  package var unbroken: [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start: Int?
    for place in 0...x.count {
      let isDrawn =
        place < x.count && x[place].isFinite && y[place].isFinite
        && (lower.isEmpty || lower[place].isFinite)
      if isDrawn {
        start = start ?? place
      } else if let begin = start {
        ranges.append(begin..<place)
        start = nil
      }
    }
    return ranges
  }
}
