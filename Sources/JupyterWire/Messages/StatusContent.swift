public import JSONCoding

/// What the kernel is doing about a request.
public enum StatusContent: String, SentContent {
  public static let type = "status"
  case starting
  case busy
  case idle

  public var content: JSONValue { ["execution_state": .string(rawValue)] }
}
