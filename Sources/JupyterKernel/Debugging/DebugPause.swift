internal import JSONCoding
internal import JupyterWire

/// What clients are told when a program pauses and goes on.
enum DebugPause {
  /// The number of the one thread that runs programs.
  static let thread = 1

  static func stopped(_ reason: PausedProgram.Reason) -> DebugEvent {
    var body: JSONValue = ["threadId": .int(thread), "allThreadsStopped": true]
    switch reason {
    case .breakpoint: body["reason"] = "breakpoint"
    case .step: body["reason"] = "step"
    case .pause: body["reason"] = "pause"
    case .error(let name, let message):
      body["reason"] = "exception"
      body["description"] = .string(name)
      body["text"] = .string(message)
    }
    return DebugEvent("stopped", body: body)
  }

  static var continued: DebugEvent {
    DebugEvent("continued", body: ["threadId": .int(thread), "allThreadsContinued": true])
  }
}
