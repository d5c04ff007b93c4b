public import JSONCoding

/// Removes what a cell has shown.
public struct ClearOutput: SentContent {
  public static let type = "clear_output"
  /// Only when something new is there to take its place.
  public var waits: Bool

  public init(waits: Bool) {
    self.waits = waits
  }

  public var content: JSONValue { ["wait": .bool(waits)] }
}
