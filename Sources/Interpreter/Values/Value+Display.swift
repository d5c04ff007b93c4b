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

  private func write(into text: inout String, depth: Int) {
    guard depth <= Self.nestingLimit + 8 else {
      text += "…"
      return
    }
    switch self {
    case .void: text += "()"
    case .null: text += "nil"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.description
    case .string(let value): text += Self.quoted(value)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        value.write(into: &text, depth: depth + 1)
      }
      text += "]"
    case .dictionary(let entries):
      if entries.isEmpty {
        text += "[:]"
        return
      }
      text += "["
      for (index, entry) in entries.enumerated() {
        if index > 0 { text += ", " }
        entry.key.value.write(into: &text, depth: depth + 1)
        text += ": "
        entry.value.write(into: &text, depth: depth + 1)
      }
      text += "]"
    case .tuple(let tuple):
      text += "("
      for (index, value) in tuple.values.enumerated() {
        if index > 0 { text += ", " }
        if !tuple.labels.isEmpty, let label = tuple.labels[index] { text += "\(label): " }
        value.write(into: &text, depth: depth + 1)
      }
      text += ")"
    case .range(let range):
      if let lower = range.lower { text += lower.value.debugText }
      text += range.isClosed || range.upper == nil ? "..." : "..<"
      if let upper = range.upper { text += upper.value.debugText }
    case .function(let function): text += "(Function) \(function.name)"
    case .instance(let instance): instance.write(into: &text, depth: depth)
    case .type(let type): text += type.name
    case .enumCase(let name): text += ".\(name)"
    case .object(let object): text += object.mimeBundle.plainText
    }
  }

  fileprivate func writeField(into text: inout String, depth: Int) { write(into: &text, depth: depth) }

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
  /// `text/plain` as Swift would show the value; a host object adds its own representations.
  public var mimeBundle: MIMEBundle {
    if case .object(let object) = self { return object.mimeBundle }
    return MIMEBundle(plain: debugText)
  }
}

extension StructInstance {
  /// `Net(conv: …, head: …)`
  public var debugText: String {
    var text = ""
    write(into: &text, depth: 0)
    return text
  }

  fileprivate func write(into text: inout String, depth: Int) {
    text += definition.name + "("
    for (index, name) in definition.storedNames.enumerated() where index < fields.count {
      if index > 0 { text += ", " }
      text += "\(name): "
      fields[index].writeField(into: &text, depth: depth + 1)
    }
    text += ")"
  }
}
