public import JSONCoding

/// The answer to `comm_info_request`: the open comms by id, with the name of each one's target.
public struct CommInfoReply: SentContent {
  public static let type = "comm_info_reply"
  public static let requestType = "comm_info_request"
  public var targets: [(id: String, target: String)]

  public init(targets: [(id: String, target: String)]) {
    self.targets = targets
  }

  public var content: JSONValue {
    var comms: JSONValue = [:]
    for (id, target) in targets { comms[id] = ["target_name": .string(target)] }
    return ["status": "ok", "comms": comms]
  }
}
