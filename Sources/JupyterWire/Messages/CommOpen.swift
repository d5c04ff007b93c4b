public import JSONCoding

/// The opening of a comm, by either side.
public struct CommOpen: RequestContent, SentContent {
  public static let type = "comm_open"
  public var id: String
  public var target: String
  public var data: JSONValue

  public init(id: String, target: String, data: JSONValue) {
    self.id = id
    self.target = target
    self.data = data
  }

  public init(content: JSONValue) throws(ContentError) {
    id = try content.text("comm_id")
    target = try content.text("target_name", default: "")
    data = content["data"] ?? .emptyObject
  }

  public var content: JSONValue { ["comm_id": .string(id), "target_name": .string(target), "data": data] }
}
