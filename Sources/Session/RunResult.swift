import Diagnostics
import Display
import Interpreter

/// How a run ended.
public struct RunResult: Sendable {
  public enum Ending: Hashable, Sendable {
    case succeeded
    /// Nothing ran, or a statement failed; `diagnostics` say why.
    case failed
    case interrupted
  }

  public var ending: Ending
  /// The value of the last statement, to be shown.
  public var value: MIMEBundle?
  /// Documentation that was asked for by `name?`.
  public var pages: [MIMEBundle]
  public var diagnostics: [Diagnostic]

  init(pages: [MIMEBundle]) {
    ending = .succeeded
    self.pages = pages
    diagnostics = []
  }

  init(_ outcome: Outcome) {
    ending = outcome.wasInterrupted ? .interrupted : outcome.succeeded ? .succeeded : .failed
    value = outcome.value?.mimeBundle
    pages = []
    diagnostics = outcome.diagnostics
  }

  /// Says how the run ended, where that is known only afterwards.
  public mutating func end(_ ending: Ending, _ diagnostics: [Diagnostic]) {
    self.ending = ending
    value = nil
    self.diagnostics += diagnostics
  }
}
