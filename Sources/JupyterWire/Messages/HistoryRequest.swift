public import JSONCoding

/// Which earlier inputs are wanted.
public enum HistoryQuery: Hashable, Sendable {
  /// The latest.
  case tail(count: Int, withOutput: Bool)
  /// Lines `start ..< stop` of a session; 0 is the present session, −1 the one before.
  case range(session: Int, start: Int, stop: Int?, withOutput: Bool)
  /// The latest that match a pattern with `*` and `?`; `unique` drops repetitions.
  case search(pattern: String, count: Int?, unique: Bool, withOutput: Bool)
}

/// Asks for earlier inputs.
public struct HistoryRequest: RequestContent {
  public static let type = "history_request"
  public var query: HistoryQuery

  public init(content: JSONValue) throws(ContentError) {
    let withOutput = try content.truth("output", default: false)
    switch try content.text("hist_access_type", default: "tail") {
    case "tail":
      query = .tail(count: max(try content.optionalNumber("n") ?? 10, 0), withOutput: withOutput)
    case "range":
      query = .range(
        session: try content.optionalNumber("session") ?? 0,
        start: try content.optionalNumber("start") ?? 1,
        stop: try content.optionalNumber("stop"), withOutput: withOutput)
    case "search":
      query = .search(
        pattern: try content.text("pattern", default: "*"),
        count: (try content.optionalNumber("n")).map { max($0, 0) },
        unique: try content.truth("unique", default: false), withOutput: withOutput)
    default:
      throw ContentError(field: "hist_access_type", expected: "“tail”, “range” or “search”")
    }
  }

  /// Whether outputs are wanted beside the inputs.
  public var withOutput: Bool {
    switch query {
    case .tail(_, let withOutput), .range(_, _, _, let withOutput), .search(_, _, _, let withOutput):
      withOutput
    }
  }
}
