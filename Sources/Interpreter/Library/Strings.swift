import Diagnostics

extension StandardLibrary {
  static func registerStrings(in builder: RegistryBuilder) {
    builder.type("String", "Text. Counts and indices are in characters as people see them.") { type in
      registerMaking(in: type)
      registerQuestions(in: type)
      registerChanges(in: type)
      registerSequenceMembers(in: type)
    }
  }

  private static func registerMaking(in type: TypeBuilder) {
    type.initializer(
      [.positional("value", .any)], Documentation("A value as `print` shows it.", example: "String(3.5)")
    ) { arguments, _ in .string(arguments["value"].printed) }
    type.initializer([.labelled("describing", .any)], "A value as `print` shows it.") { arguments, _ in
      .string(arguments["describing"].printed)
    }
    type.initializer(
      [.labelled("format", .string), .variadic("values", .any)],
      Documentation(
        "Values put into a format.", example: "String(format: \"%.3f after %d steps\", loss, step)",
        discussion:
          "%d Int, %f %e %g Double, %x hexadecimal, %@ or %s any value, %% percent sign; with width, precision and the flags `-`, `+`, `0`."
      )
    ) { arguments, evaluation in
      let values = try arguments.array("values").map { value -> FormatString.Argument in
        switch value {
        case .int(let number): return .int(number)
        case .double(let number): return .double(number)
        case .object(let object):
          return try object.number(evaluation).map(FormatString.Argument.double) ?? .text(value.printed)
        default: return .text(value.printed)
        }
      }
      do {
        return .string(try FormatString.format(try arguments.string("format"), values))
      } catch let failure as FormatString.Failure {
        throw arguments.problem(
          "format", id: "bad-format", failure.message, hints: failure.hint.map { [$0] } ?? [])
      }
    }
    type.initializer(
      [.labelled("repeating", .string), .labelled("count", .int)],
      Documentation("A string a number of times.", example: "String(repeating: \"-\", count: 40)")
    ) { arguments, _ in
      let text = try arguments.string("repeating")
      let count = try arguments.int("count")
      guard count >= 0 else { throw arguments.problem("count", "a count cannot be negative") }
      guard !text.utf8.count.multipliedReportingOverflow(by: count).overflow,
        text.utf8.count * count <= SizeLimit.bytes
      else { throw arguments.problem("count", id: "too-large", "the string would be too long") }
      return .string(String(repeating: text, count: count))
    }
    type.initializer(
      [.positional("value", .int), .labelled("radix", .int)],
      Documentation("A whole number in another base.", example: "String(255, radix: 16)")
    ) { arguments, _ in
      let radix = try arguments.int("radix")
      guard (2...36).contains(radix) else {
        throw arguments.problem("radix", "a radix is from 2 to 36, not \(radix)")
      }
      return .string(String(try arguments.int("value"), radix: radix))
    }
  }

  private static func registerQuestions(in type: TypeBuilder) {
    type.property("count", .int, "The number of characters.", get: { value, _ in .int(value.text.count) })
    type.property(
      "isEmpty", .bool, "Whether there is no character.", get: { value, _ in .bool(value.text.isEmpty) })
    type.property(
      "first", .optional(.string), "The first character, or nil.",
      get: { value, _ in value.text.first.map { .string(String($0)) } ?? .null })
    type.property(
      "last", .optional(.string), "The last character, or nil.",
      get: { value, _ in value.text.last.map { .string(String($0)) } ?? .null })
    type.property(
      "utf8", .array(.int), "The bytes of the string in UTF-8.",
      get: { value, _ in .ints(value.text.utf8.map(Int.init)) })
    type.property("description", .string, "The string itself.", get: { value, _ in value })
    type.method(
      "hasPrefix", [.positional("prefix", .string)], returns: .bool,
      "Whether it begins with the other string."
    ) {
      arguments, _ in .bool(arguments.receiver.text.hasPrefix(try arguments.string("prefix")))
    }
    type.method(
      "hasSuffix", [.positional("suffix", .string)], returns: .bool, "Whether it ends in the other string."
    ) {
      arguments, _ in .bool(arguments.receiver.text.hasSuffix(try arguments.string("suffix")))
    }
    type.method(
      "contains", [.positional("part", .string)], returns: .bool, "Whether the other string occurs in it."
    ) {
      arguments, _ in .bool(arguments.receiver.text.contains(try arguments.string("part")))
    }
  }

  private static func registerChanges(in type: TypeBuilder) {
    type.method("uppercased", returns: .string, "In capital letters.") { arguments, _ in
      .string(arguments.receiver.text.uppercased())
    }
    type.method("lowercased", returns: .string, "In small letters.") { arguments, _ in
      .string(arguments.receiver.text.lowercased())
    }
    type.method(
      "trimmed", aliases: ["strip", "trimmingWhitespace"], returns: .string,
      "Without white space at both ends."
    ) {
      arguments, _ in
      var text = Substring(arguments.receiver.text)
      while text.first?.isWhitespace == true { text.removeFirst() }
      while text.last?.isWhitespace == true { text.removeLast() }
      return .string(String(text))
    }
    let separated: @Sendable (Arguments, String, Bool) throws -> Value = { arguments, label, keepsEmpty in
      let text = arguments.receiver.text
      let separator = try arguments.string(label)
      guard !separator.isEmpty else { throw arguments.problem(label, "the separator is empty") }
      return .strings(
        text.split(separator: separator, omittingEmptySubsequences: !keepsEmpty).map(String.init))
    }
    type.method(
      "split",
      [.labelled("separator", .string), .labelled("omittingEmptySubsequences", .bool, default: true)],
      returns: .array(.string),
      Documentation(
        "The parts between separators, without empty ones.", example: "\"a,b\".split(separator: \",\")")
    ) { arguments, _ in try separated(arguments, "separator", !arguments.bool("omittingEmptySubsequences")) }
    type.method("split", [], returns: .array(.string), "The words between white space.") { arguments, _ in
      .strings(arguments.receiver.text.split(whereSeparator: \.isWhitespace).map(String.init))
    }
    type.method(
      "components", [.labelled("separatedBy", .string)], returns: .array(.string),
      Documentation(
        "The parts between separators, empty ones too.", example: "\"a,,b\".components(separatedBy: \",\")")
    ) { arguments, _ in try separated(arguments, "separatedBy", true) }
    type.method(
      "replacingOccurrences", aliases: ["replacing"],
      [.labelled("of", .string), .labelled("with", .string)], returns: .string,
      Documentation(
        "With every occurrence of one string replaced.",
        example: "\"a.b\".replacingOccurrences(of: \".\", with: \"/\")")
    ) { arguments, _ in
      let (old, new) = (try arguments.string("of"), try arguments.string("with"))
      let text = arguments.receiver.text
      return .string(old.isEmpty ? text : text.replacing(old, with: new))
    }
    type.mutatingMethod("append", [.positional("text", .string)], "Adds text at the end.") {
      value, arguments, _ in
      let addition = try arguments.string("text")
      guard case .string(var text) = value else { return .void }
      value = .void
      text += addition
      value = .string(text)
      return .void
    }
  }
}

extension Value {
  /// The string, empty for a value that is none: for receivers that are known to be strings.
  var text: String { stringValue ?? "" }
}

/// What one value may grow to at once. A program that wants more wants a tensor.
enum SizeLimit {
  static let elements = 50_000_000
  static let bytes = 1 << 28

  static func check(_ count: Int) throws {
    guard count > elements else { return }
    throw Diagnostic(
      id: "too-large", message: "an array of more than \(elements) elements is too large",
      hints: ["keep numbers in a tensor, or use fewer of them at a time"])
  }
}
