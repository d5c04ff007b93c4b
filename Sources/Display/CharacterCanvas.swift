/// A grid of character cells that series are drawn on, in braille dots (two by four in a cell) or letters.
struct CharacterCanvas {
  let columns: Int
  let rows: Int
  private let horizontal: AxisScale
  private let vertical: AxisScale
  private let usesBraille: Bool
  private let unicode: Bool
  /// The braille dots of each cell.
  private var dots: [UInt8]
  /// The letter of each cell, drawn over its dots.
  private var letters: [String?]
  /// The series that last drew in each cell.
  private var owners: [Int?]

  init(
    columns: Int, rows: Int, horizontal: AxisScale, vertical: AxisScale, usesBraille: Bool, unicode: Bool
  ) {
    self.columns = columns
    self.rows = rows
    self.horizontal = horizontal
    self.vertical = vertical
    self.usesBraille = usesBraille
    self.unicode = unicode
    dots = Array(repeating: 0, count: columns * rows)
    letters = Array(repeating: nil, count: columns * rows)
    owners = Array(repeating: nil, count: columns * rows)
  }

  /// Steps a cell is divided into, across and down.
  private var across: Int { usesBraille ? 2 : 1 }
  private var down: Int { usesBraille ? 4 : 1 }

  func row(_ value: Double) -> Int? { step(value).map { $0 / down } }
  func column(_ value: Double) -> Int? { place(value).map { $0 / across } }

  private func place(_ value: Double) -> Int? {
    horizontal.position(value).flatMap { Self.cell($0, columns * across) }
  }

  private func step(_ value: Double) -> Int? {
    vertical.position(value).flatMap { Self.cell(1 - $0, rows * down) }
  }

  private static func cell(_ position: Double, _ count: Int) -> Int? {
    guard position >= -0.01, position <= 1.01 else { return nil }
    return min(max(Int((position * Double(count - 1)).rounded()), 0), count - 1)
  }

  /// Draws a stroke. Bars cover `bar`, relative to their x.
  mutating func draw(_ stroke: Plot.Drawn, bar: Range<Double>) {
    switch stroke.mark {
    case .line:
      for range in stroke.unbroken {
        var last: (Int, Int)?
        for index in range {
          guard let x = place(stroke.x[index]), let y = step(stroke.y[index]) else { continue }
          connect(last ?? (x, y), (x, y), stroke.index)
          last = (x, y)
        }
      }
    case .points:
      for index in stroke.unbroken.joined() {
        guard let x = place(stroke.x[index]), let y = step(stroke.y[index]) else { continue }
        let cell = y / down * columns + x / across
        letters[cell] = Self.marker(stroke.index, unicode: unicode, dotted: usesBraille)
        owners[cell] = stroke.index
      }
    case .band, .area: drawRegion(stroke)
    case .bars:
      guard let base = step(vertical.isLogarithmic ? vertical.low : 0) else { return }
      for index in stroke.unbroken.joined() {
        let x = stroke.x[index]
        guard let from = place(x + bar.lowerBound), let to = place(x + bar.upperBound),
          let y = step(stroke.y[index])
        else { continue }
        for x in from...max(from, to - 1) {
          for y in min(y, base)...max(y, base) { set(x, y, stroke.index) }
        }
      }
    }
  }

  private mutating func drawRegion(_ stroke: Plot.Drawn) {
    let base = vertical.isLogarithmic ? vertical.low : 0
    for range in stroke.unbroken {
      for (index, next) in zip(range, range.dropFirst()) {
        guard let from = place(stroke.x[index]), let to = place(stroke.x[next]) else { continue }
        for x in min(from, to)...max(from, to) {
          let share = to == from ? 0 : Double(x - from) / Double(to - from)
          func between(_ values: [Double]) -> Double { values[index] * (1 - share) + values[next] * share }
          let edge = stroke.mark == .band ? between(stroke.lower) : base
          guard let top = step(between(stroke.y)), let bottom = step(edge) else { continue }
          // Every second dot, so that a line through the region can be seen.
          for y in min(top, bottom)...max(top, bottom) where (x + y) % 2 == 0 {
            set(x, y, stroke.index, isShade: stroke.isShade)
          }
        }
      }
    }
  }

  private mutating func connect(_ start: (Int, Int), _ end: (Int, Int), _ owner: Int) {
    let count = max(abs(end.0 - start.0), abs(end.1 - start.1))
    for index in 0...count {
      let share = count == 0 ? 0 : Double(index) / Double(count)
      let x = Double(start.0) + share * Double(end.0 - start.0)
      let y = Double(start.1) + share * Double(end.1 - start.1)
      set(Int(x.rounded()), Int(y.rounded()), owner)
    }
  }

  /// - Parameter isShade: whether it is behind a curve, whose letter must be told from it.
  private mutating func set(_ x: Int, _ y: Int, _ owner: Int, isShade: Bool = false) {
    let cell = y / down * columns + x / across
    guard letters.indices.contains(cell) else { return }
    owners[cell] = owner
    if usesBraille {
      let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
      dots[cell] |= bits[y % 4][x % 2]
    } else {
      letters[cell] =
        isShade ? unicode ? "·" : "." : Self.marker(owner, unicode: unicode, dotted: false)
    }
  }

  /// One row of cells.
  func text(row: Int, colour: Bool) -> String {
    var result = ""
    // Neighbours of one colour share one pair of escape sequences.
    var run = ""
    var runOwner: Int?
    for cell in (row * columns)..<((row + 1) * columns) {
      let owner = colour ? owners[cell] : nil
      if owner != runOwner {
        result += runOwner.map { Self.coloured(run, $0) } ?? run
        run = ""
        runOwner = owner
      }
      run += text(cell: cell)
    }
    return result + (runOwner.map { Self.coloured(run, $0) } ?? run)
  }

  private func text(cell: Int) -> String {
    if let letter = letters[cell] { return letter }
    if dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) {
      return String(Character(scalar))
    }
    return " "
  }

  /// The letter of a series; `dotted` when it stands for dots among braille.
  static func marker(_ index: Int, unicode: Bool, dotted: Bool) -> String {
    if dotted { return "•" }
    let markers = ["*", "o", "+", "x", "#", "@", "%", "&"]
    return markers[index % markers.count]
  }

  static func coloured(_ text: String, _ index: Int) -> String {
    let codes = [34, 33, 32, 31, 36, 35, 93, 90]
    return "\u{1B}[\(codes[index % codes.count])m\(text)\u{1B}[0m"
  }
}
