public import JSONCoding

/// A client's wish to open a comm.
public struct CommOpen: RequestContent {
  public static let type = "comm_open"
  public var id: String
  public var target: String
  public var data: JSONValue

  public init(content: JSONValue) throws(ContentError) {
    id = try content.text("comm_id")
    target = try content.text("target_name", default: "")
    data = content["data"] ?? .emptyObject
  }
}
