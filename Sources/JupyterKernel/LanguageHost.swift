public import Display
public import JupyterWire

/// The language behind the kernel. The kernel knows no language: it hands over code and shows what comes back.
///
/// Every method says which thread calls it. Positions in code are counted in Unicode code points.
public protocol LanguageHost: AnyObject, Sendable {
  /// What the language is. Any thread; cheap and unchanging.
  var info: LanguageInfo { get }

  /// What stops programs and lets clients look at them; nil for a language without.
  var debugger: (any LanguageDebugger)? { get }

  /// Gets ready for the first cell. Evaluator thread, once.
  ///
  /// - Parameter safePoint: to be passed between the steps of a running cell, so that comms and subshells need not wait
  ///   for its end.
  func start(safePoint: SafePoint)

  /// Runs a cell. Evaluator thread; for cells of subshells also in the middle of another, at its safe points.
  ///
  /// - Parameter output: takes what the cell prints and shows, from any thread, also after the cell has ended.
  func execute(_ request: ExecutionRequest, output: any OutputSink) -> ExecutionOutcome

  /// The value of an expression that the client wants to know after a cell. Evaluator thread.
  func evaluate(expression: String, output: any OutputSink) -> ExpressionOutcome

  /// News from the other side of a comm. Evaluator thread, between cells or at the safe points of one.
  ///
  /// - Returns: False for an opening to a target that the language does not have.
  func receive(_ event: CommEvent, output: any OutputSink) -> Bool

  /// What could stand at the cursor. Message thread, also while a cell runs.
  func complete(_ code: String, at cursor: Int) -> Completions

  /// What is known of the name at the cursor: its signature for detail 0, everything for 1. Message thread, also while
  /// a cell runs.
  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle?

  /// Whether code is ready to run. Message thread, also while a cell runs.
  func isComplete(_ code: String) -> Completeness

  /// Earlier inputs, oldest first. Message thread, also while a cell runs.
  func history(_ query: HistoryQuery) -> [HistoryEntry]

  /// Asks all that runs to end soon. Any thread, only while something runs; must return at once and not call the
  /// kernel.
  func interrupt()

  /// Forgets an earlier ``interrupt()``. Evaluator thread, just before each cell; never at the same time as
  /// ``interrupt()``.
  func clearInterrupt()

  /// Puts away what should outlive the kernel. Called once, at the end, by the thread that runs the server.
  func shutdown(restart: Bool)
}

extension LanguageHost {
  public var debugger: (any LanguageDebugger)? { nil }
  public func start(safePoint: SafePoint) {}
  public func receive(_ event: CommEvent, output: any OutputSink) -> Bool { false }
  public func shutdown(restart: Bool) {}
}

/// A cell to run.
public struct ExecutionRequest: Hashable, Sendable {
  public var code: String
  /// The cell's number, the kernel's to count.
  public var executionCount: Int
  /// Whether the cell goes to the history; never when silent.
  public var storesHistory: Bool
  public var isSilent: Bool
  /// The notebook's name for the cell.
  public var cellID: String?
  /// Cells the notebook no longer has.
  public var deletedCells: [String]

  public init(
    code: String, executionCount: Int, storesHistory: Bool = true, isSilent: Bool = false,
    cellID: String? = nil, deletedCells: [String] = []
  ) {
    self.code = code
    self.executionCount = executionCount
    self.storesHistory = storesHistory
    self.isSilent = isSilent
    self.cellID = cellID
    self.deletedCells = deletedCells
  }
}

/// How a cell ended.
public enum ExecutionOutcome: Sendable {
  /// It has a value to show, or none; each page opens in the client's pager.
  case ok(result: MIMEBundle? = nil, pages: [MIMEBundle] = [])
  case error(ExecutionError)
  /// An interrupt ended it. The kernel words this; ``error(_:)`` instead can say where it was.
  case interrupted
}

/// The value of a user expression, or why there is none.
public typealias ExpressionOutcome = Result<MIMEBundle, ExecutionError>
