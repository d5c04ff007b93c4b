public import JSONCoding

/// A value shown while code runs.
public struct DisplayData: SentContent {
  public static let type = "display_data"
  public var data: JSONValue
  public var metadata: JSONValue
  /// By what name a later update finds it.
  public var id: String?

  public init(data: JSONValue, metadata: JSONValue, id: String?) {
    self.data = data
    self.metadata = metadata
    self.id = id
  }

  public var content: JSONValue {
    var transient: JSONValue = [:]
    if let id { transient["display_id"] = .string(id) }
    return ["data": data, "metadata": metadata, "transient": transient]
  }
}
