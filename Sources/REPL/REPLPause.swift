/// A program that stands still, as the prompt shows it. Of use until the function it was given to returns.
public protocol REPLPause {
  /// Why: `at a breakpoint`, `after a step`, `on an error: …`.
  var reason: String { get }
  /// The calls under way, innermost first.
  var frames: [REPLFrame] { get }
  /// The variables of a call, `self` first.
  func variables(of frame: Int) -> [REPLVariable]
  /// Runs a text where a call stands and shows its value. False when it failed.
  func run(_ source: String, in frame: Int) -> Bool
}

/// A call under way.
public struct REPLFrame: Hashable, Sendable {
  public var name: String
  /// What its text is called, and the text.
  public var source: String
  public var text: String
  /// From 1.
  public var line: Int

  public init(name: String, source: String, text: String, line: Int) {
    self.name = name
    self.source = source
    self.text = text
    self.line = line
  }
}

/// How a paused program goes on.
public enum REPLResumption: Hashable, Sendable {
  case proceed, stepOver, stepIn, stepOut
  /// It is ended, as by an interrupt.
  case end
}

/// Where programs are to pause.
public enum REPLBreakpoint: Hashable, Sendable {
  /// At the beginning of a function or method of this name.
  case function(String, condition: String?)
  /// In a text, at a line from 1.
  case line(Int, text: String, file: String, condition: String?)
  /// Where an error arises that nothing catches.
  case errors
}
