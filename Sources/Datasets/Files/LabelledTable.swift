import ArrayCore
import Autograd

/// Lines of a class and numbers behind it, with commas between: what data sets of the UCI repository are.
struct LabelledTable {
  let labels: [String]
  /// A row behind the other.
  private let numbers: [Float]
  private let columns: Int

  private static let fileLimit = 1 << 26

  /// - Throws: ``DatasetError/file(path:reason:)`` with the line when it is not so many numbers, or not so many lines.
  init(_ path: String, columns: Int, rows: Int) throws {
    var labels: [String] = []
    var numbers: [Float] = []
    let text = String(decoding: try RegularFile.read(path, limit: Self.fileLimit), as: UTF8.self)
    for (place, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let row = cells.dropFirst().compactMap { cell in Float(cell).flatMap { $0.isFinite ? $0 : nil } }
      guard cells.count == columns + 1, row.count == columns, let label = cells.first, !label.isEmpty else {
        throw DatasetError.file(
          path: path, reason: "line \(place + 1): a class and \(columns) numbers are expected")
      }
      labels.append(String(label))
      numbers += row
    }
    guard labels.count == rows else {
      throw DatasetError.file(
        path: path, reason: "it has \(labels.count) lines, where \(rows) are expected")
    }
    (self.labels, self.numbers, self.columns) = (labels, numbers, columns)
  }

  /// The rows of some classes, in the order of the file.
  ///
  /// - Parameter normalizedBy: the classes whose mean and standard deviation of each column normalise all rows:
  ///   (x − mean) / (std + 1e-10); nil leaves them as they are.
  func samples(of classes: [String], normalizedBy reference: Set<String>?) throws -> ClassSamples {
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, $0.offset) })
    let (shift, scale) = reference.map(moments) ?? ([], [])
    var chosen: [Float] = []
    var numbersOf: [Int] = []
    for (row, label) in labels.enumerated() {
      guard let place = places[label] else { continue }
      numbersOf.append(place)
      for column in 0..<columns {
        let number = numbers[row * columns + column]
        chosen.append(
          reference == nil ? number : Float((Double(number) - shift[column]) / (scale[column] + 1e-10)))
      }
    }
    return ClassSamples(
      inputs: Tensor(try NDArray(chosen, [numbersOf.count, columns])), labels: try Tensor(numbersOf),
      classes: classes)
  }

  /// Each column's mean and standard deviation over the rows of some classes.
  private func moments(_ classes: Set<String>) -> (mean: [Double], deviation: [Double]) {
    let rows = labels.indices.filter { classes.contains(labels[$0]) }
    let columns = (0..<columns).map { column in
      let own = rows.map { Double(numbers[$0 * self.columns + column]) }
      let mean = own.reduce(0, +) / Double(max(own.count, 1))
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(own.count, 1))
      return (mean, variance.squareRoot())
    }
    return (columns.map(\.0), columns.map(\.1))
  }
}
