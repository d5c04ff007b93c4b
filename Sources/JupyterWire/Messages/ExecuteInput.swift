public import JSONCoding

/// Tells every client what code runs now.
public struct ExecuteInput: SentContent {
  public static let type = "execute_input"
  public var code: String
  public var executionCount: Int

  public init(code: String, executionCount: Int) {
    self.code = code
    self.executionCount = executionCount
  }

  public var content: JSONValue { ["code": .string(code), "execution_count": .int(executionCount)] }
}
