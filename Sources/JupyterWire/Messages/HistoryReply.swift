public import JSONCoding

/// An earlier input.
public struct HistoryEntry: Hashable, Sendable {
  public var session: Int
  public var line: Int
  public var input: String
  /// The result's text, when there was one and it is wanted.
  public var output: String?

  public init(session: Int, line: Int, input: String, output: String? = nil) {
    self.session = session
    self.line = line
    self.input = input
    self.output = output
  }
}

/// The answer to `history_request`.
public struct HistoryReply: SentContent {
  public static let type = "history_reply"
  public var entries: [HistoryEntry]
  public var withOutput: Bool

  public init(entries: [HistoryEntry], withOutput: Bool) {
    self.entries = entries
    self.withOutput = withOutput
  }

  public var content: JSONValue {
    let history = entries.map { entry -> JSONValue in
      let input = JSONValue.string(entry.input)
      let text: JSONValue = withOutput ? [input, entry.output.map { .string($0) } ?? .null] : input
      return [.int(entry.session), .int(entry.line), text]
    }
    return ["status": "ok", "history": .array(history)]
  }
}
