public import JSONCoding

/// Why code failed: what IOPub's `error` shows and a reply repeats.
public struct ExecutionError: Error, Hashable, Sendable, SentContent {
  public static let type = "error"
  /// The kind of error, as a short name.
  public var name: String
  /// What went wrong, in a sentence.
  public var value: String
  /// The lines to show; may carry ANSI colours.
  public var traceback: [String]

  public init(name: String, value: String, traceback: [String]) {
    self.name = name
    self.value = value
    self.traceback = traceback
  }

  public var content: JSONValue {
    ["ename": .string(name), "evalue": .string(value), "traceback": .array(traceback.map { .string($0) })]
  }
}
