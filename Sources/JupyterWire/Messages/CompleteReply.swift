public import JSONCoding

/// What could stand at the cursor in place of the code points from `start` to `end`.
public struct Completions: Hashable, Sendable {
  public struct Item: Hashable, Sendable {
    public var text: String
    /// Its kind, as `function` or `keyword`; empty when unknown.
    public var type: String
    public var signature: String?

    public init(text: String, type: String = "", signature: String? = nil) {
      self.text = text
      self.type = type
      self.signature = signature
    }
  }

  public var items: [Item]
  public var start: Int
  public var end: Int

  public init(items: [Item] = [], start: Int, end: Int) {
    self.items = items
    self.start = start
    self.end = end
  }
}

/// The answer to `complete_request`.
public struct CompleteReply: SentContent {
  public static let type = "complete_reply"
  public var completions: Completions

  public init(completions: Completions) {
    self.completions = completions
  }

  public var content: JSONValue {
    let (start, end) = (JSONValue.int(completions.start), JSONValue.int(completions.end))
    // JupyterLab pairs the types with the matches by index, so there is one for each.
    let types = completions.items.map { item -> JSONValue in
      var type: JSONValue = [
        "text": .string(item.text), "type": .string(item.type), "start": start, "end": end,
      ]
      type["signature"] = item.signature.map { .string($0) }
      return type
    }
    return [
      "status": "ok",
      "matches": .array(completions.items.map { .string($0.text) }),
      "cursor_start": start,
      "cursor_end": end,
      "metadata": ["_jupyter_types_experimental": .array(types)],
    ]
  }
}
