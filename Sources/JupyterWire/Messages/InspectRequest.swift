public import JSONCoding

/// Asks about what stands at the cursor.
public struct InspectRequest: RequestContent {
  public static let type = "inspect_request"
  public var code: String
  /// In Unicode code points; within the code.
  public var cursor: Int
  /// 0 for the signature, 1 for everything.
  public var detail: Int

  public init(content: JSONValue) throws(ContentError) {
    code = try content.text("code")
    cursor = try content.cursor(in: code)
    detail = try content.optionalNumber("detail_level") ?? 0
  }
}
