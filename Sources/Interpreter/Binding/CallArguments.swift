import Diagnostics

/// Where a call or subscript stands in the source: made once when its cell is lowered.
public final class CallSite: Sendable {
  /// The whole call.
  public let span: Span
  public let source: SourceText
  /// One for each argument, in the order written.
  public let argumentSpans: [Span]
  public let labels: [String?]
  /// How many of the arguments, at the end, are trailing closures.
  public let trailingClosures: Int
  let hasLabels: Bool

  init(
    span: Span, source: SourceText, argumentSpans: [Span], labels: [String?], trailingClosures: Int
  ) {
    self.span = span
    self.source = source
    self.argumentSpans = argumentSpans
    self.labels = labels
    self.trailingClosures = trailingClosures
    hasLabels = labels.contains { $0 != nil }
  }
}

/// Arguments as a call wrote them: values with labels, not yet matched to parameters.
public struct CallArguments {
  public var values: [Value]
  /// Parallel to `values`, or empty when no argument has a label.
  public var labels: [String?]
  public var trailingClosures: Int
  /// nil for calls that come from Swift.
  public let site: CallSite?

  /// Arguments of a call that comes from Swift.
  public init(_ values: [Value], labels: [String?] = []) {
    self.values = values
    self.labels = labels
    trailingClosures = 0
    site = nil
  }

  init(_ values: [Value], site: CallSite) {
    self.values = values
    labels = site.hasLabels ? site.labels : []
    trailingClosures = site.trailingClosures
    self.site = site
  }

  public var count: Int { values.count }
  public func label(at index: Int) -> String? { labels.isEmpty ? nil : labels[index] }
  /// The value under a label; nil when there is none.
  public subscript(label: String) -> Value? {
    labels.firstIndex(of: label).map { values[$0] }
  }
}
