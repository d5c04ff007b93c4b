public import JSONCoding

/// The value of a cell.
public struct ExecuteResult: SentContent {
  public static let type = "execute_result"
  public var executionCount: Int
  public var data: JSONValue
  public var metadata: JSONValue

  public init(executionCount: Int, data: JSONValue, metadata: JSONValue) {
    self.executionCount = executionCount
    self.data = data
    self.metadata = metadata
  }

  public var content: JSONValue {
    ["execution_count": .int(executionCount), "data": data, "metadata": metadata, "transient": [:]]
  }
}
