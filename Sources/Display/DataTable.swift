/// A table of typed, named columns; any cell may be missing.
///
/// Shows itself as aligned text and as a plain HTML table, and is written as CSV or JSON with exact numbers.
public struct DataTable: Hashable, Sendable {
  /// One value of a table.
  public enum Cell: Hashable, Sendable {
    case missing
    case double(Double)
    case integer(Int)
    case string(String)
    case boolean(Bool)
  }

  /// The values of a column, all of one type.
  public enum Values: Hashable, Sendable {
    case doubles([Double?])
    case integers([Int?])
    case strings([String?])
    case booleans([Bool?])
  }

  /// A name and the values under it.
  public struct Column: Hashable, Sendable {
    public let name: String
    public let values: Values

    public init(_ name: String, _ values: Values) {
      self.name = name
      self.values = values
    }

    public init(_ name: String, _ values: [Double]) { self.init(name, .doubles(values)) }
    public init(_ name: String, _ values: [Double?]) { self.init(name, .doubles(values)) }
    public init(_ name: String, _ values: [Int]) { self.init(name, .integers(values)) }
    public init(_ name: String, _ values: [Int?]) { self.init(name, .integers(values)) }
    public init(_ name: String, _ values: [String]) { self.init(name, .strings(values)) }
    public init(_ name: String, _ values: [String?]) { self.init(name, .strings(values)) }
    public init(_ name: String, _ values: [Bool]) { self.init(name, .booleans(values)) }
    public init(_ name: String, _ values: [Bool?]) { self.init(name, .booleans(values)) }
  }

  public let columns: [Column]
  public let rowCount: Int
  /// A remark shown under the table, as "transductive: …".
  public var note: String?

  /// A table. Columns shorter than the longest end in missing values.
  public init(_ columns: [Column], note: String? = nil) {
    let rows = columns.map(\.count).max() ?? 0
    self.columns = columns.map { $0.count == rows ? $0 : $0.extended(to: rows) }
    self.rowCount = rows
    self.note = note
  }

  public var columnNames: [String] { columns.map(\.name) }

  /// The column of that name, the first if there are several.
  public subscript(name: String) -> Column? {
    columns.first { $0.name == name }
  }

  /// The cell of a row, counted from 0; missing outside the table.
  public subscript(row: Int, column: String) -> Cell {
    self[column]?[row] ?? .missing
  }
}

extension DataTable.Column {
  /// A column of mixed cells: Ints join Doubles, anything else mixed becomes text; only missing gives Doubles.
  public init(_ name: String, cells: [DataTable.Cell]) {
    var kinds: (double: Bool, integer: Bool, string: Bool, boolean: Bool) = (false, false, false, false)
    for cell in cells {
      switch cell {
      case .missing: break
      case .double: kinds.double = true
      case .integer: kinds.integer = true
      case .string: kinds.string = true
      case .boolean: kinds.boolean = true
      }
    }
    switch kinds {
    case (false, true, false, false):
      self.init(name, .integers(cells.map { if case .integer(let value) = $0 { value } else { nil } }))
    case (false, false, false, true):
      self.init(name, .booleans(cells.map { if case .boolean(let value) = $0 { value } else { nil } }))
    case (_, _, false, false):
      self.init(name, .doubles(cells.map(\.number)))
    default:
      self.init(name, .strings(cells.map(\.exactText)))
    }
  }

  public var count: Int {
    switch values {
    case .doubles(let values): values.count
    case .integers(let values): values.count
    case .strings(let values): values.count
    case .booleans(let values): values.count
    }
  }

  /// The cell of a row, counted from 0; missing outside the column.
  public subscript(row: Int) -> DataTable.Cell {
    guard row >= 0, row < count else { return .missing }
    return switch values {
    case .doubles(let values): values[row].map { .double($0) } ?? .missing
    case .integers(let values): values[row].map { .integer($0) } ?? .missing
    case .strings(let values): values[row].map { .string($0) } ?? .missing
    case .booleans(let values): values[row].map { .boolean($0) } ?? .missing
    }
  }

  public var cells: [DataTable.Cell] { (0..<count).map { self[$0] } }

  /// The column as numbers: missing cells and text are nil, true is 1.
  public var numbers: [Double?] { cells.map(\.number) }

  var isText: Bool {
    if case .strings = values { return true }
    return false
  }

  func extended(to rows: Int) -> DataTable.Column {
    func longer<Value>(_ values: [Value?]) -> [Value?] {
      values + Array(repeating: nil, count: max(rows - values.count, 0))
    }
    return switch values {
    case .doubles(let values): DataTable.Column(name, .doubles(longer(values)))
    case .integers(let values): DataTable.Column(name, .integers(longer(values)))
    case .strings(let values): DataTable.Column(name, .strings(longer(values)))
    case .booleans(let values): DataTable.Column(name, .booleans(longer(values)))
    }
  }
}

extension DataTable.Cell {
  /// The cell as a number: nil when it is missing or text; true is 1.
  public var number: Double? {
    switch self {
    case .double(let value): value
    case .integer(let value): Double(value)
    case .boolean(let value): value ? 1 : 0
    case .missing, .string: nil
    }
  }

  /// The cell as text that reads back exactly; nil when it is missing.
  public var exactText: String? {
    switch self {
    case .missing: nil
    case .double(let value): NumberText.exact(value)
    case .integer(let value): String(value)
    case .string(let value): value
    case .boolean(let value): value ? "true" : "false"
    }
  }
}
