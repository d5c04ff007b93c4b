import Diagnostics

extension StandardLibrary {
  static func registerSequences(in builder: RegistryBuilder) {
    builder.type("Sequence") { type in registerSequenceMembers(in: type) }
    builder.type("AnyIterator", parent: "Sequence", "Elements made by a closure until it gives nil.") {
      type in
      type.initializer(
        [.positional("next", .function("() -> Element?"))],
        Documentation(
          "A sequence from a closure.",
          example: "var n = 0\nfor i in AnyIterator({ n += 1; return n < 4 ? n : nil }) { print(i) }")
      ) { arguments, evaluation in
        let next = try arguments.function("next")
        return .object(
          IteratorObject { [unowned evaluation] in
            let value = try evaluation.call(next, [])
            return value.isNull ? nil : value
          })
      }
      type.method("next", returns: .optional(.any), "The next element, or nil at the end.") { arguments, _ in
        try arguments.receiver(as: IteratorObject.self).next() ?? .null
      }
    }
    registerZip(in: builder)
    registerStride(in: builder)
  }

  private static func registerZip(in builder: RegistryBuilder) {
    builder.function(
      "zip", [.positional("first", sequence), .positional("second", sequence)],
      returns: .array(.tuple([.any, .any])),
      Documentation(
        "Pairs of elements, as many as the shorter has.", example: "for (x, y) in zip(xs, ys) { print(x, y) }"
      )
    ) { arguments, evaluation in
      let (first, second) = (arguments["first"], arguments["second"])
      let make = { [unowned evaluation] in
        let left = try evaluation.iterator(over: first)
        let right = try evaluation.iterator(over: second)
        return ClosureIterator {
          guard let a = try left.next(), let b = try right.next() else { return nil }
          return .tuple(a, b)
        }
      }
      if evaluation.isLazy(first), evaluation.isLazy(second) { return .object(SequenceObject(make)) }
      let pairs = try make()
      var result: [Value] = []
      while let pair = try pairs.next() {
        result.append(pair)
        try SizeLimit.check(result.count)
      }
      return .array(result)
    }
  }

  private static func registerStride(in builder: RegistryBuilder) {
    for (label, isClosed) in [("to", false), ("through", true)] {
      builder.function(
        "stride", [.labelled("from", number), .labelled(label, number), .labelled("by", number)],
        returns: .array(number),
        Documentation(
          "Numbers at equal steps, \(isClosed ? "up to and with" : "up to but not with") the end.",
          formula: "from + k · by, k = 0, 1, …", example: "stride(from: 0, \(label): 1, by: 0.25)")
      ) { arguments, _ in
        let values = [arguments["from"], arguments[label], arguments["by"]]
        if let whole = integers(values) {
          guard whole[2] != 0 else { throw arguments.problem("by", "the step is 0") }
          let count = stepCount(Double(whole[0]), Double(whole[1]), Double(whole[2]), isClosed)
          try SizeLimit.check(count)
          return .ints(
            isClosed
              ? Array(Swift.stride(from: whole[0], through: whole[1], by: whole[2]))
              : Array(Swift.stride(from: whole[0], to: whole[1], by: whole[2])))
        }
        let numbers = values.map { $0.numericValue ?? .nan }
        guard numbers.allSatisfy(\.isFinite), numbers[2] != 0 else {
          throw arguments.problem("by", "a stride needs finite numbers and a step that is not 0")
        }
        let count = stepCount(numbers[0], numbers[1], numbers[2], isClosed)
        try SizeLimit.check(count)
        // Multiples of the step, so that rounding does not add up; and the ends that `Swift.stride` has.
        return .doubles(
          isClosed
            ? Array(Swift.stride(from: numbers[0], through: numbers[1], by: numbers[2]))
            : Array(Swift.stride(from: numbers[0], to: numbers[1], by: numbers[2])))
      }
    }
  }

  private static func integers(_ values: [Value]) -> [Int]? {
    let result = values.compactMap(\.intValue)
    return result.count == values.count ? result : nil
  }

  /// About how many elements a stride has; more than any limit when they cannot be counted.
  private static func stepCount(_ from: Double, _ to: Double, _ by: Double, _ isClosed: Bool) -> Int {
    let steps = (to - from) / by
    guard steps >= 0 else { return 0 }
    return Int(exactly: steps.rounded(.down)).map { $0 == .max ? $0 : $0 + 1 } ?? .max
  }
}
