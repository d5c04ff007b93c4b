public import JSONCoding

/// Who sent a message, when, and what kind it is.
public struct MessageHeader: Hashable, Sendable {
  public var id: String
  public var session: String
  public var username: String
  public var type: String
  public var date: String
  public var version: String
  /// The subshell that is to serve a request; nil for the kernel's main shell.
  public var subshell: String?

  public init(
    id: String, session: String, username: String, type: String, date: String = MessageDate.now(),
    version: String = JupyterProtocol.version, subshell: String? = nil
  ) {
    self.id = id
    self.session = session
    self.username = username
    self.type = type
    self.date = date
    self.version = version
    self.subshell = subshell
  }

  /// Reads a header that arrived. Only the identifier and the type must be there.
  public init(json: JSONValue) throws(WireError) {
    guard let id = json["msg_id"]?.string else { throw .missingField("msg_id") }
    guard let type = json["msg_type"]?.string else { throw .missingField("msg_type") }
    if let date = json.impossibleDate { throw .impossibleDate(date) }
    self.init(
      id: id, session: json["session"]?.string ?? "", username: json["username"]?.string ?? "", type: type,
      date: json["date"]?.string ?? "", version: json["version"]?.string ?? "",
      subshell: json["subshell_id"]?.string)
  }

  public var json: JSONValue {
    var json: JSONValue = [
      "msg_id": .string(id), "session": .string(session), "username": .string(username),
      "date": .string(date),
      "msg_type": .string(type), "version": .string(version),
    ]
    if let subshell { json["subshell_id"] = .string(subshell) }
    return json
  }
}

extension JSONValue {
  /// A text somewhere inside that has the form of a date but is none.
  fileprivate var impossibleDate: String? {
    switch self {
    case .string(let text): MessageDate.isImpossible(text) ? text : nil
    case .array(let elements): elements.lazy.compactMap(\.impossibleDate).first
    case .object(let members): members.values.lazy.compactMap(\.impossibleDate).first
    default: nil
    }
  }
}
