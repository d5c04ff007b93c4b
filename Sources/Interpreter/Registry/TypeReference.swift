/// The type of a parameter, a result or a property, as the registry writes it. Binding converts to it and words its errors
/// with it; help prints it.
public indirect enum TypeReference: Hashable, Sendable {
  case any
  case void
  case bool
  /// A whole number; a `Double` is refused.
  case int
  /// A number: an `Int` becomes a `Double`, and so does a host object that is one (a tensor of one element).
  case double
  /// An `Int` or a `Double`, as given.
  case number
  case string
  case range
  /// A closure or function, with its parameter names as help shows them.
  case function(String)
  case array(TypeReference)
  case dictionary(TypeReference)
  case tuple([TypeReference])
  case optional(TypeReference)
  /// A type of the registry by name: a host type, or an enumeration whose cases are written `.mse`.
  case named(String)
  /// The first that fits.
  case oneOf([TypeReference])

  /// `{ … }` with any parameters.
  public static let function: TypeReference = .function("(…) -> …")
}

extension TypeReference: CustomStringConvertible {
  public var description: String {
    switch self {
    case .any: "Any"
    case .void: "Void"
    case .bool: "Bool"
    case .int: "Int"
    case .double: "Double"
    case .number: "Int or Double"
    case .string: "String"
    case .range: "Range"
    case .function(let signature): signature
    case .array(let element): "[\(element)]"
    case .dictionary(let value): "[String: \(value)]"
    case .tuple(let elements): "(\(elements.map(\.description).joined(separator: ", ")))"
    case .optional(let wrapped): "\(wrapped)?"
    case .named(let name): name
    case .oneOf(let choices): choices.map(\.description).joined(separator: " or ")
    }
  }
}
