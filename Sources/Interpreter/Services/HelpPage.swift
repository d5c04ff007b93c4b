import Display

/// Documentation of one thing, ready to be shown as plain text, Markdown or HTML. Every text in it is escaped where it is
/// shown, so that no name or value reaches HTML as markup.
public struct HelpPage: Hashable, Sendable {
  public enum Block: Hashable, Sendable {
    /// Signatures and examples.
    case code(String)
    case text(String)
    /// `Formula: …`
    case field(String, String)
    /// A title and rows of name and remark.
    case list(String, [Row])
  }

  public struct Row: Hashable, Sendable {
    public let name: String
    public let remark: String
  }

  public internal(set) var blocks: [Block] = []

  public var mimeBundle: MIMEBundle {
    var bundle = MIMEBundle(plain: plain, html: html)
    bundle[MIMEType.markdown] = .text(markdown)
    return bundle
  }

  /// For pagers, terminals and JupyterLab's documentation panel.
  public var plain: String {
    blocks.map { block in
      switch block {
      case .code(let text): Self.indented(text)
      case .text(let text): text
      case .field(let name, let text): "\(name): \(text)"
      case .list(let title, let rows): Self.plain(title, rows)
      }
    }.joined(separator: "\n\n")
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
  }

  private static func plain(_ title: String, _ rows: [Row]) -> String {
    let width = min(44, rows.map { TextWidth.columns($0.name) }.max() ?? 0)
    let lines = rows.map { row in
      let name = TextWidth.padded(row.name, to: width, flushRight: false)
      return row.remark.isEmpty ? "  \(row.name)" : "  \(name)  \(row.remark)"
    }
    return ([title] + lines).joined(separator: "\n")
  }

  public var markdown: String {
    blocks.map { block in
      switch block {
      case .code(let text): "```swift\n\(text)\n```"
      case .text(let text): Escaping.markup(text)
      case .field(let name, let text): "**\(name):** \(Escaping.markup(text))"
      case .list(let title, let rows):
        "**\(title)**\n\n"
          + rows.map { "- `\($0.name)`" + ($0.remark.isEmpty ? "" : " — \(Escaping.markup($0.remark))") }
          .joined(separator: "\n")
      }
    }.joined(separator: "\n\n")
  }

  public var html: String {
    blocks.map { block in
      switch block {
      case .code(let text): "<pre><code>\(Escaping.markup(text))</code></pre>"
      case .text(let text): "<p>\(Escaping.markup(text))</p>"
      case .field(let name, let text): "<p><b>\(Escaping.markup(name)):</b> \(Escaping.markup(text))</p>"
      case .list(let title, let rows):
        "<p><b>\(Escaping.markup(title))</b></p><ul>"
          + rows.map {
            "<li><code>\(Escaping.markup($0.name))</code>"
              + ($0.remark.isEmpty ? "" : " — \(Escaping.markup($0.remark))") + "</li>"
          }.joined() + "</ul>"
      }
    }.joined(separator: "\n")
  }
}
