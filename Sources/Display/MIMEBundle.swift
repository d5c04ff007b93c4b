import JSONCoding
import OrderedCollections

/// The media types that Innerloop's own values use.
public enum MIMEType {
  public static let plain = "text/plain"
  public static let html = "text/html"
  public static let markdown = "text/markdown"
  public static let svg = "image/svg+xml"
  public static let vegaLite = "application/vnd.vegalite.v5+json"
  public static let mermaid = "text/vnd.mermaid"
  public static let graphviz = "text/vnd.graphviz"
  public static let json = "application/json"
  public static let widget = "application/vnd.jupyter.widget-view+json"
}

/// One representation of a value: text, or a JSON document.
public enum MIMEValue: Hashable, Sendable {
  case text(String)
  case json(JSONValue)
}

/// The representations of one value, by media type. `text/plain` is always among them.
public struct MIMEBundle: Sendable {
  /// Media type to representation, in the order they were added; begins with `text/plain`.
  public private(set) var data: OrderedDictionary<String, MIMEValue>
  /// What Jupyter calls the display's metadata; mostly empty.
  public var metadata: OrderedDictionary<String, JSONValue> = [:]
  /// Draws the value for a terminal of a given size, where that differs from `text/plain`.
  public var terminal: (@Sendable (TerminalStyle) -> String)?
  /// True for a momentary state that its next update replaces, as a progress line is.
  public var isProgress = false

  public init(plain: String) {
    data = [MIMEType.plain: .text(plain)]
  }

  public init(plain: String, html: String) {
    data = [MIMEType.plain: .text(plain), MIMEType.html: .text(html)]
  }

  /// A bundle from ``dataJSON`` and ``metadataJSON``.
  public init(json: JSONValue, metadata: JSONValue?) {
    self.init(plain: "")
    for (type, value) in json.object ?? [:] { data[type] = value.string.map { .text($0) } ?? .json(value) }
    self.metadata = metadata?.object ?? [:]
  }

  /// The representation for a media type. `text/plain` can be replaced but not removed.
  public subscript(type: String) -> MIMEValue? {
    get { data[type] }
    set {
      if newValue != nil || type != MIMEType.plain { data[type] = newValue }
    }
  }

  /// The representations as Jupyter writes them.
  public var dataJSON: JSONValue {
    var members = JSONValue.emptyObject
    for (type, value) in data {
      switch value {
      case .text(let text): members[type] = .string(text)
      case .json(let json): members[type] = json
      }
    }
    return members
  }

  public var metadataJSON: JSONValue { .object(metadata) }

  /// The `text/plain` representation.
  public var plainText: String {
    if case .text(let text)? = data[MIMEType.plain] { return text }
    return ""
  }

  /// The text for a terminal: its own drawing where it has one, else `text/plain`.
  public func terminalText(_ style: TerminalStyle) -> String {
    terminal?(style) ?? plainText
  }
}

/// A value that can show itself in a notebook, a terminal or a file.
public protocol Displayable {
  var mimeBundle: MIMEBundle { get }
}
