import Display

extension Value: CustomStringConvertible {
  /// What `print` shows: a string without quotes.
  public var printed: String {
    if case .string(let text) = self { return text }
    return debugText
  }

  public var description: String { printed }

  /// As it stands inside an array: a string with quotes.
  public var debugText: String {
    var text = ""
    write(into: &text, depth: 0)
    return text
  }

  /// As a result is shown: collections of more than 1,000 elements and long texts with their beginning and end only.
  public var shownText: String {
    var text = ""
    write(into: &text, depth: 0, isCut: true)
    guard let note = cutNote(isCut: text.utf8.count > Self.shownLimit) else { return text }
    if text.utf8.count > Self.shownLimit { text = text.prefix(Self.shownLimit) + "…" }
    return text + "\n(" + note + "; `print` shows all)"
  }

  private static let shownElements = 1_000
  private static let shownCharacters = 10_000
  /// What is shown of a collection or text that is cut: so much at its beginning, and so much at its end.
  private static let shownEdge = 10
  private static let shownLimit = 100_000

  private func cutNote(isCut: Bool) -> String? {
    switch self {
    case .array(let values) where isCut || values.count > Self.shownElements:
      "\(NumberText.grouped(values.count)) elements"
    case .dictionary(let entries) where isCut || entries.count > Self.shownElements:
      "\(NumberText.grouped(entries.count)) entries"
    case .string(let text) where text.utf8.count > Self.shownCharacters && text.count > Self.shownCharacters:
      "\(NumberText.grouped(text.count)) characters"
    default: isCut ? "cut" : nil
    }
  }

  /// `isCut` leaves out the middle of what is long.
  private func write(into text: inout String, depth: Int, isCut: Bool = false) {
    guard depth <= Self.nestingLimit + 8, !isCut || text.utf8.count <= Self.shownLimit else {
      text += "…"
      return
    }
    switch self {
    case .void: text += "()"
    case .null: text += "nil"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.description
    case .string(let value):
      let isLong = isCut && value.utf8.count > Self.shownCharacters && value.count > Self.shownCharacters
      text += isLong ? Self.quoted(String(value.prefix(Self.shownCharacters))) + "…" : Self.quoted(value)
    case .array(let values):
      text += "["
      Self.writeList(values, into: &text, isCut: isCut) { value, text in
        value.write(into: &text, depth: depth + 1, isCut: isCut)
      }
      text += "]"
    case .dictionary(let entries):
      if entries.isEmpty {
        text += "[:]"
        return
      }
      text += "["
      Self.writeList(entries.elements, into: &text, isCut: isCut) { entry, text in
        entry.key.value.write(into: &text, depth: depth + 1, isCut: isCut)
        text += ": "
        entry.value.write(into: &text, depth: depth + 1, isCut: isCut)
      }
      text += "]"
    case .tuple(let tuple):
      text += "("
      for (index, value) in tuple.values.enumerated() {
        if index > 0 { text += ", " }
        if !tuple.labels.isEmpty, let label = tuple.labels[index] { text += "\(label): " }
        value.write(into: &text, depth: depth + 1, isCut: isCut)
      }
      text += ")"
    case .range(let range):
      if let lower = range.lower { text += lower.value.debugText }
      text += range.isClosed || range.upper == nil ? "..." : "..<"
      if let upper = range.upper { text += upper.value.debugText }
    case .function(let function): text += "(Function) \(function.name)"
    case .instance(let instance): instance.write(into: &text, depth: depth, isCut: isCut)
    case .type(let type): text += type.name
    case .enumCase(let name): text += ".\(name)"
    case .object(let object): text += object.mimeBundle.plainText
    }
  }

  private static func writeList<Elements: RandomAccessCollection<Element>, Element>(
    _ elements: Elements, into text: inout String, isCut: Bool, _ write: (Element, inout String) -> Void
  ) where Elements.Index == Int {
    let isLong = isCut && elements.count > shownElements
    var separator = ""
    for element in isLong ? elements.prefix(shownEdge) : elements[...] {
      text += separator
      separator = ", "
      write(element, &text)
    }
    guard isLong else { return }
    text += ", …"
    for element in elements.suffix(shownEdge) {
      text += ", "
      write(element, &text)
    }
  }

  fileprivate func writeField(into text: inout String, depth: Int, isCut: Bool) {
    write(into: &text, depth: depth, isCut: isCut)
  }

  /// A string literal that reads back as the string.
  static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\0": text += "\\0"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text + "\""
  }

  /// One short line for lists of variables and snapshots.
  package var summary: String {
    switch self {
    case .array(let values) where values.count > 8: "\(typeName), \(values.count) elements"
    case .dictionary(let entries) where entries.count > 8: "\(typeName), \(entries.count) entries"
    case .array(let values):
      values.allSatisfy(\.isScalar) ? Self.cut(debugText) : "\(typeName), \(values.count) elements"
    case .dictionary(let entries):
      entries.values.allSatisfy(\.isScalar) ? Self.cut(debugText) : "\(typeName), \(entries.count) entries"
    case .tuple(let tuple): tuple.values.allSatisfy(\.isScalar) ? Self.cut(debugText) : typeName
    case .instance(let instance):
      instance.fields.allSatisfy(\.isScalar) ? Self.cut(debugText) : typeName
    case .object(let object): Self.cut(object.summary)
    case .string(let text): Self.cut(Self.quoted(String(text.prefix(200))))
    default: Self.cut(debugText)
    }
  }

  private var isScalar: Bool {
    switch self {
    case .null, .bool, .int, .double, .string, .enumCase, .range: true
    default: false
    }
  }

  private static func cut(_ text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    return line.count > 80 ? line.prefix(79) + "…" : line.count < text.count ? line + "…" : String(line)
  }
}

extension Value: Displayable {
  /// `text/plain` as Swift would show the value, cut where it is long; a host object adds its own representations.
  public var mimeBundle: MIMEBundle {
    if case .object(let object) = self { return object.mimeBundle }
    let text = shownText
    var bundle = MIMEBundle(plain: text)
    bundle.terminal = { style in style.colour ? SyntaxColours.painted(text) : text }
    return bundle
  }
}

extension StructInstance {
  /// `Net(conv: …, head: …)`
  public var debugText: String {
    var text = ""
    write(into: &text, depth: 0)
    return text
  }

  fileprivate func write(into text: inout String, depth: Int, isCut: Bool = false) {
    text += definition.name + "("
    for (index, name) in definition.storedNames.enumerated() where index < fields.count {
      if index > 0 { text += ", " }
      text += "\(name): "
      fields[index].writeField(into: &text, depth: depth + 1, isCut: isCut)
    }
    text += ")"
  }
}
