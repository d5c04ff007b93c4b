/// Words diagnostics for terminals, tracebacks and log files:
///
/// ```
/// model.loop:3:9: error: `lenght` is not defined
///   3 | let n = lenght(x)
///     |         ^~~~~~
///   hint: did you mean `length`?
/// ```
///
/// Pure; any thread may use it. Control characters of the source and of messages are made visible, so that nothing a
/// user typed can steer the terminal.
public struct DiagnosticRenderer: Sendable {
  public var colour: Bool
  /// Lines of one span that are shown before the middle of it is left out.
  public var lineLimit = 4

  /// Columns of the terminal, between whose edges messages and hints are broken at spaces; nil leaves them whole.
  public var width: Int?

  public init(colour: Bool) { self.colour = colour }

  /// The diagnostic as text without a newline at the end.
  public func render(_ diagnostic: Diagnostic) -> String { lines(of: diagnostic).joined(separator: "\n") }

  /// Several diagnostics, one after the other.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  /// The diagnostic line by line, as a Jupyter traceback wants it.
  public func lines(of diagnostic: Diagnostic) -> [String] {
    var lines = [
      heading(
        place: place(diagnostic.span, diagnostic.source), severity: diagnostic.severity,
        message: diagnostic.message)
    ]
    lines += excerpt(diagnostic.span, diagnostic.source, paint: paint(for: diagnostic.severity))
    for hint in diagnostic.hints {
      let text = wrapped(DisplayWidth.visible(hint), after: "  hint: ")
      lines.append("  \(styled("hint:", .bold)) \(text)")
    }
    for note in diagnostic.notes {
      let source = note.source ?? diagnostic.source
      lines.append(
        heading(place: note.span.flatMap { place($0, source) }, severity: .note, message: note.message))
      lines += excerpt(note.span, source, paint: .cyan)
    }
    lines += stack(diagnostic.callStack)
    return lines
  }

  private func heading(place: String?, severity: Diagnostic.Severity, message: String) -> String {
    let prefix = place.map { styled($0 + ":", .bold) + " " } ?? ""
    let before = (place.map { $0 + ": " } ?? "") + severity.rawValue + ": "
    return prefix + styled(severity.rawValue + ":", paint(for: severity)) + " "
      + styled(wrapped(DisplayWidth.visible(message), after: before), .bold)
  }

  /// `text` that begins after `prefix`, its further lines set in.
  private func wrapped(_ text: String, after prefix: String) -> String {
    guard let width else { return text }
    return DisplayWidth.wrapped(
      text, first: width - DisplayWidth.columns(of: prefix), width: width, indent: 4)
  }

  private func place(_ span: Span?, _ source: SourceText?) -> String? {
    guard let source else { return nil }
    let name = DisplayWidth.visible(source.name, keepingNewlines: false)
    guard let span else { return name }
    let position = source.position(at: span.start)
    return "\(name):\(position.line):\(position.column)"
  }

  /// Calls under way, innermost first; the middle of a deep recursion is left out.
  private func stack(_ frames: [Diagnostic.Frame]) -> [String] {
    var lines: [String] = []
    let (head, tail) = frames.count > 12 ? (8, 3) : (frames.count, 0)
    for (index, frame) in frames.enumerated() {
      if index == head, tail > 0 { lines.append("  … \(frames.count - head - tail) more calls") }
      guard index < head || index >= frames.count - tail else { continue }
      let at = place(frame.span, frame.source).map { ", called at \($0)" } ?? ""
      lines.append("  in `\(DisplayWidth.visible(frame.function, keepingNewlines: false))`\(at)")
    }
    return lines.map { styled($0, .dim) }
  }

  private func excerpt(_ span: Span?, _ source: SourceText?, paint: Style) -> [String] {
    guard let span, let source, source.utf8Count > 0 else { return [] }
    let first = source.line(at: span.start)
    // A span that ends with a line ending belongs to the line before it.
    let last = max(first, source.line(at: span.isEmpty ? span.start : span.end - 1))
    let width = max(3, String(last).count + 1)
    var lines: [String] = []
    for line in first...last {
      if last - first >= lineLimit, line >= first + lineLimit - 1, line < last {
        if line == first + lineLimit - 1 { lines.append(gutter("…", width: width)) }
        continue
      }
      guard let whole = source.span(ofLine: line) else { continue }
      let mark = markedPart(of: span, on: whole, isFirst: line == first, in: source)
      let shown = Excerpt(
        of: source, line: whole, mark: mark, startsHere: line == first,
        columnLimit: self.width.map { max($0 - width - 5, 20) } ?? Excerpt.columnLimit)
      lines.append(gutter(String(line), width: width) + " " + shown.text)
      if !shown.marker.isEmpty { lines.append(gutter("", width: width) + " " + styled(shown.marker, paint)) }
    }
    return lines
  }

  private func markedPart(of span: Span, on line: Span, isFirst: Bool, in source: SourceText) -> Span {
    var start = min(max(span.start, line.start), line.end)
    let end = max(start, min(span.end, line.end))
    if !isFirst {
      let indent = source[Span(start: start, end: end)].utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
      start = min(start + indent, end)
    }
    return Span(start: start, end: end)
  }

  private func gutter(_ label: String, width: Int) -> String {
    let padding = String(repeating: " ", count: max(0, width - label.count))
    return styled(padding + label + " |", .dim)
  }
}

extension DiagnosticRenderer {
  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "1;31"
    case yellow = "1;33"
    case cyan = "36"
  }

  private func paint(for severity: Diagnostic.Severity) -> Style {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .note: .cyan
    }
  }

  private func styled(_ text: String, _ style: Style) -> String {
    colour && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
