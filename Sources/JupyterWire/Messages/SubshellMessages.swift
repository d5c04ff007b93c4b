public import JSONCoding

/// The answer to `create_subshell_request`: the new subshell, which later requests name in their header.
public struct CreateSubshellReply: SentContent {
  public static let type = "create_subshell_reply"
  public static let requestType = "create_subshell_request"
  public var id: String

  public init(id: String) {
    self.id = id
  }

  public var content: JSONValue { ["status": "ok", "subshell_id": .string(id)] }
}

/// Ends a subshell.
public struct DeleteSubshellRequest: RequestContent {
  public static let type = "delete_subshell_request"
  public var id: String

  public init(content: JSONValue) throws(ContentError) {
    id = try content.text("subshell_id")
  }
}

/// The answer to `delete_subshell_request`.
public struct DeleteSubshellReply: SentContent {
  public static let type = "delete_subshell_reply"

  public init() {}

  public var content: JSONValue { ["status": "ok"] }
}

/// The answer to `list_subshell_request`: the subshells there are.
public struct ListSubshellReply: SentContent {
  public static let type = "list_subshell_reply"
  public static let requestType = "list_subshell_request"
  public var ids: [String]

  public init(ids: [String]) {
    self.ids = ids
  }

  public var content: JSONValue { ["status": "ok", "subshell_id": .array(ids.map { .string($0) })] }
}
