public import JupyterWire

/// What stops programs of the language and lets clients look at them. A host that has one offers it as
/// ``LanguageHost/debugger``.
public protocol LanguageDebugger: AnyObject, Sendable {
  // Any thread.

  /// From now on, what is wanted is done.
  func attach()
  /// Forgets all that was wanted.
  func detach()
  /// Sets the breakpoints of one text, in place of those it had; gives back as many, each where it came to be, or nil
  /// where no statement follows.
  func setBreakpoints(_ breakpoints: [DebugBreakpoint], in code: String) -> [DebugBreakpoint?]
  /// Sets the functions at whose beginning to pause.
  func setBreakpoints(at functions: [DebugFunctionBreakpoint])
  func pauseOnErrors(_ errors: DebugErrors)
  /// Pauses what runs, soon.
  func requestPause()

  // The evaluator's thread.

  /// Calls `hold` whenever a program pauses, in the middle of it. It may look at the program, and returns how it goes on.
  func whenPaused(_ hold: @escaping (PausedProgram) -> DebugResumption)
  /// The session's variables.
  func variables() -> [DebugVariable]
}

/// A line at which to pause.
public struct DebugBreakpoint: Hashable, Sendable {
  /// From 1.
  public var line: Int
  public var condition: String?

  public init(line: Int, condition: String? = nil) {
    self.line = line
    self.condition = condition
  }
}

/// A function at whose beginning to pause.
public struct DebugFunctionBreakpoint: Hashable, Sendable {
  public var name: String
  public var condition: String?

  public init(name: String, condition: String? = nil) {
    self.name = name
    self.condition = condition
  }
}

/// Which errors pause.
public enum DebugErrors: Hashable, Sendable {
  case none, uncaught, all
}

/// How a paused program goes on.
public enum DebugResumption: Hashable, Sendable {
  case proceed, stepOver, stepIn, stepOut
}

/// A value as a debugger shows it. The evaluator's thread only.
public struct DebugVariable {
  public var name: String
  /// One line.
  public var value: String
  /// `int`, `float`, `bool` or `str`, as front ends call them; nil for other types.
  public var type: String?
  /// What it is made of; nil for what has no parts.
  public var parts: (() -> [DebugVariable])?

  public init(name: String, value: String, type: String?, parts: (() -> [DebugVariable])? = nil) {
    self.name = name
    self.value = value
    self.type = type
    self.parts = parts
  }
}

/// A call under way in a paused program. The evaluator's thread only.
public struct DebugFrame {
  public struct Scope {
    public var name: String
    public var variables: () -> [DebugVariable]

    public init(name: String, variables: @escaping () -> [DebugVariable]) {
      self.name = name
      self.variables = variables
    }
  }

  public struct Place: Hashable, Sendable {
    /// From 1; columns count code points.
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
  }

  public var name: String
  /// What the text is called, and the text.
  public var sourceName: String
  public var code: String
  public var start: Place
  public var end: Place
  public var scopes: [Scope]
  /// Runs a text where the frame stands; its value, nil when it has none.
  public var evaluate: (String) -> Result<DebugVariable?, ExecutionError>
  /// A value in all its representations.
  public var show: (String) -> ExpressionOutcome
  /// Gives the session a variable's value under a name; false when there is no such variable.
  public var copyToGlobals: (_ name: String, _ target: String) -> Bool

  public init(
    name: String, sourceName: String, code: String, start: Place, end: Place, scopes: [Scope],
    evaluate: @escaping (String) -> Result<DebugVariable?, ExecutionError>,
    show: @escaping (String) -> ExpressionOutcome,
    copyToGlobals: @escaping (_ name: String, _ target: String) -> Bool
  ) {
    self.name = name
    self.sourceName = sourceName
    self.code = code
    self.start = start
    self.end = end
    self.scopes = scopes
    self.evaluate = evaluate
    self.show = show
    self.copyToGlobals = copyToGlobals
  }
}

/// A program that stands still. Of use until the function it was given to returns.
public struct PausedProgram {
  public enum Reason: Hashable, Sendable {
    case breakpoint, step, pause
    case error(name: String, message: String)
  }

  public var reason: Reason
  /// Innermost first.
  public var frames: [DebugFrame]

  public init(reason: Reason, frames: [DebugFrame]) {
    self.reason = reason
    self.frames = frames
  }
}
