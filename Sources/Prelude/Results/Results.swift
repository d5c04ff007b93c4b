import Autograd
import Display
import Interpreter
import MetaLearning

extension DataTable: HostValue {
  var hostTypeName: String { "Table" }
  var hostBundle: MIMEBundle { mimeBundle }
  var hostSummary: String { "\(rowCount) rows: \(columnNames.joined(separator: ", "))" }
  func hostSubscript(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    guard case .string(let name)? = arguments.values.first, let column = self[name] else { return nil }
    return .array(column.cells.map(\.hosted))
  }
}

extension DataTable.Cell {
  fileprivate var hosted: Value {
    switch self {
    case .missing: .null
    case .double(let number): .double(number)
    case .integer(let number): .int(number)
    case .string(let text): .string(text)
    case .boolean(let flag): .bool(flag)
    }
  }
}

extension Plot: HostValue {
  var hostTypeName: String { "Plot" }
  var hostBundle: MIMEBundle { mimeBundle }
  var hostSummary: String { "plot of \(series.map(\.name).joined(separator: ", "))" }
}

extension History: HostValue {
  var hostTypeName: String { "History" }
  var hostSummary: String {
    guard let last = losses.last else { return "History of no steps" }
    return "History of \(NumberText.grouped(count)) steps, last loss \(NumberText.compact(last))"
  }

  /// One row an iteration, numbered from 1.
  var dataTable: DataTable {
    var columns = [
      DataTable.Column("step", losses.indices.map { $0 + firstIteration + 1 }), .init("loss", losses),
    ]
    if !accuracies.isEmpty { columns.append(.init("test (query) accuracy", accuracies)) }
    return DataTable(columns)
  }

  func series(_ name: String) -> Plot.Series {
    Plot.Series(name, x: losses.indices.map { Double($0 + firstIteration + 1) }, y: losses)
  }
}

/// `points(x, y)`: drawn as dots.
struct PlotPoints: HostValue {
  let x: [Double]
  let y: [Double]
  var hostTypeName: String { "Points" }
  var hostSummary: String { "\(y.count) points" }
}

extension InnerloopLanguage {
  /// Tables, plots, histories, `display` and `clearOutput`.
  static func registerResults(in builder: RegistryBuilder) {
    registerTables(in: builder)
    registerPlots(in: builder)
    builder.type("History", "The losses of meta-updates, in order.") { type in
      type.property(of: History.self, "losses", .array(.double), "The outer loss before each update.") {
        .doubles($0.losses)
      }
      type.property(
        of: History.self, "accuracies", .array(.double),
        "Mean accuracy on the query sets after adaptation; empty without labels."
      ) {
        .doubles($0.accuracies)
      }
      type.property(of: History.self, "count", .int, "How many updates there are.") { .int($0.count) }
      type.property(of: History.self, "table", .named("Table"), "A row for each update.") {
        $0.dataTable.hosted
      }
      type.method(
        "plot", plotOptions, returns: .named("Plot"),
        Documentation("The loss over the meta-iterations.", example: "h.plot(smooth: 0.9)")
      ) { arguments, _ in
        let history = try arguments.boxedReceiver(as: History.self)
        return try plot([history.series("loss")], arguments, x: "meta-iteration", y: "loss").hosted
      }
    }
    builder.function(
      "display",
      [
        .positional("value", .any, "anything"),
        .labelled("id", .string, default: nil, "a name by which `updateDisplay` finds it"),
      ],
      Documentation(
        "Shows a value at once, without waiting for the end of the cell.", example: "display(h.plot())")
    ) { arguments, evaluation in
      evaluation.output.display(
        arguments["value"].mimeBundle, id: try arguments.optionalString("id"), update: false)
      return .void
    }
    builder.function(
      "updateDisplay",
      [.positional("value", .any, "anything"), .labelled("id", .string, "as it was given to `display`")],
      Documentation(
        "Replaces what `display` showed under an id, wherever it stands.",
        example: "display(0, id: \"step\"); updateDisplay(1, id: \"step\")")
    ) { arguments, evaluation in
      evaluation.output.display(
        arguments["value"].mimeBundle, id: try arguments.string("id"), update: true)
      return .void
    }
    builder.function(
      "clearOutput", [.labelled("wait", .bool, default: false, "until the next output comes")],
      Documentation("Removes what the cell has shown so far.", example: "clearOutput(wait: true)")
    ) { arguments, evaluation in
      evaluation.output.clearOutput(wait: try arguments.bool("wait"))
      return .void
    }
  }

  private static func registerTables(in builder: RegistryBuilder) {
    builder.function(
      "table", [.positional("columns", .dictionary(.any), "values by column name")], returns: .named("Table"),
      Documentation("Makes a table of columns.", example: "table([\"step\": [0, 1], \"loss\": [0.9, 0.4]])")
    ) { arguments, _ in
      let columns = try arguments.dictionary("columns").map { key, value -> DataTable.Column in
        guard let cells = try cells(of: value) else {
          throw arguments.problem(
            "columns", id: "type-mismatch",
            "column `\(key.value)` must be an array or Tensor, not \(value.typeDescription)")
        }
        return DataTable.Column(key.value.description, cells: cells)
      }
      return DataTable(columns).hosted
    }
    builder.type("Table", "Columns of equal length, with names.") { type in
      type.property(of: DataTable.self, "columns", .array(.string), "The columns' names.") {
        .strings($0.columnNames)
      }
      type.property(of: DataTable.self, "count", .int, "How many rows there are.") { .int($0.rowCount) }
      type.method(
        "save", [.positional("file", .string, "its ending decides: .csv or .json")],
        Documentation("Writes the whole table.", example: "h.table.save(\"history.csv\")")
      ) { arguments, _ in
        try Ranks.once { try arguments.boxedReceiver(as: DataTable.self).save(try arguments.string("file")) }
        return .void
      }
    }
  }

  private static func cells(of value: Value) throws -> [DataTable.Cell]? {
    if let elements = value.arrayValue {
      return elements.map { element in
        switch element {
        case .int(let number): .integer(number)
        case .double(let number): .double(number)
        case .bool(let flag): .boolean(flag)
        case .string(let text): .string(text)
        case .null: .missing
        default:
          if let tensor = element.object(as: Tensor.self), tensor.count == 1, let number = try? tensor.item()
          {
            .double(number)
          } else {
            .string(element.description)
          }
        }
      }
    }
    if case .range(let range) = value, let integers = range.integers { return integers.map { .integer($0) } }
    guard let tensor = value.object(as: Tensor.self) else { return nil }
    return tensor.dtype == .int64
      ? try tensor.toInts().map { .integer($0) } : try tensor.toDoubles().map { .double($0) }
  }
}
