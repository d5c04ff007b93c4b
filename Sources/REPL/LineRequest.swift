/// What a finished input asks for.
package enum LineRequest: Hashable {
  case nothing
  case run(String)
  /// `:help` and the like: the word after the colon.
  case command(String)
  /// `name?` (detail 0) or `name??` (1).
  case inspect(String, detail: Int)

  package init(_ text: String) {
    let trimmed = Self.trimmed(text)
    if trimmed.isEmpty {
      self = .nothing
    } else if trimmed.hasPrefix(":") && !trimmed.contains("\n") {
      self = .command(Self.trimmed(String(trimmed.dropFirst())))
    } else if let request = Self.inspection(trimmed) {
      self = request
    } else {
      self = .run(text)
    }
  }

  private static func inspection(_ text: String) -> LineRequest? {
    var name = Substring(text)
    var marks = 0
    while name.hasSuffix("?") {
      name.removeLast()
      marks += 1
    }
    guard marks == 1 || marks == 2, let first = name.first, first.isLetter || first == "_" || first == "."
    else {
      return nil
    }
    guard name.last != ".", name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
      return nil
    }
    return .inspect(String(name), detail: marks - 1)
  }

  private static func trimmed(_ text: String) -> String {
    var slice = Substring(text)
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    while let first = slice.first, first.isWhitespace { slice.removeFirst() }
    return String(slice)
  }
}

/// Lines collected until they can be run.
package struct PendingInput: Hashable {
  package private(set) var text = ""
  package private(set) var isEmpty = true

  package init() {}

  /// Adds a line and returns what to do: nil to go on reading with the given indentation.
  package mutating func add(
    _ line: String, state: (String) -> InputState
  ) -> (request: LineRequest?, indent: String) {
    text = isEmpty ? line : text + "\n" + line
    isEmpty = false
    let request = LineRequest(text)
    if case .run = request, case .incomplete(let indent) = state(text) { return (nil, indent) }
    self = PendingInput()
    return (request, "")
  }

  /// What there is, when no more will come.
  package mutating func finish() -> LineRequest {
    let request = LineRequest(text)
    self = PendingInput()
    return request
  }
}
