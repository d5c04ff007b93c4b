import Diagnostics
import Display

/// A value as JSON. Numbers read back exactly (the shortest decimals that do); nan and the infinities, which JSON lacks, are null.
struct JSONText {
  private(set) var text = ""
  private let evaluation: Evaluation

  init(_ value: Value, _ evaluation: Evaluation) throws {
    self.evaluation = evaluation
    try write(value, depth: 0)
  }

  private mutating func write(_ value: Value, depth: Int) throws {
    guard depth <= Value.nestingLimit else { throw Value.nestingProblem() }
    if text.utf8.count > SizeLimit.bytes {
      throw Diagnostic(
        id: "too-large", message: "the JSON text would be too long", hints: ["write the values to a file"])
    }
    switch value {
    case .void, .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .int(let number): text += String(number)
    case .double(let number): text += Self.number(number)
    case .string(let string): write(string: string)
    case .enumCase(let name): write(string: name)
    case .array(let values): try write(values, depth)
    case .range(let range):
      guard let integers = range.integers else { throw unsupported(value) }
      try SizeLimit.check(integers.count)
      try write(integers.map(Value.int), depth)
    case .dictionary(let entries):
      try write(entries.map { (Self.name(of: $0.key), $0.value) }, depth)
    case .tuple(let tuple):
      guard !tuple.labels.isEmpty else { return try write(tuple.values, depth) }
      let names = tuple.labels.enumerated().map { $0.element ?? String($0.offset) }
      try write(Array(zip(names, tuple.values)), depth)
    case .instance(let instance):
      try write(Array(zip(instance.definition.storedNames, instance.fields)), depth)
    case .object(let object): try write(object: object, depth)
    case .function, .type: throw unsupported(value)
    }
  }

  /// A host object is what it offers: its own JSON, its `array`, its number, its text.
  private mutating func write(object: any HostObject, _ depth: Int) throws {
    if case .json(let json)? = object.mimeBundle[MIMEType.json] {
      text += json.serialized()
    } else if case .property(let property)? = evaluation.registry.types[object.typeName]?.member("array") {
      try write(property.get(.object(object), evaluation), depth: depth + 1)
    } else if let instance = object.structInstance {
      try write(.instance(instance), depth: depth + 1)
    } else if let number = try object.number(evaluation) {
      text += Self.number(number)
    } else {
      throw unsupported(.object(object))
    }
  }

  private mutating func write(_ values: [Value], _ depth: Int) throws {
    text += "["
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      if index & 0xFFF == 0 { try evaluation.checkInterruption() }
      try write(value, depth: depth + 1)
    }
    text += "]"
  }

  private mutating func write(_ entries: [(String, Value)], _ depth: Int) throws {
    text += "{"
    for (index, entry) in entries.enumerated() {
      if index > 0 { text += ", " }
      write(string: entry.0)
      text += ": "
      try write(entry.1, depth: depth + 1)
    }
    text += "}"
  }

  private static func name(of key: Key) -> String {
    switch key {
    case .string(let name), .enumCase(let name): name
    default: key.value.debugText
    }
  }

  static func number(_ value: Double) -> String { value.isFinite ? value.description : "null" }

  private mutating func write(string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }

  private func unsupported(_ value: Value) -> Diagnostic {
    Diagnostic(
      id: "not-json", message: "\(value.typeDescription) cannot be written as JSON",
      hints: ["JSON has numbers, strings, Bools, nil, arrays and dictionaries"])
  }
}
