import Diagnostics
import Interpreter
import JupyterKernel
import JupyterWire
import MetaLearning
import Session

/// The notebook kernel's view of the session's debugger.
final class SessionDebugger: LanguageDebugger {
  private let session: LanguageSession

  init(_ session: LanguageSession) { self.session = session }

  // MARK: Any thread

  func attach() { session.debugger.attach() }
  func detach() { session.debugger.detach() }
  func requestPause() { session.debugger.requestPause() }

  func setBreakpoints(_ breakpoints: [DebugBreakpoint], in code: String) -> [DebugBreakpoint?] {
    session.debugger.setBreakpoints(
      breakpoints.map { LineBreakpoint(line: $0.line, condition: $0.condition) }, in: code
    ).map { $0.map { DebugBreakpoint(line: $0.line, condition: $0.condition) } }
  }

  func setBreakpoints(at functions: [DebugFunctionBreakpoint]) {
    session.debugger.setBreakpoints(
      at: functions.map { FunctionBreakpoint(name: $0.name, condition: $0.condition) })
  }

  func pauseOnErrors(_ errors: DebugErrors) {
    switch errors {
    case .none: session.debugger.pauseOnErrors(.none)
    case .uncaught: session.debugger.pauseOnErrors(.uncaught)
    case .all: session.debugger.pauseOnErrors(.all)
    }
  }

  // MARK: The evaluator's thread

  func whenPaused(_ hold: @escaping (PausedProgram) -> DebugResumption) {
    session.whenPaused { [unowned self] pause in
      let program = PausedProgram(
        reason: .init(pause.reason), frames: pause.frames.map { described($0, in: pause) })
      switch hold(program) {
      case .proceed: return .proceed
      case .stepOver: return .stepOver
      case .stepIn: return .stepIn
      case .stepOut: return .stepOut
      }
    }
  }

  func variables() -> [DebugVariable] { session.values.map { DebugVariable($0.name, $0.value) } }

  private func described(_ frame: PausedFrame, in pause: Pause) -> DebugFrame {
    DebugFrame(
      name: frame.name, sourceName: frame.source.name, code: frame.source.text,
      start: .init(frame.source.position(at: frame.span.start)),
      end: .init(frame.source.position(at: frame.span.end)),
      scopes: [
        .init(name: "Locals") { frame.variables.map { DebugVariable($0.name, $0.value) } },
        .init(name: "Globals") { [unowned self] in variables() },
      ],
      // The other ranks of a job, if there are any, are not paused here.
      evaluate: { text in
        let outcome = Ranks.alone { pause.evaluate(text, in: frame) }
        if !outcome.succeeded { return .failure(ExecutionError(outcome.diagnostics)) }
        return .success(outcome.value.map { DebugVariable("", $0) })
      },
      show: { text in
        let outcome = Ranks.alone { pause.evaluate(text, in: frame) }
        guard let value = outcome.value else { return .failure(ExecutionError(outcome.diagnostics)) }
        return .success(value.mimeBundle)
      },
      copyToGlobals: { [unowned self] name, target in
        guard let variable = frame.variables.first(where: { $0.name == name }) else { return false }
        session.define(target, variable.value)
        return true
      })
  }
}

extension DebugVariable {
  init(_ name: String, _ value: Value) {
    let inspection = value.inspection
    let type: String? =
      switch value {
      case .int: "int"
      case .double: "float"
      case .bool: "bool"
      case .string: "str"
      default: nil
      }
    self.init(
      name: name, value: inspection.text, type: type,
      parts: inspection.parts.isEmpty ? nil : { inspection.parts.map { DebugVariable($0.name, $0.value) } })
  }
}

extension DebugFrame.Place {
  init(_ position: SourcePosition) { self.init(line: position.line, column: position.column) }
}

extension PausedProgram.Reason {
  init(_ reason: Pause.Reason) {
    switch reason {
    case .breakpoint: self = .breakpoint
    case .step: self = .step
    case .pause: self = .pause
    case .error(let diagnostic):
      let error = ExecutionError([diagnostic])
      self = .error(name: error.name, message: error.value)
    }
  }
}
