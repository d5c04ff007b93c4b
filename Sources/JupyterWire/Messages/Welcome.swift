public import JSONCoding

/// Tells a subscriber that its subscription has begun, so that it will miss nothing from here.
public struct Welcome: SentContent {
  public static let type = "iopub_welcome"
  public var subscription: String

  public init(subscription: String) {
    self.subscription = subscription
  }

  public var content: JSONValue { ["subscription": .string(subscription)] }
}
