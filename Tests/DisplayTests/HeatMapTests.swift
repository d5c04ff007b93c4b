import Display
import JSONCoding
import Testing

@Suite("Heat maps")
struct HeatMapTests {
  private let map = HeatMap(
    [.init("left", [[1, 2, 3], [4, 5, 6]]), .init("right", [[10, .nan, 30], [40, 50, 100]])], x: [0, 1, 2],
    y: [0, 1],
    paths: [.init("way", x: [0, 1, 2], y: [0, 0.5, 1]), .init("start", x: [0], y: [0])], title: "a <map>",
    valueLabel: "loss", logarithmic: true)

  private func layers(_ map: HeatMap, _ panel: Int) throws -> [JSONValue] {
    guard case .object(let document) = map.vegaLite(), case .array(let panels)? = document["hconcat"],
      case .object(let own) = panels[panel], case .array(let layers)? = own["layer"]
    else { throw Missing() }
    return layers
  }
  private struct Missing: Error {}

  @Test("Vega-Lite has a cell for each value and a layer for each line and its dots")
  func vegaLite() throws {
    let layers = try layers(map, 1)
    #expect(layers.count == 1 + 2 + 1)
    guard case .object(let first) = layers[0], case .object(let data)? = first["data"],
      case .array(let cells)? = data["values"]
    else { throw Missing() }
    #expect(cells.count == 6)
    #expect(cells[0] == ["x": -0.5, "X": 0.5, "y": -0.5, "Y": 0.5, "v": 10.0])
    #expect(cells[1] == ["x": 0.5, "X": 1.5, "y": -0.5, "Y": 0.5, "v": .null])
    #expect(map.vegaLite().serialized().contains("\"type\":\"log\""))
  }

  @Test("an SVG has every panel, a path of each colour, and text that is escaped")
  func svg() {
    let svg = map.svg()
    for text in ["left", "right", "loss", "way", "start", "a &lt;map&gt;"] {
      #expect(svg.contains(">\(text)</text>"), "\(text)")
    }
    // The lowest and the highest value have the colours at the ends of the scale beside them.
    for colour in ["#440557", "#f6e626"] {
      #expect(svg.contains("Z\" fill=\"\(colour)\"/>") && svg.contains("height=\"6.1\" fill=\"\(colour)\"/>"))
    }
    #expect(!svg.contains("<map>") && !svg.contains("nan"))
  }

  @Test("characters: shades or colours, steps by their numbers, the start as a cross")
  func characters() {
    let plain = map.characters(TerminalStyle(width: 60, height: 20, unicode: true, colour: false))
    #expect(plain.contains("left") && plain.contains("right") && plain.contains("█") && plain.contains("✚"))
    #expect(plain.contains("1 ") || plain.contains("2"))
    #expect(!plain.contains("\u{1B}"))
    let ascii = map.characters(TerminalStyle(width: 60, height: 20, unicode: false, colour: false))
    #expect(ascii.utf8.allSatisfy { $0 < 0x80 } && ascii.contains("@") && ascii.contains("X"))
    #expect(
      map.characters(TerminalStyle(width: 60, height: 20, unicode: true, colour: true)).contains(
        "\u{1B}[48;5;"))
    for line in plain.split(separator: "\n") { #expect(line.count <= 60) }
  }

  @Test(
    "hostile maps are drawn",
    arguments: [
      HeatMap([], x: [], y: []), HeatMap([.init("", [])], x: [], y: []),
      HeatMap([.init("", [[1]])], x: [3], y: [4]),
      HeatMap([.init("", [[.nan]])], x: [0], y: [0]),
      HeatMap(
        [.init("", [[0, .leastNonzeroMagnitude], [0, 0]])], x: [3, 3], y: [0, 1],
        paths: [.init("p", x: [3, .nan], y: [0, 1])]),
      HeatMap(
        [.init("", [[0, 1], [2, 3]])], x: [-1e308, 1e308], y: [0, .leastNonzeroMagnitude],
        paths: [.init("p", x: [0], y: [0])]
      ),
      HeatMap([.init("", [[1], [2, 3, 4]])], x: [0, 1], y: [0, 1, 2]),
      HeatMap([.init("", [[0, 1e308], [-1e308, .infinity]])], x: [0, 1], y: [0, 1], logarithmic: true),
      HeatMap(
        [.init("", Array(repeating: Array(repeating: 1, count: 300), count: 300))],
        x: (0..<300).map(Double.init), y: (0..<300).map(Double.init)),
    ])
  func hostile(_ map: HeatMap) {
    let bundle = map.mimeBundle
    #expect(bundle.dataJSON.serialized().utf8.count < 400_000)
    _ = bundle.terminalText(TerminalStyle(width: 20, height: 6, unicode: false, colour: true))
  }

  @Test("a large map is drawn in part, and says so")
  func large() {
    let row = (0..<300).map(Double.init)
    let map = HeatMap([.init("", Array(repeating: row, count: 200))], x: row, y: Array(row.prefix(200)))
    #expect(map.svg().contains("200 × 300 values, of which 150 × 150 are drawn"))
    #expect(map.vegaLite().serialized().contains("of which 60 × 60 are drawn"))
    #expect(map.dataTable().rowCount == 60_000)
  }

  @Test("the table has a row a cell")
  func table() {
    #expect(map.dataTable().rowCount == 12 && map.dataTable().columnNames == ["panel", "x", "y", "loss"])
  }
}
