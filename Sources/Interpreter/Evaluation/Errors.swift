import Diagnostics
import Display

/// A value the program threw, on its way to a `catch`.
final class ThrownValue: Error, CustomStringConvertible {
  let value: Value
  let span: Span
  let source: SourceText
  var callStack: [Diagnostic.Frame] = []

  init(_ value: Value, at span: Span, in source: SourceText) {
    self.value = value
    self.span = span
    self.source = source
  }

  var description: String { diagnostic.description }

  var diagnostic: Diagnostic {
    Diagnostic(
      id: "uncaught-error", message: "uncaught error: \(value.printed)", span: span, source: source,
      callStack: callStack)
  }
}

// A thrown value stays on the evaluator's thread.
extension ThrownValue: @unchecked Sendable {}

/// What `error` is in a `catch` when the interpreter or a host library threw: shows its message.
final class CaughtError: HostObject {
  let diagnostic: Diagnostic

  init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

  var typeName: String { "Error" }
  var mimeBundle: MIMEBundle { MIMEBundle(plain: diagnostic.message) }
  var summary: String { diagnostic.message }
  var dynamicMemberNames: [String] { ["message", "kind", "hints"] }

  func member(_ name: String, _ evaluation: Evaluation) throws -> Value? {
    switch name {
    case "message", "localizedDescription", "description": .string(diagnostic.message)
    case "kind", "id": .string(diagnostic.id)
    case "hints": .strings(diagnostic.hints)
    default: nil
    }
  }
}

extension Evaluation {
  /// Any error as a diagnostic, without a place when it has none of its own.
  public func diagnostic(for error: any Error) -> Diagnostic {
    switch error {
    case let diagnostic as Diagnostic: return diagnostic
    case let thrown as ThrownValue: return thrown.diagnostic
    case let list as DiagnosticList:
      return list.all.first ?? Diagnostic(id: "host-error", message: "unknown error")
    case is NilInChain: return Diagnostic(id: "unexpected-nil", message: "a value in the chain is nil")
    case let input as InputError:
      if input == .interrupted { return .interrupted }
      return Diagnostic(id: "input-failed", message: input.description)
    default:
      if let description = registry.describe(error) {
        if description.isInterrupt { return .interrupted }
        return Diagnostic(id: description.id, message: description.message, hints: description.hints)
      }
      return Diagnostic(id: "host-error", message: "\(error)")
    }
  }

  /// Interrupts, and running out of stack, end the cell whatever it catches.
  func isUncatchable(_ error: any Error) -> Bool {
    if let diagnostic = error as? Diagnostic { return diagnostic.isInterrupt }
    if error is ThrownValue { return false }
    return diagnostic(for: error).isInterrupt
  }

  /// What `error` is inside a `catch`.
  func caughtValue(_ error: any Error) -> Value {
    if let thrown = error as? ThrownValue { return thrown.value }
    return .object(CaughtError(diagnostic(for: error)))
  }
}
