import Diagnostics

extension StandardLibrary {
  static func registerArrays(in builder: RegistryBuilder) {
    builder.type("Array", "Values in order, `[1, 2, 3]`. A value: a copy changes on its own.") { type in
      type.initializer(
        [.positional("elements", sequence, default: .array([]))],
        Documentation("The elements of a sequence.", example: "Array(0..<5)")
      ) {
        arguments, evaluation in .array(try evaluation.elements(of: arguments["elements"]))
      }
      type.initializer(
        [.labelled("repeating", .any), .labelled("count", .int)],
        Documentation("One value a number of times.", example: "Array(repeating: 0, count: 3)")
      ) { arguments, _ in
        let count = try nonNegative(arguments, "count")
        try SizeLimit.check(count)
        return .array(Array(repeating: arguments["repeating"], count: count))
      }
      type.property("count", .int, "The number of elements.", get: { value, _ in .int(value.list.count) })
      type.property(
        "isEmpty", .bool, "Whether there is no element.", get: { value, _ in .bool(value.list.isEmpty) })
      type.property(
        "first", .optional(.any), "The first element, or nil.", get: { value, _ in value.list.first ?? .null }
      )
      type.property(
        "last", .optional(.any), "The last element, or nil.", get: { value, _ in value.list.last ?? .null })
      type.property(
        "indices", .range, "0..<count",
        get: { value, _ in
          .range(RangeValue(lower: .int(0), upper: .int(value.list.count), isClosed: false))
        })
      registerSequenceMembers(in: type)
      registerArrayQuestions(in: type)
      registerArrayChanges(in: type)
      registerArrayRemovals(in: type)
    }
  }

  private static func registerArrayQuestions(in type: TypeBuilder) {
    type.method(
      "joined", [.labelled("separator", .string, default: "")], returns: .string,
      Documentation("The strings of an array as one.", example: "[\"a\", \"b\"].joined(separator: \", \")")
    ) { arguments, _ in
      let separator = try arguments.string("separator")
      if case .array? = arguments.receiver.list.first, !arguments.isGiven("separator") {
        var result: [Value] = []
        for element in arguments.receiver.list {
          guard case .array(let values) = element else { throw notStrings(arguments, element) }
          result += values
          try SizeLimit.check(result.count)
        }
        return .array(result)
      }
      var text = ""
      for (index, element) in arguments.receiver.list.enumerated() {
        guard case .string(let part) = element else { throw notStrings(arguments, element) }
        if index > 0 { text += separator }
        text += part
      }
      return .string(text)
    }
    type.method(
      "firstIndex", [.labelled("of", .any)], returns: .optional(.int),
      "The position of the first element that equals the value, or nil."
    ) {
      arguments, evaluation in
      let wanted = arguments["of"]
      return try firstMatch(arguments, evaluation) { try evaluation.areEqual($0, wanted) }.map {
        .int($0.offset)
      } ?? .null
    }
    type.method(
      "firstIndex", [.labelled("where", .function("(Element) -> Bool"))], returns: .optional(.int),
      "The position of the first element for which the closure is true, or nil."
    ) {
      arguments, evaluation in
      let test = try arguments.function("where")
      return try firstMatch(arguments, evaluation) { try evaluation.truth(evaluation.call(test, [$0])) }
        .map { .int($0.offset) } ?? .null
    }
    type.method(
      "last", [.labelled("where", .function("(Element) -> Bool"))], returns: .optional(.any),
      "The last element for which the closure is true, or nil."
    ) {
      arguments, evaluation in
      let test = try arguments.function("where")
      return try arguments.receiver.list.last { try evaluation.truth(evaluation.call(test, [$0])) } ?? .null
    }
  }

  private static func notStrings(_ arguments: Arguments, _ element: Value) -> Diagnostic {
    arguments.problem(
      id: "type-mismatch",
      message: "`joined` puts strings together, and this array has \(element.typeDescription) in it",
      hints: ["make strings first: `.map { String($0) }.joined(…)`"])
  }

  private static func registerArrayChanges(in type: TypeBuilder) {
    type.mutatingMethod("append", [.positional("element", .any)], "Adds an element at the end.") {
      value, arguments, _ in
      try value.changeList { $0.append(arguments["element"]) }
      return .void
    }
    type.mutatingMethod(
      "append", aliases: ["extend"], [.labelled("contentsOf", sequence)],
      "Adds the elements of a sequence at the end."
    ) {
      value, arguments, evaluation in
      let added = try evaluation.elements(of: arguments["contentsOf"])
      try value.changeList {
        try SizeLimit.check($0.count + added.count)
        $0 += added
      }
      return .void
    }
    type.mutatingMethod(
      "insert", [.positional("element", .any), .labelled("at", .int)], "Puts an element at a position."
    ) {
      value, arguments, _ in
      let index = try arguments.int("at")
      try value.changeList {
        guard index >= 0, index <= $0.count else { throw outOfRange(arguments, index, $0.count) }
        $0.insert(arguments["element"], at: index)
      }
      return .void
    }
    type.mutatingMethod(
      "swapAt", [.positional("i", .int), .positional("j", .int)], "Exchanges two elements."
    ) {
      value, arguments, _ in
      let (i, j) = (try arguments.int("i"), try arguments.int("j"))
      try value.changeList {
        for index in [i, j] where !$0.indices.contains(index) { throw outOfRange(arguments, index, $0.count) }
        $0.swapAt(i, j)
      }
      return .void
    }
    type.mutatingMethod("reverse", "Turns the order round.") { value, _, _ in
      try value.changeList { $0.reverse() }
      return .void
    }
    let by = Parameter.labelled("by", .function("(Element, Element) -> Bool"), default: nil)
    type.mutatingMethod("sort", [by], "Sorts from smallest to largest, or as a closure says.") {
      value, arguments, evaluation in
      let order = try arguments.optionalFunction("by")
      value = .array(try sorted(value.list, order, evaluation))
      return .void
    }
  }

  static func outOfRange(_ arguments: Arguments, _ index: Int, _ count: Int) -> Diagnostic {
    arguments.problem(
      id: "index-out-of-range",
      message: count == 0
        ? "index \(index) is out of range: there are no elements"
        : "index \(index) is out of range: the last of \(count) elements is \(count - 1)")
  }
}

extension StandardLibrary {
  private static func registerArrayRemovals(in type: TypeBuilder) {
    type.mutatingMethod(
      "remove", [.labelled("at", .int)], returns: .any, "Takes the element at a position out."
    ) {
      value, arguments, _ in
      let index = try arguments.int("at")
      return try value.changeList {
        guard $0.indices.contains(index) else { throw outOfRange(arguments, index, $0.count) }
        return $0.remove(at: index)
      }
    }
    for (name, isLast) in [("removeFirst", false), ("removeLast", true)] {
      type.mutatingMethod(
        name, returns: .any, Documentation("Takes the \(isLast ? "last" : "first") element out.")
      ) {
        value, arguments, _ in
        try value.changeList {
          guard !$0.isEmpty else {
            throw arguments.problem(id: "empty-array", message: "`\(name)` of an empty array")
          }
          return isLast ? $0.removeLast() : $0.removeFirst()
        }
      }
      type.mutatingMethod(
        name, [.positional("count", .int)],
        Documentation("Takes that many elements out at the \(isLast ? "end" : "start").")
      ) {
        value, arguments, _ in
        let count = try nonNegative(arguments, "count")
        return try value.changeList {
          guard count <= $0.count else {
            throw arguments.problem("count", "there are only \($0.count) elements to remove")
          }
          if isLast { $0.removeLast(count) } else { $0.removeFirst(count) }
          return .void
        }
      }
    }
    type.mutatingMethod(
      "popLast", aliases: ["pop"], returns: .optional(.any),
      "Takes the last element out; nil when there is none."
    ) { value, _, _ in
      try value.changeList { $0.popLast() ?? .null }
    }
    type.mutatingMethod("removeAll", aliases: ["clear"], "Takes all elements out.") { value, _, _ in
      value = .array([])
      return .void
    }
    type.mutatingMethod(
      "removeAll", [.labelled("where", .function("(Element) -> Bool"))],
      "Takes out the elements for which the closure is true."
    ) {
      value, arguments, evaluation in
      let test = try arguments.function("where")
      value = .array(try value.list.filter { try !evaluation.truth(evaluation.call(test, [$0])) })
      return .void
    }
  }
}

extension Value {
  /// The elements, none for a value that is no array: for receivers that are known to be arrays.
  var list: [Value] { arrayValue ?? [] }

  /// Changes the elements in place: the value lets go of them meanwhile, so that nothing is copied.
  fileprivate mutating func changeList<Result>(_ body: (inout [Value]) throws -> Result) throws -> Result {
    var values = list
    self = .void
    defer { self = .array(values) }
    return try body(&values)
  }
}
