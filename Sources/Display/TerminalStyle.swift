import Glibc

/// What a terminal, or a file that stands in for one, can show.
public struct TerminalStyle: Hashable, Sendable {
  /// Columns and rows.
  public var width: Int
  public var height: Int
  /// Whether characters outside ASCII can be shown.
  public var unicode: Bool
  /// Whether ANSI colour sequences may be used.
  public var colour: Bool

  public init(width: Int = 80, height: Int = 24, unicode: Bool = true, colour: Bool = false) {
    self.width = max(width, 20)
    self.height = max(height, 6)
    self.unicode = unicode
    self.colour = colour
  }

  /// The style of an open file: the terminal's size when it is one, else 80 columns without colour.
  public static func current(descriptor: Int32 = STDOUT_FILENO) -> TerminalStyle {
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    let columns = known && size.ws_col > 0 ? Int(size.ws_col) : 80
    let rows = known && size.ws_row > 0 ? Int(size.ws_row) : 24
    return TerminalStyle(
      width: columns, height: rows, unicode: localeIsUTF8, colour: colourAllowed(descriptor: descriptor))
  }

  /// Whether the user's locale has UTF-8 as its character set.
  public static var localeIsUTF8: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = getenv(name), value.pointee != 0 else { continue }
      let locale = String(cString: value).lowercased()
      return locale.contains("utf-8") || locale.contains("utf8")
    }
    return false
  }

  /// Colour goes only to a terminal that is not dumb, and not when `NO_COLOR` is set to something.
  public static func colourAllowed(descriptor: Int32 = STDOUT_FILENO) -> Bool {
    if isatty(descriptor) == 0 { return false }
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    guard let term = getenv("TERM") else { return false }
    let name = String(cString: term)
    return !name.isEmpty && name != "dumb"
  }
}
