extension HeatMap: Chart {
  public static var plainHeight: Int { 32 }

  /// The numbers behind the map, a row a cell.
  public func dataTable() -> DataTable {
    var columns: (panel: [String], x: [Double], y: [Double], value: [Double]) = ([], [], [], [])
    for panel in panels {
      for (row, values) in panel.values.prefix(y.count).enumerated() {
        for (column, value) in values.prefix(x.count).enumerated() {
          columns.panel.append(panel.title)
          columns.x.append(x[column])
          columns.y.append(y[row])
          columns.value.append(value)
        }
      }
    }
    return DataTable(
      (panels.count > 1 ? [.init("panel", columns.panel)] : [])
        + [.init("x", columns.x), .init("y", columns.y), .init(valueLabel, columns.value)])
  }
}
