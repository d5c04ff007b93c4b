import Diagnostics

extension StandardLibrary {
  static func registerRanges(in builder: RegistryBuilder) {
    builder.type("Range", "The numbers between two bounds, `0..<5` or `0...5`.") { type in
      type.property(
        "lowerBound", number, "The lower end.", get: { value, _ in value.interval?.lower?.value ?? .null })
      type.property(
        "upperBound", number, "The upper end.", get: { value, _ in value.interval?.upper?.value ?? .null })
      type.property(
        "count", .int, "How many whole numbers lie in it.",
        get: { value, _ in .int(try value.wholeNumbers().count) })
      type.property(
        "isEmpty", .bool, "Whether nothing lies in it.",
        get: { value, _ in
          guard let range = value.interval, let low = range.lower, let high = range.upper else {
            return .bool(false)
          }
          return .bool(range.isClosed ? low.double > high.double : low.double >= high.double)
        })
      type.property(
        "first", .optional(.int), "The first whole number, or nil.",
        get: { value, _ in
          try value.wholeNumbers().first.map(Value.int) ?? .null
        })
      type.property(
        "last", .optional(.int), "The last whole number, or nil.",
        get: { value, _ in
          try value.wholeNumbers().last.map(Value.int) ?? .null
        })
      // Before the sequences' own: no need to go through the numbers.
      type.method("contains", [.positional("value", number)], returns: .bool, "Whether a number lies in it.")
      {
        arguments, _ in
        guard let range = arguments.receiver.interval else { return .bool(false) }
        let value = try arguments.double("value")
        let isAbove = range.lower.map { value >= $0.double } ?? true
        let isBelow = range.upper.map { range.isClosed ? value <= $0.double : value < $0.double } ?? true
        return .bool(isAbove && isBelow)
      }
      registerSequenceMembers(in: type)
    }
  }
}

extension Value {
  fileprivate var interval: RangeValue? { if case .range(let range) = self { range } else { nil } }

  fileprivate func wholeNumbers() throws -> Range<Int> {
    if let integers = interval?.integers { return integers }
    throw Diagnostic(id: "type-mismatch", message: "the range \(debugText) has no count of whole numbers")
  }
}
