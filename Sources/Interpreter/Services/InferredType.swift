import SwiftSyntax

/// What is known of an expression's type from the registry, the snapshot and the code around it, without running anything.
struct InferredType {
  /// As shown: `Tensor`, `[Int]`, `Net`.
  var name = ""
  /// Members come from here.
  var description: TypeDescription?
  /// The variable itself, with members and keys the registry does not know.
  var variable: Snapshot.Variable?
  /// String keys of a dictionary whose value is at hand.
  var keys: [String] = []
  /// A struct that the code declares.
  var structure: StructDeclSyntax?
  /// The type itself, not a value of it.
  var isType = false
  /// A function or method of the registry.
  var builtin: Builtin?
  /// A function that the code declares.
  var function: FunctionDeclSyntax?
  /// What a subscript or a loop gives.
  var element: TypeReference?

  init() {}

  init(_ type: TypeDescription, isType: Bool = false) {
    name = type.name
    description = type
    self.isType = isType
  }

  init(_ reference: TypeReference, _ registry: Registry) {
    name = reference.description
    switch reference {
    case .optional(let wrapped):
      self = InferredType(wrapped, registry)
      return
    case .oneOf(let choices):
      if let first = choices.first { self = InferredType(first, registry) }
      return
    case .array(let type): element = type
    case .dictionary(let type): element = .optional(type)
    case .void, .any: name = ""
    default: break
    }
    description = registry.types[Self.registryName(reference)]
    // `Number` and the like say what is taken, not what a value is.
    if description?.members.isEmpty == true, description?.parent == nil { description = nil }
  }

  private static func registryName(_ reference: TypeReference) -> String {
    switch reference {
    case .bool: "Bool"
    case .int: "Int"
    case .double, .number: "Double"
    case .string: "String"
    case .range: "Range"
    case .function: "Function"
    case .array: "Array"
    case .dictionary: "Dictionary"
    case .tuple: "Tuple"
    case .named(let name): name
    case .any, .void, .optional, .oneOf: ""
    }
  }

  /// A type by the name a snapshot or an annotation has for it.
  init(named text: String, _ registry: Registry) {
    var text = text
    while text.hasSuffix("?") || text.hasSuffix("!") { text.removeLast() }
    name = text
    if text.hasPrefix("["), text.hasSuffix("]") {
      let inner = String(text.dropFirst().dropLast())
      if let colon = Self.topLevelColon(inner) {
        description = registry.types["Dictionary"]
        element = .named(inner[inner.index(after: colon)...].drop { $0 == " " }.description)
      } else {
        description = registry.types["Array"]
        element = .named(inner)
      }
    } else {
      description = registry.types[text] ?? registry.types[Self.aliases[text] ?? ""]
    }
  }

  private static let aliases = ["Float": "Double", "ClosedRange": "Range"]

  private static func topLevelColon(_ text: String) -> String.Index? {
    var depth = 0
    for index in text.indices {
      switch text[index] {
      case "[", "(": depth += 1
      case "]", ")": depth -= 1
      case ":" where depth == 0: return index
      default: break
      }
    }
    return nil
  }

  var isKnown: Bool {
    description != nil || variable != nil || structure != nil || builtin != nil || function != nil
      || element != nil
  }
}
