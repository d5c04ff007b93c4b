/// Whether a text can be run as it is.
public enum InputState: Hashable, Sendable {
  case complete
  /// More must follow; `indent` is what its next line should begin with.
  case incomplete(indent: String)
  /// No continuation can make it valid; running it shows why.
  case invalid
}

/// What could stand at the cursor.
public struct CompletionList: Hashable, Sendable {
  /// The texts that can replace `start ..< cursor`.
  public var matches: [String]
  /// The type or signature of each, as shown beside it; empty where nothing is to be shown.
  public var details: [String]
  /// A UTF-8 offset into the text that was asked about.
  public var start: Int

  public init(matches: [String], details: [String] = [], start: Int) {
    self.matches = matches
    self.details = details
    self.start = start
  }
}

/// A variable as `:vars` shows it.
public struct REPLVariable: Hashable, Sendable {
  public var name: String
  public var type: String
  /// One short line with the value.
  public var summary: String

  public init(name: String, type: String, summary: String) {
    self.name = name
    self.type = type
    self.summary = summary
  }
}

/// What the line editor works for: a session of some language.
///
/// Everything is called on the input thread (the one that called ``InteractiveLoop/run()``), except `interrupt`. Text
/// positions are UTF-8 offsets.
public protocol REPLHost: AnyObject {
  /// One or two lines shown at the start.
  var banner: String { get }
  /// What the next line will be numbered.
  var promptNumber: Int { get }
  /// Whether `source` can be run, or needs another line.
  func inputState(_ source: String) -> InputState
  func complete(_ source: String, cursor: Int) -> CompletionList
  /// The text in colours for a terminal.
  func painted(_ source: String) -> String
  /// Documentation on what is at the cursor; `detail` 0 (`name?`) or 1 (`name??`). nil when there is none.
  func inspect(_ source: String, cursor: Int, detail: Int) -> String?
  /// Runs a text, shows its results and diagnostics, records it in the history. False when it failed.
  func run(_ source: String) -> Bool
  /// The variables, in the order of their declaration; nil where they cannot be listed.
  func variables() -> [REPLVariable]?
  /// Forgets all variables; false where that cannot be done.
  func reset() -> Bool
  /// Calls `hold` on the input thread whenever a running text pauses; it returns how the program goes on.
  func whenPaused(_ hold: @escaping (any REPLPause) -> REPLResumption)
  /// Sets where programs pause, in place of what was set; why that cannot be, or nil.
  func setBreakpoints(_ breakpoints: [REPLBreakpoint]) -> String?
  /// Ends the running text soon; called on a thread of its own while `run` is under way.
  func interrupt()
  /// Puts away what should outlive the loop. Nothing is asked afterwards.
  func end()
  /// The newest lines of all sessions, oldest first.
  func recentHistory(_ count: Int) -> [String]
  /// Can be read when ``takeNews()`` may have something; nil where nothing happens while a prompt waits.
  var newsDescriptor: Int32? { get }
  /// What has happened elsewhere, as something that shows it; nil when nothing has.
  func takeNews() -> (() -> Void)?
}

extension REPLHost {
  public func end() {}
  public func whenPaused(_ hold: @escaping (any REPLPause) -> REPLResumption) {}
  public func setBreakpoints(_ breakpoints: [REPLBreakpoint]) -> String? {
    "the programs of this kernel are debugged in its notebook"
  }
  public var newsDescriptor: Int32? { nil }
  public func takeNews() -> (() -> Void)? { nil }
}
