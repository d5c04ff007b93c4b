import Diagnostics

extension StandardLibrary {
  private static let by = TypeReference.function("(Element, Element) -> Bool")

  /// `sorted`, `min`, `max`, `reversed`.
  static func registerOrder(in type: TypeBuilder) {
    type.method(
      "sorted", returns: .array(.any),
      Documentation("The elements from smallest to largest.", example: "[3, 1, 2].sorted()")
    ) {
      arguments, evaluation in
      .array(try sorted(evaluation.elements(of: arguments.receiver), nil, evaluation))
    }
    type.method(
      "sorted", [.labelled("by", by)], returns: .array(.any),
      Documentation(
        "The elements in the order a closure says: true when the first comes before the second.",
        example: "[3, 1, 2].sorted { $0 > $1 }")
    ) { arguments, evaluation in
      .array(try sorted(evaluation.elements(of: arguments.receiver), arguments.function("by"), evaluation))
    }
    type.method("reversed", returns: .array(.any), "The elements from last to first.") {
      arguments, evaluation in
      if case .string(let text) = arguments.receiver { return .string(String(text.reversed())) }
      return .array(try evaluation.elements(of: arguments.receiver).reversed())
    }
    for (name, word) in [("min", "smallest"), ("max", "largest")] {
      let isMax = name == "max"
      type.method(
        name, returns: .optional(.any), Documentation("The \(word) element, or nil when there is none.")
      ) {
        arguments, evaluation in
        try extreme(arguments, evaluation) {
          try isMax ? evaluation.precedes($1, $0) : evaluation.precedes($0, $1)
        }
      }
      type.method(
        name, [.labelled("by", by, "whether the first is the smaller")], returns: .optional(.any),
        Documentation("The \(word) element by a closure that compares two, or nil when there is none.")
      ) { arguments, evaluation in
        let test = try arguments.function("by")
        return try extreme(arguments, evaluation) {
          try evaluation.truth(evaluation.call(test, isMax ? [$1, $0] : [$0, $1]))
        }
      }
    }
  }

  static func sorted(_ values: [Value], _ order: FunctionValue?, _ evaluation: Evaluation) throws -> [Value] {
    var comparisons = 0
    return try values.sorted {
      comparisons &+= 1
      if comparisons & 0xFF == 0 { try evaluation.checkInterruption() }
      guard let order else { return try evaluation.precedes($0, $1) }
      return try evaluation.truth(evaluation.call(order, [$0, $1]))
    }
  }

  /// The element that comes before all others by `isBetter`; the first of equals.
  private static func extreme(
    _ arguments: Arguments, _ evaluation: Evaluation, _ isBetter: (Value, Value) throws -> Bool
  ) throws -> Value {
    var best: Value?
    try evaluation.forEachElement(of: arguments.receiver) {
      guard let current = best else {
        best = $0
        return
      }
      if try isBetter($0, current) { best = $0 }
    }
    return best ?? .null
  }
}
