import JSONCoding

extension Plot {
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

  /// Writes the plot as `.svg`, as `.json` (a Vega-Lite document) or its numbers as `.csv`, by the path's extension;
  /// replaces the file whole or not at all.
  public func save(_ path: String) throws(SaveError) {
    switch SavedFile.fileExtension(path) {
    case "svg": try SavedFile.write(svg(), to: path)
    case "json": try SavedFile.write(vegaLite().serialized() + "\n", to: path)
    case "csv": try SavedFile.write(dataTable().csv(), to: path)
    case let other: throw .unknownExtension(other, path: path, known: ["svg", "json", "csv"])
    }
  }
}

extension Plot: Displayable {
  public var mimeBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: characters(TerminalStyle(width: 76, height: 24)))
    bundle[MIMEType.svg] = .text(svg())
    bundle[MIMEType.vegaLite] = .json(vegaLite())
    bundle.terminal = { style in characters(style) }
    return bundle
  }
}
