public import JSONCoding

/// Whether code is ready to run.
public enum Completeness: Hashable, Sendable {
  case complete
  /// More lines are needed; the next begins with the indent.
  case incomplete(indent: String)
  case invalid
  case unknown
}

/// The answer to `is_complete_request`.
public struct IsCompleteReply: SentContent {
  public static let type = "is_complete_reply"
  public var completeness: Completeness

  public init(completeness: Completeness) {
    self.completeness = completeness
  }

  public var content: JSONValue {
    switch completeness {
    case .complete: ["status": "complete"]
    case .incomplete(let indent): ["status": "incomplete", "indent": .string(indent)]
    case .invalid: ["status": "invalid"]
    case .unknown: ["status": "unknown"]
    }
  }
}
