extension Plot: Chart {
  public static var plainHeight: Int { 24 }

  /// The numbers behind the plot, one row a point: series, x, y and, with bands, lower.
  public func dataTable() -> DataTable {
    let names = series.flatMap { one in one.x.map { _ in one.name } }
    var columns = [
      DataTable.Column("series", names), DataTable.Column("x", series.flatMap(\.x)),
      DataTable.Column("y", series.flatMap(\.y)),
    ]
    if series.contains(where: { !$0.lower.isEmpty }) {
      let lower = series.flatMap { one -> [Double?] in
        one.lower.isEmpty ? one.x.map { _ in nil } : one.lower
      }
      columns.append(DataTable.Column("lower", lower))
    }
    return DataTable(columns)
  }
}
