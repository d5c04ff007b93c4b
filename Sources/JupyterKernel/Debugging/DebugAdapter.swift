internal import JSONCoding
internal import JupyterWire

/// Serves the Debug Adapter Protocol to whoever asks on the control channel, as JupyterLab does. Control thread.
final class DebugAdapter {
  /// What becomes of a request.
  enum Outcome {
    case done(Result<JSONValue, DebugRefusal>)
    /// The evaluator answers.
    case asked(DebugQuestion)
  }

  private let core: KernelCore
  private let evaluator: Evaluator
  private let debugger: any LanguageDebugger
  private var isStarted = false
  /// Texts that clients have named.
  private var codes: [String: String] = [:]
  /// In the order in which they came, by path.
  private var breakpoints: [(path: String, lines: [DebugBreakpoint])] = []

  private static let codeLimit = 4096

  /// nil for a language that cannot be debugged.
  init?(core: KernelCore, evaluator: Evaluator) {
    guard let debugger = core.host.debugger else { return nil }
    self.core = core
    self.evaluator = evaluator
    self.debugger = debugger
  }

  func reply(to request: DebugRequest, _ result: Result<JSONValue, DebugRefusal>) -> Answer {
    Answer(DebugReply(request, sequence: core.nextDebugSequence(), result))
  }

  func handle(_ request: DebugRequest, _ origin: Origin) -> Outcome {
    do throws(DebugRefusal) {
      if let question = try DebugQuestion(request) { return .asked(question) }
      if request.command == "source" { return try source(request) }
      return .done(.success(try obey(request, origin)))
    } catch {
      return .done(.failure(error))
    }
  }

  private func obey(_ request: DebugRequest, _ origin: Origin) throws(DebugRefusal) -> JSONValue {
    let arguments = request.arguments
    switch request.command {
    case "debugInfo": return information
    case "initialize":
      isStarted = true
      core.publish(DebugEvent("initialized"), for: origin)
      return DebugAdapter.capabilities
    case "attach", "launch":
      isStarted = true
      debugger.attach()
    case "configurationDone": break
    case "disconnect", "terminate": stop()
    case "threads": return ["threads": [["id": .int(DebugPause.thread), "name": "evaluator"]]]
    case "modules": return ["modules": [], "totalModules": 0]
    case "dumpCell":
      guard let code = arguments["code"]?.string else { throw DebugRefusal("dumpCell needs the text “code”") }
      return ["sourcePath": .string(remember(code))]
    case "setBreakpoints": return ["breakpoints": .array(try setBreakpoints(arguments))]
    case "setFunctionBreakpoints": return ["breakpoints": .array(try setFunctionBreakpoints(arguments))]
    case "setExceptionBreakpoints": setErrors(arguments)
    case "pause": debugger.requestPause()
    case "continue":
      try resume(.proceed)
      return ["allThreadsContinued": true]
    case "next": try resume(.stepOver)
    case "stepIn": try resume(.stepIn)
    case "stepOut": try resume(.stepOut)
    default: throw DebugRefusal("this kernel does not serve “\(request.command)”")
    }
    return .emptyObject
  }

  private var information: JSONValue {
    let paused = evaluator.isHeld ? [JSONValue.int(DebugPause.thread)] : []
    var information: JSONValue = [
      "isStarted": .bool(isStarted),
      "breakpoints": .array(
        breakpoints.map { path, lines in
          [
            "source": .string(path),
            "breakpoints": .array(lines.map { DebugAdapter.described($0, verified: true, path: path) }),
          ]
        }),
      "stoppedThreads": .array(paused), "richRendering": true, "exceptionPaths": [], "copyToGlobals": true,
    ]
    for (key, value) in evaluator.paths.description.object ?? [:] { information[key] = value }
    return information
  }

  private static let capabilities: JSONValue = [
    "supportsConfigurationDoneRequest": true, "supportsConditionalBreakpoints": true,
    "supportsFunctionBreakpoints": true, "supportsEvaluateForHovers": true, "supportsSetVariable": true,
    "supportsExceptionInfoRequest": true, "supportsDelayedStackTraceLoading": true,
    "exceptionBreakpointFilters": [
      ["filter": "raised", "label": "Every error", "default": false],
      ["filter": "uncaught", "label": "Errors that nothing catches", "default": false],
    ],
  ]

  private func stop() {
    isStarted = false
    breakpoints = []
    debugger.detach()
    _ = evaluator.resume(.proceed)
  }

  private func resume(_ resumption: DebugResumption) throws(DebugRefusal) {
    guard evaluator.resume(resumption) else { throw DebugRefusal("the program is not paused") }
  }

  private func remember(_ code: String) -> String {
    let path = evaluator.paths.path(of: code)
    if codes.count >= DebugAdapter.codeLimit {
      codes = codes.filter { entry in breakpoints.contains { $0.path == entry.key } }
    }
    codes[path] = code
    return path
  }

  private func source(_ request: DebugRequest) throws(DebugRefusal) -> Outcome {
    guard let path = request.arguments["source"]?["path"]?.string else {
      throw DebugRefusal("source needs the text “source.path”")
    }
    if let code = codes[path] { return .done(.success(core.host.source(code))) }
    return .asked(.source(path: path))
  }

  private func setBreakpoints(_ arguments: JSONValue) throws(DebugRefusal) -> [JSONValue] {
    guard let path = arguments["source"]?["path"]?.string else {
      throw DebugRefusal("setBreakpoints needs the text “source.path”")
    }
    let entries = arguments["breakpoints"]?.array ?? []
    let wanted = entries.compactMap { entry in
      entry["line"]?.int.map { DebugBreakpoint(line: $0, condition: DebugAdapter.condition(entry)) }
    }
    guard wanted.count == entries.count else { throw DebugRefusal("a breakpoint needs the number “line”") }
    breakpoints.removeAll { $0.path == path }
    guard let code = codes[path] else {
      return wanted.map {
        var answer = DebugAdapter.described($0, verified: false, path: path)
        answer["message"] = "this text is not known; send it by dumpCell first"
        return answer
      }
    }
    let placed = debugger.setBreakpoints(wanted, in: code)
    let all = placed.compactMap { $0 }
    if !all.isEmpty { breakpoints.append((path, all)) }
    return zip(wanted, placed).map { wanted, placed in
      var answer = DebugAdapter.described(placed ?? wanted, verified: placed != nil, path: path)
      if placed == nil { answer["message"] = "there is no statement on this line or below it" }
      return answer
    }
  }

  private static func described(_ breakpoint: DebugBreakpoint, verified: Bool, path: String) -> JSONValue {
    var answer: JSONValue = [
      "verified": .bool(verified), "line": .int(breakpoint.line), "source": ["path": .string(path)],
    ]
    if let condition = breakpoint.condition { answer["condition"] = .string(condition) }
    return answer
  }

  private func setFunctionBreakpoints(_ arguments: JSONValue) throws(DebugRefusal) -> [JSONValue] {
    let entries = arguments["breakpoints"]?.array ?? []
    let wanted = entries.compactMap { entry in
      entry["name"]?.string.map {
        DebugFunctionBreakpoint(name: $0, condition: DebugAdapter.condition(entry))
      }
    }
    guard wanted.count == entries.count else { throw DebugRefusal("a breakpoint needs the text “name”") }
    debugger.setBreakpoints(at: wanted)
    return wanted.map { _ in ["verified": true] }
  }

  private static func condition(_ entry: JSONValue) -> String? {
    entry["condition"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func setErrors(_ arguments: JSONValue) {
    let filters = (arguments["filters"]?.array ?? []).compactMap(\.string)
    debugger.pauseOnErrors(
      filters.contains("raised") ? .all : filters.contains("uncaught") ? .uncaught : .none)
  }
}

extension LanguageHost {
  /// The answer to a `source` request.
  func source(_ code: String) -> JSONValue { ["content": .string(code), "mimeType": .string(info.mimeType)] }
}
