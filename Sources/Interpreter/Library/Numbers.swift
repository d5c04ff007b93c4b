import Diagnostics

extension StandardLibrary {
  static func registerNumbers(in builder: RegistryBuilder) {
    builder.type("Int", "A whole number of 64 bits. Arithmetic that does not fit is an error.") { type in
      type.initializer(
        [.positional("value", .number)],
        Documentation("The whole part of a number, towards zero.", example: "Int(3.7)")
      ) { arguments, _ in
        if case .int = arguments["value"] { return arguments["value"] }
        let number = try arguments.double("value")
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
          throw arguments.problem("value", id: "integer-overflow", "\(number) does not fit in an Int")
        }
        return .int(whole)
      }
      type.initializer(
        [.positional("text", .string), .labelled("radix", .int, default: 10, "from 2 to 36")],
        Documentation("The whole number a string is, or nil when it is none.", example: "Int(\"42\") ?? 0")
      ) { arguments, _ in
        let radix = try arguments.int("radix")
        guard (2...36).contains(radix) else {
          throw arguments.problem("radix", "a radix is from 2 to 36, not \(radix)")
        }
        return Int(try arguments.string("text"), radix: radix).map(Value.int) ?? .null
      }
      type.staticProperty("max", .int, "The largest Int, 2⁶³ − 1.") { _ in .int(.max) }
      type.staticProperty("min", .int, "The smallest Int, −2⁶³.") { _ in .int(.min) }
      type.property(
        "description", .string, "The number as text.", get: { value, _ in .string(value.printed) })
      type.method(
        "isMultiple", [.labelled("of", .int)], returns: .bool,
        Documentation("Whether the number can be divided without remainder.", example: "6.isMultiple(of: 3)")
      ) { arguments, _ in
        guard case .int(let whole) = arguments.receiver else { return .bool(false) }
        return .bool(whole.isMultiple(of: try arguments.int("of")))
      }
      type.method("signum", returns: .int, "−1, 0 or 1.") { arguments, _ in
        .int((arguments.receiver.intValue ?? 0).signum())
      }
    }
    registerDouble(in: builder)
    builder.type("Bool", "true or false.") { type in
      type.initializer(
        [.positional("text", .string)],
        Documentation("true or false, or nil for other words.", example: "Bool(\"true\")")
      ) { arguments, _ in Bool(try arguments.string("text")).map(Value.bool) ?? .null }
      type.property("description", .string, "The value as text.", get: { value, _ in .string(value.printed) })
      type.mutatingMethod("toggle", "Makes true of false and false of true.") { value, _, _ in
        if case .bool(let flag) = value { value = .bool(!flag) }
        return .void
      }
    }
  }

  private static func registerDouble(in builder: RegistryBuilder) {
    builder.type("Double", aliases: ["Float"], "A number with a fraction, of 64 bits.") { type in
      type.initializer(
        [.positional("value", .double)], Documentation("A number as a Double.", example: "Double(3)")
      ) {
        arguments, _ in .double(try arguments.double("value"))
      }
      type.initializer(
        [.positional("text", .string)],
        Documentation("The number a string is, or nil when it is none.", example: "Double(\"1e-3\") ?? 0")
      ) { arguments, _ in Double(try arguments.string("text")).map(Value.double) ?? .null }
      type.property(
        "isNaN", .bool, "Whether it is not a number.", get: { value, _ in .bool(value.real.isNaN) })
      type.property(
        "isFinite", .bool, "Neither infinite nor nan.", get: { value, _ in .bool(value.real.isFinite) })
      type.property("isInfinite", .bool, "inf or −inf.", get: { value, _ in .bool(value.real.isInfinite) })
      type.property(
        "magnitude", .double, "The absolute value.", get: { value, _ in .double(value.real.magnitude) })
      type.property(
        "description", .string, "The number as text.", get: { value, _ in .string(value.printed) })
      type.method("rounded", returns: .double, "The nearest whole number; halves go away from zero.") {
        arguments, _ in .double(arguments.receiver.real.rounded())
      }
      type.method("squareRoot", returns: .double, "√x") { arguments, _ in
        .double(arguments.receiver.real.squareRoot())
      }
      let constants: [(String, Double, String)] = [
        ("pi", .pi, "3.14159…"), ("infinity", .infinity, "Larger than any number."),
        ("nan", .nan, "Not a number."),
        ("greatestFiniteMagnitude", .greatestFiniteMagnitude, "The largest finite Double."),
        ("ulpOfOne", .ulpOfOne, "The distance from 1 to the next Double."),
      ]
      for (name, value, summary) in constants {
        type.staticProperty(name, .double, Documentation(summary)) { _ in .double(value) }
      }
    }
  }
}

extension Value {
  /// The number, 0 for a value that is none: for receivers that are known to be numbers.
  fileprivate var real: Double { numericValue ?? 0 }
}
