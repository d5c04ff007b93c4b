import JSONCoding

extension HeatMap {
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

  /// Writes the map as `.svg`, as `.json` (a Vega-Lite document) or its numbers as `.csv`, by the path's extension;
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

extension HeatMap: Displayable {
  public var mimeBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: characters(TerminalStyle(width: 76, height: 32)))
    bundle[MIMEType.svg] = .text(svg())
    bundle[MIMEType.vegaLite] = .json(vegaLite())
    bundle.terminal = { style in characters(style) }
    return bundle
  }
}
