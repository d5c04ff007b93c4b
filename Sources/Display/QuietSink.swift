/// Hands on everything but progress, for work that has a progress line of its own.
public final class QuietSink: ForwardingSink {
  public let next: (any OutputSink)?

  public init(_ sink: any OutputSink) { next = sink }

  public func display(_ bundle: MIMEBundle, id: String?, update: Bool) {
    if !bundle.isProgress { next?.display(bundle, id: id, update: update) }
  }
}
