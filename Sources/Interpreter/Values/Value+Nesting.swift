import Diagnostics

extension Value {
  /// How deep values may be nested. Deeper ones could not be printed, compared or released without exhausting the stack.
  static let nestingLimit = 1_000

  static func nestingProblem() -> Diagnostic {
    Diagnostic(
      id: "nested-too-deep", message: "values are nested more than \(nestingLimit) deep",
      hints: ["keep the items in one array instead of each inside the next"])
  }

  static func badKey(_ value: Value) -> Diagnostic {
    Diagnostic(
      id: "type-mismatch",
      message: "a dictionary key must be a string, number or Bool, not \(value.typeDescription)")
  }

  /// Throws when containers are nested too deep. Follows the first and last containers near the ends of each level, so the
  /// cost grows with depth and not with size.
  func checkNesting() throws {
    var isNested = false
    visitEnds { if $0.isContainer { isNested = true } }
    guard isNested else { return }
    var level = [self]
    var depth = 0
    while !level.isEmpty {
      depth += 1
      if depth > Self.nestingLimit { throw Self.nestingProblem() }
      var next: [Value] = []
      for value in level {
        value.visitEnds { if next.count < 4, $0.isContainer { next.append($0) } }
      }
      level = next
    }
  }

  private var isContainer: Bool {
    switch self {
    case .array, .dictionary, .tuple, .instance: true
    default: false
    }
  }

  private func visitEnds(_ body: (Value) -> Void) {
    func ends(_ values: some RandomAccessCollection<Value>) {
      if values.count <= 4 {
        for value in values { body(value) }
      } else {
        for value in values.prefix(2) { body(value) }
        for value in values.suffix(2) { body(value) }
      }
    }
    switch self {
    case .array(let values): ends(values)
    case .dictionary(let entries): ends(entries.values.elements)
    case .tuple(let tuple): ends(tuple.values)
    case .instance(let instance): for field in instance.fields { body(field) }
    default: break
    }
  }
}
