internal import Display
internal import JSONCoding
internal import JupyterWire

/// What the evaluator shows a debugger: the paused program, or between cells the session. The evaluator's thread only.
final class DebugStage: @unchecked Sendable {
  private let host: any LanguageHost
  private let paths: CellPaths
  private(set) var paused: PausedProgram?
  /// Frames of this pause have the numbers from here on.
  private var firstFrame = 1
  private var containers: [Int: Container] = [:]
  private var lastReference = 0

  private struct Container {
    let variables: () -> [DebugVariable]
    /// The frame whose variables these are.
    let frame: DebugFrame?
  }

  init(host: any LanguageHost, paths: CellPaths) {
    self.host = host
    self.paths = paths
  }

  func begin(_ program: PausedProgram) {
    containers = [:]
    paused = program
  }

  func end() {
    firstFrame += paused?.frames.count ?? 0
    paused = nil
    containers = [:]
  }

  func answer(_ question: DebugQuestion, output: any OutputSink) throws(DebugRefusal) -> JSONValue {
    switch question {
    case .stackTrace(let start, let count): return try stackTrace(from: start, count)
    case .scopes(let number):
      let frame = try frame(number)
      return ["scopes": .array(frame.scopes.map { scope($0, of: frame) })]
    case .variables(let reference, let start, let count):
      let container = try container(reference)
      let variables = container.variables().dropFirst(start).prefix(count ?? .max)
      return ["variables": .array(variables.map { described($0, isPart: container.frame == nil) })]
    case .setVariable(let reference, let name, let value):
      return try set(name, value, in: container(reference))
    case .evaluate(let text, let number): return try evaluate(text, frame: number, output)
    case .show(let name, let number):
      let outcome = try number.map { number throws(DebugRefusal) in try frame(number).show(name) }
      switch outcome ?? host.evaluate(expression: name, output: output) {
      case .success(let bundle): return ["data": bundle.dataJSON, "metadata": bundle.metadataJSON]
      case .failure(let error): throw DebugRefusal(error.value)
      }
    case .globals:
      if paused == nil { containers = [:] }
      return ["variables": .array((host.debugger?.variables() ?? []).map { described($0, isPart: false) })]
    case .copyToGlobals(let name, let target, let number):
      guard let first = target.first, first.isLetter || first == "_",
        target.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { throw DebugRefusal("“\(target)” is not a name") }
      guard try frame(number).copyToGlobals(name, target) else {
        throw DebugRefusal("there is no variable “\(name)” here")
      }
      return .emptyObject
    case .error:
      guard case .error(let name, let message)? = paused?.reason else {
        throw DebugRefusal("the program is not paused on an error")
      }
      return ["exceptionId": .string(name), "description": .string(message), "breakMode": "always"]
    case .source(let path):
      guard let code = paused?.frames.first(where: { paths.path(of: $0.code) == path })?.code else {
        throw DebugRefusal("there is no source “\(path)”")
      }
      return host.source(code)
    }
  }

  private func frame(_ number: Int) throws(DebugRefusal) -> DebugFrame {
    guard let frames = paused?.frames else { throw DebugRefusal("the program is not paused") }
    let (index, overflows) = number.subtractingReportingOverflow(firstFrame)
    guard !overflows, frames.indices.contains(index) else {
      throw DebugRefusal("there is no frame \(number)")
    }
    return frames[index]
  }

  private func container(_ reference: Int) throws(DebugRefusal) -> Container {
    guard let container = containers[reference] else {
      throw DebugRefusal("the variables \(reference) are no longer there")
    }
    return container
  }

  private func refer(to variables: @escaping () -> [DebugVariable], of frame: DebugFrame? = nil) -> Int {
    lastReference += 1
    containers[lastReference] = Container(variables: variables, frame: frame)
    return lastReference
  }

  private func stackTrace(from start: Int, _ count: Int?) throws(DebugRefusal) -> JSONValue {
    guard let frames = paused?.frames else { return ["stackFrames": [], "totalFrames": 0] }
    let shown = frames.enumerated().dropFirst(start).prefix(count ?? .max).map { index, frame -> JSONValue in
      [
        "id": .int(firstFrame + index), "name": .string(frame.name), "line": .int(frame.start.line),
        "column": .int(frame.start.column), "endLine": .int(frame.end.line),
        "endColumn": .int(frame.end.column),
        "source": [
          "name": .string(frame.sourceName), "path": .string(paths.path(of: frame.code)),
          "sourceReference": 0,
        ],
      ]
    }
    return ["stackFrames": .array(shown), "totalFrames": .int(frames.count)]
  }

  private func scope(_ scope: DebugFrame.Scope, of frame: DebugFrame) -> JSONValue {
    [
      "name": .string(scope.name), "variablesReference": .int(refer(to: scope.variables, of: frame)),
      "expensive": false,
    ]
  }

  /// - Parameter isPart: whether it is part of a value, whose name means nothing on its own.
  private func described(_ variable: DebugVariable, isPart: Bool) -> JSONValue {
    var answer: JSONValue = [
      "name": .string(variable.name), "value": .string(variable.value),
      "variablesReference": .int(variable.parts.map { refer(to: $0) } ?? 0),
    ]
    if !isPart { answer["evaluateName"] = .string(variable.name) }
    // JupyterLab would show any other type in place of the value.
    if let type = variable.type { answer["type"] = .string(type) }
    return answer
  }

  private func evaluate(_ text: String, frame number: Int?, _ output: any OutputSink) throws(DebugRefusal)
    -> JSONValue
  {
    guard let number else {
      if let frame = paused?.frames.first { return result(try evaluated(text, frame)) }
      switch host.evaluate(expression: text, output: output) {
      case .success(let bundle): return ["result": .string(bundle.plainText), "variablesReference": 0]
      case .failure(let error): throw DebugRefusal(error.value)
      }
    }
    return result(try evaluated(text, frame(number)))
  }

  private func result(_ variable: DebugVariable?) -> JSONValue {
    [
      "result": .string(variable?.value ?? ""),
      "variablesReference": .int(variable?.parts.map { refer(to: $0) } ?? 0),
    ]
  }

  private func evaluated(_ text: String, _ frame: DebugFrame) throws(DebugRefusal) -> DebugVariable? {
    switch frame.evaluate(text) {
    case .success(let variable): return variable
    case .failure(let error): throw DebugRefusal(error.value)
    }
  }

  /// Only variables of a frame have names that can be assigned to.
  private func set(_ name: String, _ value: String, in container: Container) throws(DebugRefusal) -> JSONValue
  {
    guard let frame = container.frame else {
      throw DebugRefusal("parts of values cannot be set here; set the variable they belong to")
    }
    _ = try evaluated("\(name) = \(value);", frame)
    var answer = result(try evaluated(name, frame))
    answer["value"] = answer["result"]
    answer["result"] = nil
    return answer
  }
}
