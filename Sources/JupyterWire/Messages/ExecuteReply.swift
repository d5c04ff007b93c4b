public import JSONCoding

/// The end of an `execute_request`.
public struct ExecuteReply: SentContent {
  public enum Outcome: Sendable {
    /// Pages are MIME data for the pager; expressions are those the user asked for, by name.
    case ok(pages: [JSONValue], userExpressions: JSONValue)
    case error(ExecutionError)
  }

  public static let type = "execute_reply"
  public var executionCount: Int
  public var outcome: Outcome

  public init(executionCount: Int, outcome: Outcome) {
    self.executionCount = executionCount
    self.outcome = outcome
  }

  public var content: JSONValue {
    switch outcome {
    case .ok(let pages, let userExpressions):
      return [
        "status": "ok",
        "execution_count": .int(executionCount),
        "user_expressions": userExpressions,
        "payload": .array(pages.map { ["source": "page", "data": $0, "start": 0] }),
      ]
    case .error(let error):
      var content = error.content
      content["status"] = "error"
      content["execution_count"] = .int(executionCount)
      return content
    }
  }

  /// One user expression's value.
  public static func expression(data: JSONValue, metadata: JSONValue) -> JSONValue {
    ["status": "ok", "data": data, "metadata": metadata]
  }

  /// One user expression's failure.
  public static func expression(_ error: ExecutionError) -> JSONValue {
    var content = error.content
    content["status"] = "error"
    return content
  }
}
