/// What help, inspection and the reference page say about a builtin. A string literal is a summary alone.
public struct Documentation: Hashable, Sendable, ExpressibleByStringLiteral {
  /// One sentence.
  public var summary: String
  /// What it computes, as mathematics in plain text.
  public var formula: String?
  /// Shapes of what goes in and comes out: `x [N, C] → [N]`.
  public var shapes: String?
  /// Lines the user can run.
  public var example: String?
  /// Where it is from: `Finn et al. 2017`, or the torchmeta function.
  public var paper: String?
  /// Anything further.
  public var discussion: String?

  public init(
    _ summary: String, formula: String? = nil, shapes: String? = nil, example: String? = nil,
    paper: String? = nil, discussion: String? = nil
  ) {
    self.summary = summary
    self.formula = formula
    self.shapes = shapes
    self.example = example
    self.paper = paper
    self.discussion = discussion
  }

  public init(stringLiteral value: String) { self.init(value) }
}
