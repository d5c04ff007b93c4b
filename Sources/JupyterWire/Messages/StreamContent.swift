public import JSONCoding

/// Printed text.
public struct StreamContent: SentContent {
  public static let type = "stream"
  /// `stdout` or `stderr`.
  public var name: String
  public var text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  public var content: JSONValue { ["name": .string(name), "text": .string(text)] }
}
