import Display
import Foundation
import FoundationXML
import JSONCoding
import TestSupport
import Testing

@Suite("Plots")
struct PlotTests {
  static let steps = (0..<60).map(Double.init)
  static func noisy(_ scale: Double) -> [Double] {
    steps.map { scale * (exp(-$0 / 15) + 0.08 * sin($0 * 2.4)) + 0.1 * scale }
  }

  /// Every kind of mark, with labels and smoothing.
  static let training = Plot(
    [
      .init("MAML", x: steps, y: noisy(3)), .init("FOMAML", x: steps, y: noisy(4)),
      .init("95% interval", x: steps, lower: noisy(3).map { $0 * 0.7 }, upper: noisy(3).map { $0 * 1.3 }),
      .init("checkpoints", mark: .points, x: [0, 20, 40], y: [3.2, 1.1, 0.5]),
    ], title: "Sinusoid", subtitle: "25 tasks a batch", xLabel: "meta-iteration", yLabel: "loss",
    smoothing: 0.8)
  static let single = Plot([.init("", y: (0...40).map { sin(Double($0) / 5) })])
  static let logarithmic = Plot(
    [.init("loss", y: (0..<50).map { 10 * exp(-Double($0) / 4) })], yLabel: "loss", logY: true)
  static let bars = Plot([
    .init("before", mark: .bars, y: [0.2, 0.25, 0.3]), .init("after", mark: .bars, y: [0.6, -0.1, 0.9]),
  ])
  static let area = Plot([.init("area", mark: .area, y: [1, 4, 2, 5])])

  static let all: [(String, Plot)] = [
    ("training", training), ("single", single), ("logarithmic", logarithmic), ("bars", bars), ("area", area),
  ]

  @Test("a band with the name of a line has its colour, and no place of its own in the legend")
  func ownedBand() throws {
    let plot = Plot([
      .init("a", y: [1, 2, 3]), .init("b", y: [3, 2, 1]),
      .init("b", x: [0, 1, 2], lower: [2, 1, 0], upper: [4, 3, 2]),
      .init("other", x: [0, 1, 2], lower: [6, 6, 6], upper: [8, 8, 8]),
    ])
    #expect(plot.drawn(limit: 100).strokes.map(\.index) == [1, 3, 0, 1])
    let svg = plot.svg()
    #expect(svg.components(separatedBy: ">b</text>").count == 2)
    let vega = plot.vegaLite().serialized()
    #expect(vega.contains("\"domain\":[\"a\",\"b\",\"other\"]") && !vega.contains("b 2"))
    // In letters it is told from the line.
    let text = plot.characters(TerminalStyle(width: 60, height: 24))
    #expect(text.contains("·") && text.contains("o b"))
  }

  @Test("every renderer draws every kind of plot as recorded", arguments: all.indices)
  func snapshots(index: Int) throws {
    let (name, plot) = Self.all[index]
    try expectSnapshot(plot.svg(), "Display/plot-\(name).svg")
    try expectSnapshot(plot.vegaLite().serialized(), "Display/plot-\(name).vega.json")
    try expectSnapshot(plot.characters(TerminalStyle(width: 70, height: 24)), "Display/plot-\(name).txt")
    try expectSnapshot(
      plot.characters(TerminalStyle(width: 70, height: 20, unicode: false)), "Display/plot-\(name).ascii.txt")
    try expectSnapshot(
      plot.characters(TerminalStyle(width: 70, height: 24, colour: true)), "Display/plot-\(name).colour.txt")
  }

  /// Numbers that break careless axes.
  static let awkward: [(String, [Double])] = [
    ("empty", []), ("one point", [3]), ("flat", [2, 2, 2]), ("flat zero", [0, 0]),
    ("nan", [.nan, .nan]), ("gaps", [1, .nan, 3, .infinity, 2, -.infinity]),
    ("huge", [1e308, -1e308]), ("largest", [.greatestFiniteMagnitude, -.greatestFiniteMagnitude]),
    ("tiny", [.leastNonzeroMagnitude, .leastNormalMagnitude]), ("near", [1e15, 1e15 + 1]),
    ("negative", [-5, -4]),
    ("wide", [1e-12, 1, 1e12]),
  ]

  @Test("awkward numbers draw well-formed pictures", arguments: awkward.indices, Plot.Mark.allCases)
  func awkwardNumbers(index: Int, mark: Plot.Mark) throws {
    let values = Self.awkward[index].1
    for logY in [false, true] {
      var series = Plot.Series("s", mark: mark, y: values)
      if mark == .band {
        series = Plot.Series(
          "s", x: values.indices.map(Double.init), lower: values.map { $0 - 1 }, upper: values)
      }
      let plot = Plot([series], logY: logY, smoothing: 0.5)
      let svg = plot.svg()
      #expect(XMLParser(data: Data(svg.utf8)).parse())
      #expect(!svg.contains("nan") && !svg.contains("inf"), "\(svg)")
      #expect(try JSONValue(parsing: plot.vegaLite().serialized()) == plot.vegaLite())
      let lines = plot.characters(TerminalStyle(width: 40, height: 20)).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.allSatisfy { TextWidth.columns(String($0)) <= 40 })
    }
  }

  @Test("a plot without series draws empty axes")
  func noSeries() {
    let plot = Plot([])
    #expect(XMLParser(data: Data(plot.svg().utf8)).parse())
    #expect(plot.vegaLite()["layer"]?.array?.count == 1)
    #expect(plot.characters(TerminalStyle()).contains("└"))
  }

  @Test("names from users are text in SVG and terminals")
  func escaped() {
    let name = "<script>alert(1)</script>\u{1B}[31m&\u{0}"
    let plot = Plot(
      [.init(name, y: [1, 2])], title: name, subtitle: name, xLabel: name, yLabel: name)
    let svg = plot.svg(width: 2000)
    #expect(!svg.contains("<script"))
    #expect(svg.contains("&lt;script&gt;"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    let text = plot.characters(TerminalStyle(width: 160))
    #expect(!text.contains("\u{1B}") && text.contains("<script>"))
  }

  @Test("smoothing starts at the first value and leaves gaps where they are")
  func smoothing() {
    let smooth = Plot.smoothed([4, 4, .nan, 8], weight: 0.5)
    #expect(abs(smooth[0] - 4) < 1e-12 && abs(smooth[1] - 4) < 1e-12)
    #expect(smooth[2].isNaN)
    #expect(abs(smooth[3] - (0.5 * 3 + 4) / 0.875) < 1e-12)
    let (strokes, _) = Plot([.init("a", y: [1, 2])], smoothing: 0.9).drawn(limit: 100)
    #expect(strokes.map(\.isFaint) == [true, false])
    #expect(strokes[0].y == [1, 2])
    #expect(Plot([], smoothing: 1).smoothing < 1)
    #expect(Plot([], smoothing: .nan).smoothing == 0)
  }

  @Test("long series are thinned out without losing a peak, and say so")
  func thinned() throws {
    var values = (0..<100_000).map { sin(Double($0) / 1000) }
    values[54_321] = 50
    let plot = Plot([.init("a", y: values)])
    let (strokes, note) = plot.drawn(limit: 1000)
    #expect(strokes[0].x.count <= 1001)
    #expect(strokes[0].y.contains(50))
    #expect(note == "100,000 points, of which about 1,000 are drawn")
    #expect(plot.svg().contains("100,000 points"))
    #expect(plot.svg().utf8.count < 40_000)
  }

  @Test("many long series stay a picture of moderate size")
  func manySeries() {
    let plot = Plot((0..<100).map { .init("s\($0)", y: (0..<5000).map { Double($0 % 97) }) })
    #expect(plot.svg().utf8.count < 1_000_000)
    #expect(plot.svg().contains("5,000 points, of which about 200 are drawn"))
  }

  @Test("values that a logarithmic axis cannot show leave gaps")
  func logarithmicGaps() {
    let (strokes, _) = Plot([.init("a", y: [1, 0, -1, 10])], logY: true).drawn(limit: 10)
    #expect(strokes[0].unbroken == [0..<1, 3..<4])
  }

  @Test(
    "ticks are round numbers inside the axis",
    arguments: [
      ([0.0, 1.0], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([0, 97], ["0", "20", "40", "60", "80", "100"]),
      ([-3, 3], ["-4", "-2", "0", "2", "4"]),
      ([0.001, 0.0042], ["0.001", "0.002", "0.003", "0.004", "0.005"]),
    ])
  func ticks(values: [Double], texts: [String]) {
    let axis = AxisScale(values, tickCount: 5, rounded: true)
    #expect(axis.tickTexts == texts)
    #expect(axis.ticks.allSatisfy { axis.low <= $0 && $0 <= axis.high })
  }

  @Test("saving goes by the extension")
  func save() throws {
    try withTemporaryFolder { folder in
      try Self.area.save(folder + "/p.svg")
      try Self.area.save(folder + "/p.json")
      try Self.area.save(folder + "/p.csv")
      #expect(try String(contentsOfFile: folder + "/p.svg", encoding: .utf8) == Self.area.svg())
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/p.json", encoding: .utf8))
      #expect(json == Self.area.vegaLite())
      let csv = try String(contentsOfFile: folder + "/p.csv", encoding: .utf8)
      #expect(csv == "series,x,y\narea,0.0,1.0\narea,1.0,4.0\narea,2.0,2.0\narea,3.0,5.0\n")
      let error = #expect(throws: SaveError.self) { try Self.area.save(folder + "/p.png") }
      #expect(error?.description.hasSuffix("unknown extension .png; use one of .svg, .json, .csv") == true)
    }
  }

  @Test("a dashed line is dashed in pictures, and the legend shows strokes for lines")
  func dashed() {
    var start = Plot.Series("start", y: [1, 2])
    start.isDashed = true
    let plot = Plot([.init("here", y: [1, 2]), start, .init("support", mark: .points, x: [0], y: [1])])
    #expect(plot.svg().components(separatedBy: "stroke-dasharray").count == 3)
    let vega = plot.vegaLite().serialized()
    #expect(vega.components(separatedBy: "\"strokeDash\":[5,5]").count == 2)
    #expect(vega.contains(#"indexof([\"here\",\"start\"], datum.label) < 0 ? 'circle' : 'stroke'"#))
  }

  @Test("series as long as the shorter of their coordinates")
  func shorter() {
    #expect(Plot.Series("a", x: [1, 2, 3], y: [1]).x == [1])
    #expect(Plot.Series("a", x: [1, 2], lower: [0], upper: [1, 2, 3]).y == [1])
    #expect(Plot.Series("a", y: [5, 6], start: 10).x == [10, 11])
  }

  @Test("the bundle offers text, SVG and Vega-Lite, and draws for the terminal it is on")
  func bundle() {
    let bundle = Self.training.mimeBundle
    #expect(
      Array(bundle.data.keys) == ["text/plain", "image/svg+xml", "application/vnd.vegalite.v5+json"])
    let ascii = bundle.terminalText(TerminalStyle(width: 50, unicode: false))
    #expect(ascii.utf8.allSatisfy { $0 < 0x80 })
  }
}
