public import JSONCoding

/// The end of a comm, by either side; also the answer when the kernel does not know a target.
public struct CommClose: RequestContent, SentContent {
  public static let type = "comm_close"
  public var id: String
  public var data: JSONValue

  public init(id: String, data: JSONValue = .emptyObject) {
    self.id = id
    self.data = data
  }

  public init(content: JSONValue) throws(ContentError) {
    id = try content.text("comm_id")
    data = content["data"] ?? .emptyObject
  }

  public var content: JSONValue { ["comm_id": .string(id), "data": data] }
}
