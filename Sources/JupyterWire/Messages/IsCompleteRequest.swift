public import JSONCoding

/// Asks whether code is ready to run.
public struct IsCompleteRequest: RequestContent {
  public static let type = "is_complete_request"
  public var code: String

  public init(content: JSONValue) throws(ContentError) {
    code = try content.text("code")
  }
}
