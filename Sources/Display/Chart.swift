import JSONCoding

/// A picture of numbers: drawn in a notebook, in a page that draws nothing itself, and in a terminal.
public protocol Chart: Displayable, Sendable {
  /// How many rows it takes as plain text.
  static var plainHeight: Int { get }
  /// A standalone SVG document of the usual size.
  func svg() -> String
  /// A Vega-Lite document.
  func vegaLite() -> JSONValue
  /// The numbers behind it.
  func dataTable() -> DataTable
  func characters(_ style: TerminalStyle) -> String
}

extension Chart {
  public var mimeBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: characters(TerminalStyle(width: 76, height: Self.plainHeight)))
    bundle[MIMEType.svg] = .text(svg())
    bundle[MIMEType.vegaLite] = .json(vegaLite())
    bundle.terminal = { style in characters(style) }
    return bundle
  }

  /// Writes the picture as `.svg`, as `.json` (a Vega-Lite document) or its numbers as `.csv`, by the path's extension;
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
