/// A problem told to a person: what is wrong, where, and what to do about it. It is data; ``DiagnosticRenderer`` words it.
///
/// `id` is stable and kebab-case (`unknown-name`), so that tests and tools can tell problems apart without reading prose.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable { case error, warning, note }

  /// A further remark, with its place when it has one ("`x` was declared here").
  public struct Note: Hashable, Sendable {
    public var message: String
    public var span: Span?
    public var source: SourceText?

    public init(_ message: String, at span: Span? = nil, in source: SourceText? = nil) {
      self.message = message
      self.span = span
      self.source = source
    }
  }

  /// One call that was under way, named as the user wrote it: `forward(_:)`, `closure`.
  public struct Frame: Hashable, Sendable {
    public var function: String
    /// The place of the call.
    public var span: Span?
    public var source: SourceText?

    public init(function: String, at span: Span? = nil, in source: SourceText? = nil) {
      self.function = function
      self.span = span
      self.source = source
    }
  }

  public var id: String
  public var severity: Severity
  public var message: String
  public var span: Span?
  public var source: SourceText?
  /// What to write instead, one sentence each.
  public var hints: [String]
  public var notes: [Note]
  /// Calls under way, innermost first.
  public var callStack: [Frame]

  public init(
    id: String, severity: Severity = .error, message: String, span: Span? = nil, source: SourceText? = nil,
    hints: [String] = [], notes: [Note] = [], callStack: [Frame] = []
  ) {
    self.id = id
    self.severity = severity
    self.message = message
    self.span = span
    self.source = source
    self.hints = hints
    self.notes = notes
    self.callStack = callStack
  }

  /// Line and column of the span's start, when the diagnostic has a place.
  public var position: SourcePosition? {
    guard let span, let source else { return nil }
    return source.position(at: span.start)
  }

  /// The same problem at a place, unless it already has one.
  public func located(at span: Span?, in source: SourceText?) -> Diagnostic {
    guard self.span == nil else { return self }
    var copy = self
    copy.span = span
    copy.source = source
    return copy
  }
}

extension Diagnostic: CustomStringConvertible {
  public var description: String { DiagnosticRenderer(colour: false).render(self) }
}

/// Several problems found in one go, as the check before a cell runs finds them.
public struct DiagnosticList: Error, Sendable, CustomStringConvertible {
  public var all: [Diagnostic]

  public init(_ all: [Diagnostic]) { self.all = all }

  public var description: String { DiagnosticRenderer(colour: false).render(all) }
}
