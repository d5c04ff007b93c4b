public import JSONCoding

/// Asks the user for a line.
public struct InputRequest: SentContent {
  public static let type = "input_request"
  public var prompt: String
  public var isPassword: Bool

  public init(prompt: String, isPassword: Bool) {
    self.prompt = prompt
    self.isPassword = isPassword
  }

  public var content: JSONValue { ["prompt": .string(prompt), "password": .bool(isPassword)] }
}
