public import JSONCoding

/// Replaces a value shown earlier, wherever it is shown.
public struct UpdateDisplayData: SentContent {
  public static let type = "update_display_data"
  public var data: JSONValue
  public var metadata: JSONValue
  public var id: String

  public init(data: JSONValue, metadata: JSONValue, id: String) {
    self.data = data
    self.metadata = metadata
    self.id = id
  }

  public var content: JSONValue {
    ["data": data, "metadata": metadata, "transient": ["display_id": .string(id)]]
  }
}
