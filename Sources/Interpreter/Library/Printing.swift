import Diagnostics
import Display

extension StandardLibrary {
  static func registerPrinting(in builder: RegistryBuilder) {
    builder.function(
      "print",
      [
        .variadic("items", .any, "what to print"),
        .labelled("separator", .string, default: " ", "between items"),
        .labelled("terminator", .string, default: "\n", "after the last item"),
      ],
      Documentation("Writes values as text to standard output.", example: "print(\"loss\", loss)")
    ) { arguments, evaluation in
      var text = ""
      let separator = try arguments.string("separator")
      for (index, item) in try arguments.array("items").enumerated() {
        if index > 0 { text += separator }
        text += item.printed
      }
      evaluation.output.write(text + (try arguments.string("terminator")), to: .standardOutput)
      return .void
    }
    builder.function(
      "assert", [.positional("condition", .any), .positional("message", .string, default: "")],
      Documentation(
        "Ends the cell with an error when the condition does not hold.",
        example: "assert(loss.isFinite, \"diverged\")")
    ) { arguments, evaluation in
      if try evaluation.truth(arguments["condition"]) { return .void }
      let message = try arguments.string("message")
      throw arguments.problem(
        "condition", id: "assertion-failed",
        message.isEmpty ? "assertion failed" : "assertion failed: \(message)")
    }
    builder.function(
      "type", [.labelled("of", .any)], returns: .any,
      Documentation("The type of a value.", example: "type(of: [1, 2])")
    ) { arguments, evaluation in .type(evaluation.typeValue(of: arguments["of"])) }
    registerInput(in: builder)
  }

  private static func registerInput(in builder: RegistryBuilder) {
    for (name, isPassword) in [("readLine", false), ("readPassword", true)] {
      builder.function(
        name, [.positional("prompt", .string, default: "", "shown before the input")],
        returns: .optional(.string),
        Documentation(
          isPassword
            ? "Asks the user for a line that is not shown; nil at the end of the input."
            : "Asks the user for a line; nil at the end of the input.", example: "\(name)(\"name: \")")
      ) { arguments, evaluation in
        do {
          let line = try evaluation.output.readLine(
            prompt: arguments.string("prompt"), isPassword: isPassword)
          return line.map(Value.string) ?? .null
        } catch InputError.endOfInput {
          return .null
        }
      }
    }
  }
}

extension Evaluation {
  /// The type of a value as a value; `[Int]` and the like get a description of their own with the members of `Array`.
  func typeValue(of value: Value) -> TypeValue {
    if let definition = value.definition { return .definition(definition) }
    let name = value.typeName
    if let type = registry.types[name] { return .builtin(type) }
    return .builtin(TypeDescription(named: name, like: registry.type(of: value)))
  }
}

extension TypeDescription {
  /// A type without a constructor that has another's members: `[Int]` is like `Array`.
  convenience init(named name: String, like parent: TypeDescription?) {
    self.init(
      name: name, aliases: [], parent: parent, documentation: parent?.documentation ?? "", initializer: nil,
      members: [:], staticMembers: [:], memberSpellings: [:], staticSpellings: [:], conversion: nil)
  }
}
