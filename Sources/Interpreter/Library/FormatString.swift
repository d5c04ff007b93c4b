import Glibc

/// A `printf` format read into pieces, for `String(format:)`. Widths and precisions are bounded and every argument's kind is checked, so
/// that no format can read what it was not given or fill the memory.
struct FormatString {
  enum Argument {
    case int(Int)
    case double(Double)
    /// Anything else, as `print` shows it.
    case text(String)
  }

  struct Failure: Error {
    var message: String
    var hint: String?
  }

  /// Largest width and precision; wider ones are refused.
  static let widthLimit = 1_000

  private struct Field {
    var flags = ""
    var width: Int?
    var precision: Int?
    var position: Int?
    var conversion: Character = "d"
  }

  private var arguments: [Argument]
  private var next = 0
  private var result = ""

  /// `%d %i %u %x %X %o %f %F %e %E %g %G %a %A %c %s %@ %%` with flags `-+ 0#`, width, precision, `*` and `%1$d`;
  /// length letters (`%ld`) are read over. Arguments left over are ignored, as in Swift.
  static func format(_ format: String, _ arguments: [Argument]) throws(Failure) -> String {
    var state = FormatString(arguments: arguments)
    try state.run(format)
    return state.result
  }

  private init(arguments: [Argument]) { self.arguments = arguments }

  private mutating func run(_ format: String) throws(Failure) {
    // Scalars, not characters: a combining mark behind `%d` must not hide the conversion.
    let scalars = Array(format.unicodeScalars)
    var literal = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      guard scalars[index] == "%" else {
        literal.append(scalars[index])
        index += 1
        continue
      }
      index += 1
      guard index < scalars.count else {
        throw Failure(message: "the format ends in the middle of `%`", hint: "write `%%` for a percent sign")
      }
      if scalars[index] == "%" {
        literal.append("%")
        index += 1
        continue
      }
      result += String(literal)
      literal = .init()
      result += try expand(readField(scalars, &index))
    }
    result += String(literal)
  }

  private mutating func readField(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(Failure) -> Field {
    var field = Field()
    let start = index
    if let number = try Self.number(scalars, &index), index < scalars.count, scalars[index] == "$" {
      field.position = number
      index += 1
    } else {
      index = start
    }
    while index < scalars.count, "-+ 0#".unicodeScalars.contains(scalars[index]) {
      let flag = Character(scalars[index])
      if !field.flags.contains(flag) { field.flags.append(flag) }
      index += 1
    }
    field.width = try readSize(scalars, &index)
    if let width = field.width, width < 0 {
      if !field.flags.contains("-") { field.flags.append("-") }
      field.width = -width
    }
    if index < scalars.count, scalars[index] == "." {
      index += 1
      let precision = try readSize(scalars, &index) ?? 0
      field.precision = precision < 0 ? nil : precision
    }
    while index < scalars.count, "lhqjzt".unicodeScalars.contains(scalars[index]) { index += 1 }
    guard index < scalars.count else {
      throw Failure(message: "the format ends in the middle of `%`", hint: "write `%%` for a percent sign")
    }
    field.conversion = Character(scalars[index])
    index += 1
    return field
  }

  private mutating func readSize(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(Failure) -> Int? {
    guard index < scalars.count, scalars[index] == "*" else { return try Self.number(scalars, &index) }
    index += 1
    guard case .int(let size) = try takeArgument(for: "*", at: nil) else {
      throw Failure(message: "`*` in a format takes its width from an Int argument")
    }
    guard size.magnitude <= Self.widthLimit else { throw Self.tooWide() }
    return size
  }

  private static func number(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(Failure) -> Int? {
    var value: Int?
    while index < scalars.count, let digit = Character(scalars[index]).wholeNumberValue,
      scalars[index].isASCII
    {
      let number = (value ?? 0) * 10 + digit
      guard number <= widthLimit else { throw tooWide() }
      value = number
      index += 1
    }
    return value
  }

  private static func tooWide() -> Failure {
    Failure(message: "a width or precision in a format is at most \(widthLimit)")
  }

  private mutating func takeArgument(for conversion: String, at position: Int?) throws(Failure) -> Argument {
    let index: Int
    if let position {
      index = position - 1
    } else {
      index = next
      next += 1
    }
    guard arguments.indices.contains(index) else {
      let count = arguments.count
      let given = count == 1 ? "1 argument was" : "\(count) arguments were"
      throw Failure(
        message: "the format asks for argument \(index + 1) (`\(conversion)`), but \(given) given")
    }
    return arguments[index]
  }
}

extension FormatString {
  private mutating func expand(_ field: Field) throws(Failure) -> String {
    let name = "%\(field.conversion)"
    switch field.conversion {
    case "d", "i", "u", "D", "U":
      return Self.pad(digits: try integer(field, name), field, prefix: "")
    case "x", "X", "o", "O":
      let value = UInt(bitPattern: try int(try takeArgument(for: name, at: field.position), name))
      let isOctal = field.conversion == "o" || field.conversion == "O"
      let text = String(value, radix: isOctal ? 8 : 16, uppercase: field.conversion == "X")
      let prefix = field.flags.contains("#") && value != 0 ? (isOctal ? "0" : "0\(field.conversion)") : ""
      return Self.pad(digits: (text, ""), field, prefix: prefix)
    case "f", "F", "e", "E", "g", "G", "a", "A":
      let value: Double
      switch try takeArgument(for: name, at: field.position) {
      case .int(let number): value = Double(number)
      case .double(let number): value = number
      case .text(let text):
        throw Failure(
          message: "`\(name)` needs a number, not `\(Self.short(text))`", hint: "`%@` takes any value")
      }
      return Self.floating(value, field)
    case "c", "C":
      let code = try int(try takeArgument(for: name, at: field.position), name)
      guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
        throw Failure(message: "`\(name)` needs the number of a Unicode character, not \(code)")
      }
      return Self.pad(text: String(Character(scalar)), field)
    case "s", "S", "@":
      var text: String
      switch try takeArgument(for: name, at: field.position) {
      case .int(let number): text = String(number)
      case .double(let number): text = String(number)
      case .text(let string): text = string
      }
      if let precision = field.precision { text = String(text.prefix(precision)) }
      return Self.pad(text: text, field)
    default:
      throw Failure(
        message: "`\(name)` is not a conversion of String(format:)",
        hint: "use %d (Int), %f %e %g (Double), %x (hexadecimal), %@ or %s (any value), %% (percent sign)")
    }
  }

  private mutating func integer(_ field: Field, _ name: String) throws(Failure) -> (
    text: String, sign: String
  ) {
    let value = try int(try takeArgument(for: name, at: field.position), name)
    let sign = value < 0 ? "-" : field.flags.contains("+") ? "+" : field.flags.contains(" ") ? " " : ""
    return (String(value.magnitude), sign)
  }

  private func int(_ argument: Argument, _ name: String) throws(Failure) -> Int {
    switch argument {
    case .int(let value): return value
    case .double(let value):
      if let whole = Int(exactly: value) { return whole }
      throw Failure(
        message: "`\(name)` needs an Int, not the Double \(value)", hint: "use `%f` or `%g`, or `Int(…)`")
    case .text(let text):
      throw Failure(
        message: "`\(name)` needs an Int, not `\(Self.short(text))`", hint: "`%@` takes any value")
    }
  }

  private static func short(_ text: String) -> String { text.count > 40 ? text.prefix(40) + "…" : text }

  private static func pad(digits: (text: String, sign: String), _ field: Field, prefix: String) -> String {
    var text = digits.text
    if let precision = field.precision, text.count < precision {
      text = String(repeating: "0", count: precision - text.count) + text
    }
    let head = digits.sign + prefix
    if let width = field.width, field.flags.contains("0"), !field.flags.contains("-"), field.precision == nil,
      text.count + head.count < width
    {
      text = String(repeating: "0", count: width - text.count - head.count) + text
    }
    return pad(text: head + text, field)
  }

  private static func pad(text: String, _ field: Field) -> String {
    let count = text.count
    guard let width = field.width, count < width else { return text }
    let padding = String(repeating: " ", count: width - count)
    return field.flags.contains("-") ? text + padding : padding + text
  }

  /// One Double through C's own formatting, with a specification made here from bounded parts only.
  private static func floating(_ value: Double, _ field: Field) -> String {
    var flags = field.flags
    if !value.isFinite { flags.removeAll { $0 == "0" } }
    // The sign of a NaN is an accident of how it came about.
    let value = value.isNaN ? Double.nan : value
    var specification = "%" + flags
    if let width = field.width { specification += String(width) }
    if let precision = field.precision { specification += "." + String(precision) }
    specification.append(field.conversion)
    // The longest is 309 digits, a point, a thousand decimals and a sign.
    var buffer = [CChar](repeating: 0, count: 2 * widthLimit + 400)
    let capacity = buffer.count
    let written = withVaList([value]) { vsnprintf(&buffer, capacity, specification, $0) }
    guard written >= 0 else { return String(value) }
    return String(
      decoding: buffer.prefix(min(Int(written), capacity - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
