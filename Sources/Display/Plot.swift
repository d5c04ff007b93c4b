/// A chart of one or more named series.
///
/// Renders itself as a Vega-Lite document (interactive in JupyterLab), as SVG, and in characters.
/// Values that cannot be drawn (NaN, infinities, what is not positive on a logarithmic axis) leave gaps.
public struct Plot: Hashable, Sendable {
  /// How a series is drawn.
  public enum Mark: String, Hashable, Sendable, CaseIterable {
    /// A line through the points, in their order.
    case line
    /// A dot at each point.
    case points
    /// The region between `lower` and `upper`.
    case band
    /// The region between zero (the axis, when logarithmic) and `y`.
    case area
    /// A bar from zero to each `y`.
    case bars
  }

  /// The numbers of one curve. Coordinates beyond the shorter of `x` and `y` are dropped.
  public struct Series: Hashable, Sendable {
    public var name: String
    public var mark: Mark
    public var x: [Double]
    /// The values; for a band, its upper edge.
    public var y: [Double]
    /// The lower edge of a band, as long as `y`; empty otherwise.
    public var lower: [Double]
    /// Whether a line is dashed, so that one below it shows through.
    public var isDashed = false

    public init(_ name: String, mark: Mark = .line, x: [Double], y: [Double]) {
      let count = min(x.count, y.count)
      self.name = name
      self.mark = mark
      self.x = Array(x.prefix(count))
      self.y = Array(y.prefix(count))
      self.lower = []
    }

    /// Values at 0, 1, 2, …, or from `start` on.
    public init(_ name: String, mark: Mark = .line, y: [Double], start: Int = 0) {
      self.init(name, mark: mark, x: y.indices.map { Double(start) + Double($0) }, y: y)
    }

    /// A band between two curves. It has the colour of the series of its name, where there is one.
    public init(_ name: String, x: [Double], lower: [Double], upper: [Double]) {
      let count = min(x.count, lower.count, upper.count)
      self.init(name, mark: .band, x: Array(x.prefix(count)), y: Array(upper.prefix(count)))
      self.lower = Array(lower.prefix(count))
    }
  }

  public var series: [Series]
  public var title: String?
  public var subtitle: String?
  public var xLabel: String?
  public var yLabel: String?
  /// Whether the vertical axis is logarithmic.
  public var logY: Bool
  /// The weight of the past in an exponential moving average over each line, from 0 (none) to below 1.
  /// The values themselves stay visible, faint, behind it.
  public var smoothing: Double

  public init(
    _ series: [Series], title: String? = nil, subtitle: String? = nil, xLabel: String? = nil,
    yLabel: String? = nil, logY: Bool = false, smoothing: Double = 0
  ) {
    self.series = series
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.logY = logY
    self.smoothing = smoothing >= 0 ? min(smoothing, 0.9999) : 0
  }
}
