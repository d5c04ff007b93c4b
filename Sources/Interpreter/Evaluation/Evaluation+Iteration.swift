import Diagnostics

extension Evaluation {
  /// Steps through an array, range, dictionary, string, host object, or a struct with `mutating func next()`.
  public func iterator(over value: Value) throws -> any ValueIterator {
    switch value {
    case .array(let values): return SequenceIterator(values)
    case .range(let range): return try iterator(over: range)
    case .dictionary(let entries):
      return SequenceIterator(
        entries.lazy.map { Value.tuple(TupleValue([$0.key.value, $0.value], labels: ["key", "value"])) })
    case .string(let text): return SequenceIterator(text.lazy.map { Value.string(String($0)) })
    case .instance(let instance):
      if instance.definition.methods["next"] != nil { return StructIterator(value, self) }
      if instance.definition.methods["makeIterator"] != nil {
        return try iterator(over: callMethod("makeIterator", on: value, []))
      }
    case .object(let object):
      if let definition = object.structInstance?.definition, definition.hasMethod("next") {
        return ClosureIterator { [self] in
          let next = try callMethod("next", on: value, [])
          return next.isNull ? nil : next
        }
      }
      if let iterator = try object.makeIterator(self) { return iterator }
    default: break
    }
    throw Diagnostic(
      id: "not-a-sequence", message: "\(value.typeDescription) cannot be looped over",
      hints: value.intValue.map { ["write `0..<\($0)`"] } ?? [])
  }

  private func iterator(over range: RangeValue) throws -> any ValueIterator {
    if let integers = range.integers { return SequenceIterator(integers.lazy.map(Value.int)) }
    if case .int(let start)? = range.lower, range.upper == nil {
      var next: Int? = start
      return ClosureIterator {
        guard let current = next else { return nil }
        next = current == Int.max ? nil : current + 1
        return .int(current)
      }
    }
    throw Diagnostic(
      id: "not-a-sequence", message: "the range \(Value.range(range).debugText) cannot be looped over",
      hints: ["use `stride(from: …, to: …, by: …)` for steps between Doubles"])
  }
}

/// Runs `next()` of a struct on its own copy until it gives nil.
private final class StructIterator: ValueIterator {
  private var state: Value
  private let evaluation: Evaluation

  init(_ state: Value, _ evaluation: Evaluation) {
    self.state = state
    self.evaluation = evaluation
  }

  func next() throws -> Value? {
    guard let method = evaluation.mutatingMethod("next", of: state) else {
      let value = try evaluation.callMethod("next", on: state, [])
      return value.isNull ? nil : value
    }
    // Moved out, so that the method may change it in place.
    var current = state
    state = .void
    defer { state = current }
    let value = try evaluation.callMutating(method, on: &current, CallArguments([]))
    return value.isNull ? nil : value
  }
}
