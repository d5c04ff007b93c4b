/// A line people bring from PyTorch or torchmeta that has no place here, and what to write instead.
///
/// Asked for when a name, member or label is not found, before "did you mean".
public struct Habit: Hashable, Sendable {
  public enum Place: Hashable, Sendable { case name, member, label }

  public let place: Place
  /// As the user writes it: `backward`, `zero_grad`, `torch`.
  public let name: String
  /// The sentence that says why: "`backward()` is not part of Innerloop".
  public let message: String
  /// The line to write instead.
  public let hint: String

  public init(_ place: Place, _ name: String, message: String, hint: String) {
    self.place = place
    self.name = name
    self.message = message
    self.hint = hint
  }
}
