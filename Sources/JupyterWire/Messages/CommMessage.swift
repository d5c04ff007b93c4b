public import JSONCoding

/// What either side says on an open comm.
public protocol CommContent: RequestContent, SentContent {
  var id: String { get }
  var data: JSONValue { get }
  init(id: String, data: JSONValue)
}

extension CommContent {
  public init(content: JSONValue) throws(ContentError) {
    self.init(id: try content.text("comm_id"), data: content["data"] ?? .emptyObject)
  }

  public var content: JSONValue { ["comm_id": .string(id), "data": data] }
}

/// News on an open comm.
public struct CommMessage: CommContent {
  public static let type = "comm_msg"
  public var id: String
  public var data: JSONValue

  public init(id: String, data: JSONValue) {
    self.id = id
    self.data = data
  }
}
