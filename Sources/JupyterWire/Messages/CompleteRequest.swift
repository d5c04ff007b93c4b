public import JSONCoding

/// Asks what could stand at the cursor.
public struct CompleteRequest: RequestContent {
  public static let type = "complete_request"
  public var code: String
  /// In Unicode code points; within the code.
  public var cursor: Int

  public init(content: JSONValue) throws(ContentError) {
    code = try content.text("code")
    cursor = try content.cursor(in: code)
  }
}

extension JSONValue {
  /// The cursor position brought within the code; its end when absent.
  func cursor(in code: String) throws(ContentError) -> Int {
    let end = code.unicodeScalars.count
    guard let position = try optionalNumber("cursor_pos") else { return end }
    return min(max(position, 0), end)
  }
}
