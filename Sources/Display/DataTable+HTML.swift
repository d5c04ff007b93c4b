extension DataTable {
  /// The table as plain HTML without styles of its own, so that JupyterLab's theme applies; all text escaped.
  public func html() -> String {
    let shown = shown()
    var html = "<table>\n<thead>\n<tr>"
    for column in shown.columns {
      html += Self.cell("th", Self.header(column.header), flushRight: column.flushRight)
    }
    html += "</tr>\n</thead>\n<tbody>\n"
    for row in 0..<(shown.columns.first?.cells.count ?? 0) {
      if row == shown.gap {
        html += "<tr>"
        for column in shown.columns { html += Self.cell("td", "⋮", flushRight: column.flushRight) }
        html += "</tr>\n"
      }
      html += "<tr>"
      for column in shown.columns {
        html += Self.cell(
          "td", column.cells[row].map(Escaping.markup) ?? "–", flushRight: column.flushRight)
      }
      html += "</tr>\n"
    }
    html += "</tbody>\n</table>"
    for note in shown.notes { html += "\n<p>" + Escaping.markup(note) + "</p>" }
    return html
  }

  /// A header that may break after the points in a parameter's name, so that it is not wider than it must be.
  private static func header(_ text: String) -> String {
    Escaping.markup(text).split(separator: ".", omittingEmptySubsequences: false).joined(separator: ".<wbr>")
  }

  /// JupyterLab sets every cell flush right; text reads better flush left.
  private static func cell(_ tag: String, _ content: String, flushRight: Bool) -> String {
    flushRight ? "<\(tag)>\(content)</\(tag)>" : "<\(tag) style=\"text-align: left\">\(content)</\(tag)>"
  }
}

extension DataTable: Displayable {
  public var mimeBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: text(width: 120), html: html())
    bundle.terminal = { style in
      text(width: style.width, unicode: style.unicode, colour: style.colour)
    }
    return bundle
  }
}
