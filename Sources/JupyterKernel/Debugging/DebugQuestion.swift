internal import JSONCoding
internal import JupyterWire

/// What only the evaluator can answer: it looks at live values.
enum DebugQuestion: Sendable {
  case stackTrace(start: Int, count: Int?)
  case scopes(frame: Int)
  case variables(reference: Int, start: Int, count: Int?)
  case setVariable(reference: Int, name: String, value: String)
  case evaluate(String, frame: Int?)
  /// All representations of a variable.
  case show(String, frame: Int?)
  /// The session's variables.
  case globals
  case copyToGlobals(String, as: String, frame: Int)
  case error
  case source(path: String)

  /// The question of a request; nil for requests of other kinds.
  init?(_ request: DebugRequest) throws(DebugRefusal) {
    let arguments = request.arguments
    func number(_ field: String) throws(DebugRefusal) -> Int {
      guard let number = arguments[field]?.int else {
        throw DebugRefusal("\(request.command) needs the number “\(field)”")
      }
      return number
    }
    func text(_ field: String) throws(DebugRefusal) -> String {
      guard let text = arguments[field]?.string else {
        throw DebugRefusal("\(request.command) needs the text “\(field)”")
      }
      return text
    }
    /// DAP lets 0 stand for all.
    func count(_ field: String) -> Int? { arguments[field]?.int.flatMap { $0 > 0 ? $0 : nil } }

    switch request.command {
    case "stackTrace":
      self = .stackTrace(start: max(0, arguments["startFrame"]?.int ?? 0), count: count("levels"))
    case "scopes": self = .scopes(frame: try number("frameId"))
    case "variables":
      self = .variables(
        reference: try number("variablesReference"), start: max(0, arguments["start"]?.int ?? 0),
        count: count("count"))
    case "setVariable":
      self = .setVariable(
        reference: try number("variablesReference"), name: try text("name"), value: try text("value"))
    case "evaluate": self = .evaluate(try text("expression"), frame: arguments["frameId"]?.int)
    case "richInspectVariables": self = .show(try text("variableName"), frame: arguments["frameId"]?.int)
    case "inspectVariables": self = .globals
    case "copyToGlobals":
      self = .copyToGlobals(
        try text("srcVariableName"), as: try text("dstVariableName"), frame: try number("srcFrameId"))
    case "exceptionInfo": self = .error
    default: return nil
    }
  }
}

/// A question on its way to the evaluator.
struct DebugJob: Sendable {
  let request: DebugRequest
  let question: DebugQuestion
  let origin: Origin
}
