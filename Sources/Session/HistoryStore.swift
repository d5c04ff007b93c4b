import Dispatch
import Synchronization

/// What was run, over all sessions of all front ends, in one SQLite file.
///
/// Several processes may use the file at once. When it cannot be used, history is kept in memory for this session
/// and ``takeWarning()`` says why, once. Any thread may call it; no call throws or waits longer than two seconds.
/// What is recorded reaches the file a moment later, so that no cell waits for it; questions are answered as if it had
/// been written, and whoever ends the program calls ``flush()``.
public final class HistoryStore: Sendable {
  /// One cell or line that was run.
  public struct Entry: Hashable, Sendable {
    /// The number of its session in the store.
    public let session: Int
    /// Its number in the session: what `In [n]` shows.
    public let line: Int
    public let source: String
    /// The text of its result, where that was recorded.
    public let output: String?

    package init(session: Int, line: Int, source: String, output: String?) {
      self.session = session
      self.line = line
      self.source = source
      self.output = output
    }
  }

  private struct State {
    var database: HistoryDatabase?
    /// The number of this session; nil until something needs it, so that sessions without a line leave no trace.
    var session: Int?
    var isInMemory = false
    var warning: String?
    /// Recorded, not yet written.
    var pending: [Change] = []
  }

  private enum Change {
    case insert(line: Int, source: String, output: String?)
    case setOutput(String, line: Int)
  }

  /// How long what is recorded is collected before it is written.
  private static let pause = DispatchTimeInterval.milliseconds(20)
  private static let writer = DispatchQueue(label: "innerloop.history", qos: .utility)

  private let state: Mutex<State>
  private let path: String?

  /// Opens the store at a path, or one in memory for nil.
  public init(path: String?) {
    self.path = path
    var state = State()
    if let path {
      do throws(HistoryDatabase.Failure) {
        state.database = try HistoryDatabase(path: path)
      } catch {
        state.warning = Self.warning(path, error)
      }
    }
    if state.database == nil {
      state.database = try? HistoryDatabase(path: nil)
      state.isInMemory = true
    }
    self.state = Mutex(state)
  }

  deinit { flush() }

  /// Writes what has been recorded.
  public func flush() {
    state.withLock { write(&$0) }
  }

  /// Why history is not kept in the file, the first time it is asked; nil when it is.
  public func takeWarning() -> String? {
    state.withLock { state in
      defer { state.warning = nil }
      return state.warning
    }
  }

  /// The number of this session in the store.
  public var session: Int {
    state.withLock { currentSession(&$0) }
  }

  /// Records what was run. `line` is its execution count; outputs over 64 KB are not kept.
  public func append(line: Int, source: String, output: String? = nil) {
    let output = output.flatMap { $0.utf8.count <= 1 << 16 ? $0 : nil }
    record(.insert(line: line, source: source, output: output))
  }

  /// Adds the text of its result to a line of this session.
  public func setOutput(_ output: String, line: Int) {
    guard output.utf8.count <= 1 << 16 else { return }
    record(.setOutput(output, line: line))
  }

  private func record(_ change: Change) {
    let isFirst = state.withLock { state in
      state.pending.append(change)
      return state.pending.count == 1
    }
    if isFirst { Self.writer.asyncAfter(deadline: .now() + Self.pause) { [weak self] in self?.flush() } }
  }

  /// The newest `count` entries of all sessions, oldest first. Without `includeLatest` the newest, which is
  /// the line that asks, is left out.
  public func tail(_ count: Int, includeLatest: Bool = true) -> [Entry] {
    let limit = min(max(count, 0), 1_000_000) + (includeLatest ? 0 : 1)
    let newest = query { (database) throws(HistoryDatabase.Failure) in try database.newest(limit) }
    return Array((includeLatest ? newest[...] : newest.dropFirst()).reversed())
  }

  /// The entries of one session whose line is at least `start` and below `stop` (nil: to the end).
  ///
  /// Session 0 is this one, negative numbers count back from it. In this session negative lines count back from its
  /// end.
  public func range(session: Int = 0, start: Int = 1, stop: Int? = nil) -> [Entry] {
    let current = self.session
    let isRelative = session <= 0
    let (sum, overflow) = current.addingReportingOverflow(session)
    let number = isRelative ? (overflow ? 0 : sum) : session
    let entries = query { (database) throws(HistoryDatabase.Failure) in
      try database.entries(session: number)
    }
    let end = (entries.map(\.line).max() ?? 0) + 1
    func absolute(_ line: Int) -> Int {
      line < 0 && number == current ? max(end + max(line, -end), 1) : line
    }
    let first = absolute(start)
    let last = stop.map { $0 == 0 ? end : absolute($0) } ?? Int.max
    return entries.filter { $0.line >= first && $0.line < last }
  }

  /// The entries whose whole source matches a pattern in which `*` stands for anything and `?` for one character,
  /// oldest first: the newest `count` of them, or all for nil. With `unique`, of equal sources only the newest.
  public func search(pattern: String = "*", count: Int? = nil, unique: Bool = false) -> [Entry] {
    let limit = count.map { min(max($0, 0), 1_000_000) }
    let found = query { (database) throws(HistoryDatabase.Failure) in
      // SQLite's own pattern language has character sets too; here a bracket is a bracket.
      try database.matching(
        pattern.split(separator: "[", omittingEmptySubsequences: false).joined(separator: "[[]"),
        limit: limit, unique: unique)
    }
    return found.reversed()
  }

  private func query(
    _ body: (HistoryDatabase) throws(HistoryDatabase.Failure) -> [Entry]
  ) -> [Entry] {
    state.withLock { state in
      write(&state)
      guard let database = state.database else { return [] }
      do throws(HistoryDatabase.Failure) {
        return try body(database)
      } catch {
        moveToMemory(&state, because: error)
        return state.database.flatMap { try? body($0) } ?? []
      }
    }
  }

  private func write(_ state: inout State) {
    if state.pending.isEmpty { return }
    let session = currentSession(&state)
    let changes = state.pending
    state.pending = []
    let writeAll = { (database: HistoryDatabase) throws(HistoryDatabase.Failure) in
      try database.transaction { () throws(HistoryDatabase.Failure) in
        for change in changes {
          switch change {
          case .insert(let line, let source, let output):
            try database.insert(Entry(session: session, line: line, source: source, output: output))
          case .setOutput(let output, let line):
            try database.setOutput(output, session: session, line: line)
          }
        }
      }
    }
    guard let database = state.database else { return }
    do throws(HistoryDatabase.Failure) {
      try writeAll(database)
    } catch {
      moveToMemory(&state, because: error)
      if let database = state.database { try? writeAll(database) }
    }
  }

  private func currentSession(_ state: inout State) -> Int {
    if let session = state.session { return session }
    var number = 1
    if let database = state.database {
      do throws(HistoryDatabase.Failure) {
        number = try database.beginSession()
      } catch {
        moveToMemory(&state, because: error)
        number = state.database.flatMap { try? $0.beginSession() } ?? 1
      }
    }
    state.session = number
    return number
  }

  /// When the file stops working (a full disk, another process that holds it), what can still be read goes on in
  /// memory.
  private func moveToMemory(_ state: inout State, because failure: HistoryDatabase.Failure) {
    if state.isInMemory { return }
    state.isInMemory = true
    if let path { state.warning = Self.warning(path, failure) }
    let recent = (try? state.database?.newest(1000)) ?? []
    state.database = try? HistoryDatabase(path: nil)
    for entry in recent.reversed() { try? state.database?.insert(entry) }
  }

  private static func warning(_ path: String, _ failure: HistoryDatabase.Failure) -> String {
    "history is not kept: \(failure.reason) (\(path))"
  }
}
