public import JSONCoding

/// News on an open comm, from either side.
public struct CommMessage: RequestContent, SentContent {
  public static let type = "comm_msg"
  public var id: String
  public var data: JSONValue

  public init(id: String, data: JSONValue) {
    self.id = id
    self.data = data
  }

  public init(content: JSONValue) throws(ContentError) {
    id = try content.text("comm_id")
    data = content["data"] ?? .emptyObject
  }

  public var content: JSONValue { ["comm_id": .string(id), "data": data] }
}
