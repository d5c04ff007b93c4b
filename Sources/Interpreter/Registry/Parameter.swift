/// One parameter of a builtin, and how a call may write it.
public struct Parameter: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Written without a label; the label is accepted too.
    case positional
    /// Needs its label.
    case labelled
    /// Takes all further arguments without a label; arrives as an array.
    case variadic
    /// Takes all further arguments with labels, whatever these are; arrives as a dictionary by label.
    case keywords
  }

  /// The label, and the name by which the body asks ``Arguments`` for it.
  public let name: String
  public let kind: Kind
  public let type: TypeReference
  /// What is passed when the call leaves it out; nil when it must be given.
  public let defaultValue: Constant?
  public let documentation: String
  /// Further labels that mean this parameter: torchmeta's or PyTorch's. snake_case of any label is understood without.
  public let aliases: [String]

  // `default:` is not an optional with a default of its own: then `default: nil` would mean "none" instead of `nil`.

  public static func positional(
    _ name: String, _ type: TypeReference, aliases: [String] = [], _ documentation: String = ""
  ) -> Parameter {
    Parameter(
      name: name, kind: .positional, type: type, defaultValue: nil, documentation: documentation,
      aliases: aliases)
  }

  public static func positional(
    _ name: String, _ type: TypeReference, default defaultValue: Constant, aliases: [String] = [],
    _ documentation: String = ""
  ) -> Parameter {
    Parameter(
      name: name, kind: .positional, type: type, defaultValue: defaultValue, documentation: documentation,
      aliases: aliases)
  }

  public static func labelled(
    _ name: String, _ type: TypeReference, aliases: [String] = [], _ documentation: String = ""
  ) -> Parameter {
    Parameter(
      name: name, kind: .labelled, type: type, defaultValue: nil, documentation: documentation,
      aliases: aliases)
  }

  public static func labelled(
    _ name: String, _ type: TypeReference, default defaultValue: Constant, aliases: [String] = [],
    _ documentation: String = ""
  ) -> Parameter {
    Parameter(
      name: name, kind: .labelled, type: type, defaultValue: defaultValue, documentation: documentation,
      aliases: aliases)
  }

  public static func variadic(_ name: String, _ type: TypeReference, _ documentation: String = "")
    -> Parameter
  {
    Parameter(
      name: name, kind: .variadic, type: type, defaultValue: .array([]), documentation: documentation,
      aliases: [])
  }

  public static func keywords(_ name: String, _ type: TypeReference, _ documentation: String = "")
    -> Parameter
  {
    Parameter(
      name: name, kind: .keywords, type: type, defaultValue: .null, documentation: documentation, aliases: [])
  }

  /// The same parameter under another name.
  func named(_ name: String) -> Parameter {
    Parameter(
      name: name, kind: kind, type: type, defaultValue: defaultValue, documentation: documentation,
      aliases: aliases)
  }

  public var isRequired: Bool { defaultValue == nil }

  /// As a signature shows it: `stepSize: Double = 0.1`, `_ x: Tensor`, `_ values: Int...`, `anyName: [Any]...`.
  public var signature: String {
    let label = kind == .labelled || kind == .keywords ? name : "_ \(name)"
    let rest = kind == .variadic || kind == .keywords ? "..." : defaultValue.map { " = \($0)" } ?? ""
    return "\(label): \(type)\(rest)"
  }
}
