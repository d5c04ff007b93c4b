public import JSONCoding

/// What the other side of a comm does. A comm is a two-way channel between the program and something that a front end
/// shows, such as a slider.
public enum CommEvent: Hashable, Sendable {
  /// It opens a comm to a target of the program.
  case opened(id: String, target: String, data: JSONValue)
  case message(id: String, data: JSONValue)
  case closed(id: String)
}
