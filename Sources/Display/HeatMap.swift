/// Numbers over a plane as colours: one panel, or several beside each other in the same colours, with paths and marks
/// drawn over them.
///
/// Values that are not finite have no colour.
public struct HeatMap: Hashable, Sendable {
  /// One map.
  public struct Panel: Hashable, Sendable {
    public var title: String
    /// A row for each y, a column for each x.
    public var values: [[Double]]

    public init(_ title: String = "", _ values: [[Double]]) {
      self.title = title
      self.values = values
    }
  }

  /// A line through points in their order, with a dot at each; a single point is a mark.
  public struct Path: Hashable, Sendable {
    public var name: String
    public var x: [Double]
    public var y: [Double]

    public init(_ name: String, x: [Double], y: [Double]) {
      let count = min(x.count, y.count)
      self.name = name
      self.x = Array(x.prefix(count))
      self.y = Array(y.prefix(count))
    }
  }

  public var panels: [Panel]
  /// The middles of the columns and of the rows, in growing order.
  public let x: [Double]
  public let y: [Double]
  /// Drawn on every panel.
  public var paths: [Path]
  public var title: String?
  public var subtitle: String?
  public var xLabel: String?
  public var yLabel: String?
  /// What the colours are.
  public var valueLabel: String
  /// Whether colours follow the logarithm; only where all values are above 0.
  public let isLogarithmic: Bool

  public init(
    _ panels: [Panel], x: [Double], y: [Double], paths: [Path] = [], title: String? = nil,
    subtitle: String? = nil, xLabel: String? = nil, yLabel: String? = nil, valueLabel: String = "value",
    logarithmic: Bool = false
  ) {
    self.panels = panels
    self.x = x
    self.y = y
    self.paths = paths
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.valueLabel = valueLabel
    let finite = panels.flatMap { $0.values.joined() }.filter(\.isFinite)
    isLogarithmic = logarithmic && !finite.isEmpty && finite.allSatisfy { $0 > 0 }
  }

  /// Colours from dark to light that grow evenly bright, also for those who see few colours (viridis).
  static let palette: [(red: Int, green: Int, blue: Int)] = [
    (68, 1, 84), (71, 45, 123), (59, 82, 139), (44, 114, 142), (33, 145, 140), (40, 174, 128), (94, 201, 98),
    (173, 220, 48), (253, 231, 37),
  ]
  private static let pathColours = ["#ff8c42", "#ff5fc4", "#e0e0e0", "#9fe8ff"]

  /// Marks are white.
  func colour(ofPath place: Int) -> String {
    paths[place].x.count == 1 ? "#ffffff" : Self.pathColours[place % Self.pathColours.count]
  }

  /// The lowest and the highest value.
  var range: (low: Double, high: Double) {
    let finite = panels.flatMap { $0.values.joined() }.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return (0, 1) }
    return (low, high)
  }

  /// Where a value lies in the colours, 0 to 1; nil where it has none.
  func share(_ value: Double, _ range: (low: Double, high: Double)) -> Double? {
    guard value.isFinite else { return nil }
    guard range.high > range.low else { return 0.5 }
    if isLogarithmic {
      let (low, high) = (NumberText.logarithm(range.low), NumberText.logarithm(range.high))
      return high > low ? (NumberText.logarithm(value) - low) / (high - low) : 0.5
    }
    // Halved first, since the difference of two finite numbers can be infinite.
    let span = range.high / 2 - range.low / 2
    return span > 0 ? (value / 2 - range.low / 2) / span : 0.5
  }

  /// The colour at 0 … 1.
  static func colour(_ share: Double) -> (red: Int, green: Int, blue: Int) {
    let place = min(max(share, 0), 1) * Double(palette.count - 1)
    let index = min(Int(place), palette.count - 2)
    let rest = place - Double(index)
    func between(_ a: Int, _ b: Int) -> Int { Int((Double(a) + rest * Double(b - a)).rounded()) }
    let (a, b) = (palette[index], palette[index + 1])
    return (between(a.red, b.red), between(a.green, b.green), between(a.blue, b.blue))
  }

  /// Where the cells around these middles begin and end.
  static func edges(_ middles: [Double]) -> [Double] {
    guard let first = middles.first, let last = middles.last else { return [] }
    if middles.count == 1 { return [first - 0.5, first + 0.5] }
    let between = zip(middles, middles.dropFirst()).map { $0 / 2 + $1 / 2 }
    let edges = [first - (between[0] - first)] + between + [last + (last - between[between.count - 1])]
    // The width of the whole must stay finite.
    return edges.map { min(max($0, -8e307), 8e307) }
  }

  /// The cells that a drawing shows of `count`: all, or as many as are wanted at even distances.
  static func shown(_ count: Int, limit: Int) -> [Int] {
    count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// With at most so many rows and columns, and a remark where some had to be left out.
  func thinned(to limit: Int) -> HeatMap {
    guard x.count > limit || y.count > limit else { return self }
    let (columns, rows) = (Self.shown(x.count, limit: limit), Self.shown(y.count, limit: limit))
    let thin = panels.map { panel in
      let kept = rows.filter { panel.values.indices.contains($0) }.map { panel.values[$0] }
      return Panel(
        panel.title, kept.map { row in columns.filter { row.indices.contains($0) }.map { row[$0] } })
    }
    let remark = "\(y.count) × \(x.count) values, of which \(rows.count) × \(columns.count) are drawn"
    return HeatMap(
      thin, x: columns.map { x[$0] }, y: rows.map { y[$0] }, paths: paths, title: title,
      subtitle: [subtitle, remark].compactMap { $0 }.joined(separator: "; "), xLabel: xLabel, yLabel: yLabel,
      valueLabel: valueLabel, logarithmic: isLogarithmic)
  }
}
