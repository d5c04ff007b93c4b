public import JSONCoding

/// Ends the kernel.
public struct ShutdownRequest: RequestContent {
  public static let type = "shutdown_request"
  /// A new kernel is about to take this one's place.
  public var restarts: Bool

  public init(content: JSONValue) throws(ContentError) {
    restarts = try content.truth("restart", default: false)
  }
}
