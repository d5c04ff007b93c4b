import Diagnostics

extension StandardLibrary {
  /// The methods that every sequence has: `map`, `filter`, `reduce`, … Hosts give them to their own sequences with this.
  public static func registerSequenceMembers(in type: TypeBuilder) {
    registerTransformations(in: type)
    registerTests(in: type)
    registerParts(in: type)
    registerOrder(in: type)
  }

  private static let transform = Parameter.positional("transform", .function("(Element) -> T"))
  private static let predicate = Parameter.labelled("where", .function("(Element) -> Bool"))

  private static func registerTransformations(in type: TypeBuilder) {
    type.method(
      "map", [transform], returns: .array(.any),
      Documentation("The results of a closure on each element.", example: "[1, 2, 3].map { $0 * 2 }")
    ) { arguments, evaluation in
      let transform = try arguments.function("transform")
      return .array(try collect(arguments, evaluation) { try evaluation.call(transform, [$0]) })
    }
    type.method("compactMap", [transform], returns: .array(.any), "As `map`, without the nils.") {
      arguments, evaluation in
      let transform = try arguments.function("transform")
      return .array(
        try collect(arguments, evaluation) {
          let value = try evaluation.call(transform, [$0])
          return value.isNull ? nil : value
        })
    }
    type.method(
      "flatMap", [transform], returns: .array(.any), "The elements of all the sequences a closure gives."
    ) {
      arguments, evaluation in
      let transform = try arguments.function("transform")
      var result: [Value] = []
      try evaluation.forEachElement(of: arguments.receiver) {
        result += try evaluation.elements(of: evaluation.call(transform, [$0]))
        try SizeLimit.check(result.count)
      }
      return .array(result)
    }
    type.method(
      "filter", [.positional("isIncluded", .function("(Element) -> Bool"))], returns: .array(.any),
      "The elements for which a closure is true."
    ) {
      arguments, evaluation in
      let test = try arguments.function("isIncluded")
      return .array(
        try collect(arguments, evaluation) { try evaluation.truth(evaluation.call(test, [$0])) ? $0 : nil })
    }
    type.method(
      "reduce",
      [.positional("initial", .any), .positional("combine", .function("(Result, Element) -> Result"))],
      returns: .any,
      Documentation(
        "Puts all elements together.", formula: "f(… f(f(initial, x₀), x₁) …)",
        example: "[1, 2, 3].reduce(0) { $0 + $1 }")
    ) { arguments, evaluation in
      let combine = try arguments.function("combine")
      var result = arguments["initial"]
      try evaluation.forEachElement(of: arguments.receiver) {
        result = try evaluation.call(combine, [result, $0])
        try result.checkNesting()
      }
      return result
    }
    type.method(
      "forEach", [.positional("body", .function("(Element) -> Void"))], "Runs a closure on each element."
    ) {
      arguments, evaluation in
      let body = try arguments.function("body")
      try evaluation.forEachElement(of: arguments.receiver) { _ = try evaluation.call(body, [$0]) }
      return .void
    }
    type.method(
      "enumerated", returns: .array(.tuple([.int, .any])),
      Documentation(
        "Pairs of position and element.", example: "for (i, x) in xs.enumerated() { print(i, x) }")
    ) { arguments, evaluation in
      let receiver = arguments.receiver
      if evaluation.isLazy(receiver) {
        return .object(
          SequenceObject { [unowned evaluation] in
            let base = try evaluation.iterator(over: receiver)
            var offset = -1
            return ClosureIterator {
              offset += 1
              return try base.next().map { enumeratedPair(offset, $0) }
            }
          })
      }
      return .array(
        try evaluation.elements(of: receiver).enumerated().map { enumeratedPair($0.offset, $0.element) })
    }
  }

  private static func registerTests(in type: TypeBuilder) {
    type.method(
      "contains", [.positional("element", .any)], returns: .bool, "Whether an element equals the value."
    ) {
      arguments, evaluation in
      let wanted = arguments["element"]
      return .bool(try firstMatch(arguments, evaluation) { try evaluation.areEqual($0, wanted) } != nil)
    }
    type.method("contains", [predicate], returns: .bool, "Whether the closure is true for an element.") {
      arguments, evaluation in
      let test = try arguments.function("where")
      return .bool(
        try firstMatch(arguments, evaluation) { try evaluation.truth(evaluation.call(test, [$0])) } != nil)
    }
    type.method(
      "allSatisfy", [.positional("predicate", .function("(Element) -> Bool"))], returns: .bool,
      "Whether the closure is true for every element."
    ) {
      arguments, evaluation in
      let test = try arguments.function("predicate")
      return .bool(
        try firstMatch(arguments, evaluation) { try !evaluation.truth(evaluation.call(test, [$0])) } == nil)
    }
    type.method(
      "first", [predicate], returns: .optional(.any),
      "The first element for which the closure is true, or nil."
    ) {
      arguments, evaluation in
      let test = try arguments.function("where")
      return try firstMatch(arguments, evaluation) { try evaluation.truth(evaluation.call(test, [$0])) }?
        .element ?? .null
    }
  }

  private static func registerParts(in type: TypeBuilder) {
    type.method(
      "prefix", [.positional("maxLength", .int)], returns: .array(.any),
      "At most that many elements from the start; ends an endless sequence."
    ) {
      arguments, evaluation in
      let count = try nonNegative(arguments, "maxLength")
      let receiver = arguments.receiver
      if case .string(let text) = receiver { return .string(String(text.prefix(count))) }
      if case .array(let values) = receiver { return .array(Array(values.prefix(count))) }
      guard case .object = receiver else {
        var result: [Value] = []
        let iterator = try evaluation.iterator(over: receiver)
        while result.count < count, let element = try iterator.next() {
          result.append(element)
          try SizeLimit.check(result.count)
        }
        return .array(result)
      }
      return .object(
        SequenceObject { [unowned evaluation] in
          let base = try evaluation.iterator(over: receiver)
          var taken = 0
          return ClosureIterator {
            guard taken < count else { return nil }
            taken += 1
            return try base.next()
          }
        })
    }
    type.method(
      "dropFirst", [.positional("count", .int, default: 1)], returns: .array(.any),
      "Without that many elements at the start."
    ) {
      arguments, evaluation in
      let count = try nonNegative(arguments, "count")
      if case .string(let text) = arguments.receiver { return .string(String(text.dropFirst(count))) }
      return .array(Array(try evaluation.elements(of: arguments.receiver).dropFirst(count)))
    }
    type.method(
      "dropLast", [.positional("count", .int, default: 1)], returns: .array(.any),
      "Without that many elements at the end."
    ) {
      arguments, evaluation in
      let count = try nonNegative(arguments, "count")
      if case .string(let text) = arguments.receiver { return .string(String(text.dropLast(count))) }
      return .array(Array(try evaluation.elements(of: arguments.receiver).dropLast(count)))
    }
    type.method(
      "suffix", [.positional("maxLength", .int)], returns: .array(.any),
      "At most that many elements from the end."
    ) {
      arguments, evaluation in
      let count = try nonNegative(arguments, "maxLength")
      if case .string(let text) = arguments.receiver { return .string(String(text.suffix(count))) }
      return .array(Array(try evaluation.elements(of: arguments.receiver).suffix(count)))
    }
  }

  static func nonNegative(_ arguments: Arguments, _ name: String) throws -> Int {
    let count = try arguments.int(name)
    guard count >= 0 else {
      throw arguments.problem(name, "a number of elements cannot be negative (\(count))")
    }
    return count
  }

  /// Elements the closure gives, nils left out.
  private static func collect(
    _ arguments: Arguments, _ evaluation: Evaluation, _ body: (Value) throws -> Value?
  ) throws -> [Value] {
    var result: [Value] = []
    if case .range(let range) = arguments.receiver, range.upper == nil {
      throw Evaluation.endless(arguments.receiver)
    }
    try evaluation.forEachElement(of: arguments.receiver) {
      guard let value = try body($0) else { return }
      result.append(value)
      try SizeLimit.check(result.count)
    }
    return result
  }

  static func firstMatch(
    _ arguments: Arguments, _ evaluation: Evaluation, _ test: (Value) throws -> Bool
  ) throws -> (offset: Int, element: Value)? {
    let iterator = try evaluation.iterator(over: arguments.receiver)
    var offset = 0
    while let element = try iterator.next() {
      if try test(element) { return (offset, element) }
      offset += 1
      if offset & 0xFF == 0 { try evaluation.checkInterruption() }
    }
    return nil
  }
}
