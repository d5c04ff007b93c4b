public import JSONCoding

/// The end of a comm; also the answer when the kernel does not know a target.
public struct CommClose: CommContent {
  public static let type = "comm_close"
  public var id: String
  public var data: JSONValue

  public init(id: String, data: JSONValue = .emptyObject) {
    self.id = id
    self.data = data
  }
}
