public import JSONCoding

/// Runs code.
public struct ExecuteRequest: RequestContent {
  public static let type = "execute_request"
  public var code: String
  /// Nothing but the status goes to IOPub.
  public var isSilent: Bool
  /// The code counts and goes to the history; never when silent.
  public var storesHistory: Bool
  /// Names and expressions to evaluate after the code.
  public var userExpressions: [(name: String, expression: String)]
  public var allowsInput: Bool
  /// Requests already queued are not run if this one fails.
  public var stopsOnError: Bool

  public init(content: JSONValue) throws(ContentError) {
    code = try content.text("code")
    isSilent = try content.truth("silent", default: false)
    storesHistory = try content.truth("store_history", default: true) && !isSilent
    allowsInput = try content.truth("allow_stdin", default: false)
    stopsOnError = try content.truth("stop_on_error", default: true)
    userExpressions = []
    if let members = content["user_expressions"]?.object {
      for (name, expression) in members {
        guard let expression = expression.string else {
          throw ContentError(field: "user_expressions", expected: "an object of texts")
        }
        userExpressions.append((name, expression))
      }
    }
  }
}
