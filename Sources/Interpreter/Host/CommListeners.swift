import Display
import JSONCoding

/// Who is told when the other side of a comm speaks. One for a session, on the evaluator's thread.
public final class CommListeners {
  public typealias Listener = (_ data: JSONValue, Evaluation) throws -> Void

  private var listeners: [String: Listener] = [:]
  private var targets: [String: (_ id: String, _ data: JSONValue, Evaluation) throws -> Listener] = [:]

  /// Tells `listener` what arrives on the comm, as long as it is open.
  public func listen(to id: String, _ listener: @escaping Listener) { listeners[id] = listener }

  /// Lets the other side open comms to a target; `accept` gives each its listener.
  public func accept(
    _ target: String, _ accept: @escaping (_ id: String, _ data: JSONValue, Evaluation) throws -> Listener
  ) { targets[target] = accept }

  /// - Returns: False when nobody is concerned.
  func receive(_ event: CommEvent, _ evaluation: Evaluation) throws -> Bool {
    switch event {
    case .opened(let id, let target, let data):
      guard let accept = targets[target] else { return false }
      listeners[id] = try accept(id, data, evaluation)
    case .message(let id, let data):
      guard let listener = listeners[id] else { return false }
      try listener(data, evaluation)
    case .closed(let id):
      listeners[id] = nil
    }
    return true
  }
}

extension Evaluation {
  public var comms: CommListeners { state(CommListeners.self) { CommListeners() } }

  /// Runs `body` with its output going to another sink.
  public func withOutput<Result>(
    to sink: any OutputSink, _ body: () throws -> Result
  ) rethrows -> Result {
    let saved = output
    output = sink
    defer { output = saved }
    return try body()
  }
}
