/// What a reader of the reference looks under: a heading, and a sentence about what is there.
public struct Topic: Hashable, Sendable {
  public let title: String
  public let summary: String

  public init(_ title: String, _ summary: String) {
    self.title = title
    self.summary = summary
  }
}

extension Topic {
  public static let numbers = Topic(
    "Numbers",
    "Ints, Doubles, and functions of them. Those that tensors share are listed with both signatures.")
  public static let collections = Topic(
    "Text and collections", "Strings, arrays, dictionaries, ranges, and whatever can be looped over.")
  public static let session = Topic("The session", "Printing, asking, files, help, randomness and threads.")
  /// Of what is registered outside any topic.
  static let others = Topic("Further names", "What belongs to no other part.")
}

/// A topic with the names registered under it, in the order of their registration.
public struct TopicContents: Sendable {
  public let topic: Topic
  public let names: [String]
}
