public import JSONCoding

/// One of a program's two text streams.
public enum OutputChannel: String, Hashable, Sendable {
  case standardOutput = "stdout"
  case standardError = "stderr"
}

/// Why a line could not be read from the user.
public enum InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The front end cannot ask (a notebook run without stdin).
  case unavailable
  /// The user interrupted the question.
  case interrupted
  /// Standard input ended.
  case endOfInput

  public var description: String {
    switch self {
    case .unavailable: "this front end cannot ask for input"
    case .interrupted: "the input was interrupted"
    case .endOfInput: "standard input has ended"
    }
  }
}

/// What running code writes to. The kernel, the REPL, the script runner and tests each have one.
///
/// May be called from the evaluator's thread and from the thread that owns the front end.
public protocol OutputSink: AnyObject, Sendable {
  /// Appends text to a stream; nothing is added to it.
  func write(_ text: String, to channel: OutputChannel)
  /// Shows a value. With an `id`, a later call with `update: true` replaces it wherever it is shown.
  func display(_ bundle: MIMEBundle, id: String?, update: Bool)
  /// Removes what the current cell has shown so far, or with `wait` just before the next output.
  func clearOutput(wait: Bool)
  /// Asks the user for a line, without its newline. Throws ``InputError``.
  func readLine(prompt: String, isPassword: Bool) throws -> String?
  /// Opens a comm to a target of the front end and returns its id; nil where there are no comms.
  func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String?
  /// Sends news on an open comm.
  func sendComm(_ id: String, _ data: JSONValue)
  /// Whether something shown can be replaced in place.
  var isInteractive: Bool { get }
  /// Whether pictures and HTML are shown; a terminal shows text only.
  var isRich: Bool { get }
}

extension OutputSink {
  public var isRich: Bool { true }
  public func openComm(_ target: String, data: JSONValue, metadata: JSONValue) -> String? { nil }
  public func sendComm(_ id: String, _ data: JSONValue) {}

  public func display(_ bundle: MIMEBundle) {
    display(bundle, id: nil, update: false)
  }
}
