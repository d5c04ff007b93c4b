import Diagnostics
import OrderedCollections

extension Value {
  /// The value as an annotation wants it: whole numbers become Doubles where Double is written. Values that plainly contradict
  /// it are refused; types of host objects are not looked at.
  func annotated(_ type: TypeReference, name: String?) throws -> Value {
    switch (type, self) {
    case (.double, .int(let number)): return .double(Double(number))
    case (.double, .double), (.int, .int), (.bool, .bool), (.string, .string), (_, .object), (.any, _):
      return self
    case (.optional, .null): return self
    case (.optional(let wrapped), _): return try annotated(wrapped, name: name)
    case (.array(let element), .array(let values)):
      guard element.mayConvert else { return self }
      return .array(try values.map { try $0.annotated(element, name: name) })
    case (.dictionary(let element), .dictionary(let entries)):
      guard element.mayConvert else { return self }
      return .dictionary(
        OrderedDictionary(
          uniqueKeys: entries.keys, values: try entries.values.map { try $0.annotated(element, name: name) }))
    case (.tuple(let types), .tuple(let tuple)) where types.count == tuple.values.count:
      return .tuple(
        TupleValue(
          try zip(types, tuple.values).map { try $1.annotated($0, name: name) }, labels: tuple.labels))
    case (.double, _), (.int, _), (.bool, _), (.string, _), (.array, _), (.dictionary, _), (.tuple, _):
      throw Diagnostic(
        id: "type-mismatch",
        message:
          "\(name.map { "`\($0)`" } ?? "the value") is declared as `\(type)`, and this is \(typeDescription)",
        hints: intHint(type))
    default: return self
    }
  }

  private func intHint(_ type: TypeReference) -> [String] {
    if case .int = type, case .double(let value) = self { return ["convert it: `Int(\(value))`"] }
    if case .null = self { return ["declare it as `\(type)?`"] }
    return []
  }
}

extension TypeReference {
  /// Whether elements of this type have to be looked at.
  var mayConvert: Bool {
    switch self {
    case .double, .int, .bool, .string: true
    case .array(let element), .dictionary(let element), .optional(let element): element.mayConvert
    case .tuple(let elements): elements.contains(where: \.mayConvert)
    default: false
    }
  }
}
