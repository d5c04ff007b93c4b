/// How an error of a host library reads as a diagnostic.
public struct ErrorDescription: Sendable {
  /// Stable and kebab-case: `shape-mismatch`.
  public var id: String
  public var message: String
  public var hints: [String]
  /// Ends the run as an interrupt does; `catch` does not see it.
  public var isInterrupt: Bool

  public init(id: String, message: String, hints: [String] = [], isInterrupt: Bool = false) {
    self.id = id
    self.message = message
    self.hints = hints
    self.isInterrupt = isInterrupt
  }
}
