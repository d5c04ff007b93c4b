import CSQLite
import Glibc

/// The SQLite file behind ``HistoryStore``. Sendable because every call is made under that store's lock.
final class HistoryDatabase: @unchecked Sendable {
  /// What SQLite or the file system refused.
  struct Failure: Error {
    let reason: String
  }

  private static let schemaVersion = 1
  private static let schema = """
    CREATE TABLE IF NOT EXISTS sessions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      started INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS entries (
      id INTEGER PRIMARY KEY,
      session INTEGER NOT NULL,
      line INTEGER NOT NULL,
      source TEXT NOT NULL,
      output TEXT
    );
    CREATE INDEX IF NOT EXISTS entries_by_line ON entries (session, line);
    PRAGMA user_version = \(schemaVersion);
    """

  private let handle: OpaquePointer

  /// Opens or creates the file, readable and writable by its owner only; nil opens a database in memory.
  init(path: String?) throws(Failure) {
    if let path { try Self.prepareFile(path) }
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path ?? ":memory:", &opened, flags, nil)
    guard let opened else { throw Failure(reason: "out of memory") }
    handle = opened
    guard code == SQLITE_OK else { throw failure() }
    // The last transactions may be lost with the machine, never the file; and no line waits for the disk.
    sqlite3_busy_timeout(handle, 2000)
    // Another process may just be switching the mode; a file that is no database shows in the next statement.
    try? execute("PRAGMA journal_mode = WAL")
    try execute("PRAGMA synchronous = NORMAL")
    let version = try rows("PRAGMA user_version", []) { Int(sqlite3_column_int64($0, 0)) }.first ?? 0
    if version > Self.schemaVersion { throw Failure(reason: "the file is from a newer Innerloop") }
    if version < Self.schemaVersion {
      try execute("BEGIN IMMEDIATE;")
      try execute(Self.schema + "COMMIT;")
    }
  }

  deinit { sqlite3_close_v2(handle) }

  /// Makes the folder and the file, so that neither is ever readable by others.
  private static func prepareFile(_ path: String) throws(Failure) {
    if path.utf8.contains(0) { throw Failure(reason: "the path has a zero character in it") }
    var folder = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/").dropLast() {
      folder += part + "/"
      if mkdir(folder, 0o700) != 0 && errno != EEXIST {
        // A folder above that exists but forbids new ones shows when the file is opened.
        if errno != EROFS && errno != EACCES { throw systemFailure() }
      }
    }
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    if file < 0 { throw systemFailure() }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(reason: "it is not a regular file")
    }
    if status.st_mode & 0o077 != 0 { fchmod(file, 0o600) }
  }

  private static func systemFailure() -> Failure {
    Failure(reason: String(cString: strerror(errno)))
  }

  private func failure() -> Failure {
    Failure(reason: String(cString: sqlite3_errmsg(handle)))
  }

  /// Makes all changes of `body`, or none.
  func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
    try execute("BEGIN IMMEDIATE")
    do throws(Failure) {
      try body()
      try execute("COMMIT")
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Records a new session and returns its number.
  func beginSession() throws(Failure) -> Int {
    try change("INSERT INTO sessions (started) VALUES (?)", [.integer(time(nil))])
    return Int(sqlite3_last_insert_rowid(handle))
  }

  func insert(_ entry: HistoryStore.Entry) throws(Failure) {
    try change(
      "INSERT INTO entries (session, line, source, output) VALUES (?, ?, ?, ?)",
      [
        .integer(entry.session), .integer(entry.line), .text(entry.source),
        entry.output.map { .text($0) } ?? .null,
      ])
  }

  func setOutput(_ output: String, session: Int, line: Int) throws(Failure) {
    try change(
      "UPDATE entries SET output = ? WHERE session = ? AND line = ?",
      [.text(output), .integer(session), .integer(line)])
  }

  /// The newest entries, newest first.
  func newest(_ limit: Int) throws(Failure) -> [HistoryStore.Entry] {
    try entries("ORDER BY id DESC LIMIT ?", [.integer(limit)])
  }

  /// The entries of one session in the order they were made.
  func entries(session: Int) throws(Failure) -> [HistoryStore.Entry] {
    try entries("WHERE session = ? ORDER BY id", [.integer(session)])
  }

  /// The entries that match one of SQLite's GLOB patterns, newest first.
  func matching(_ glob: String, limit: Int?, unique: Bool) throws(Failure) -> [HistoryStore.Entry] {
    let newestOfEqual = "AND id IN (SELECT max(id) FROM entries GROUP BY source) "
    return try entries(
      "WHERE source GLOB ? " + (unique ? newestOfEqual : "") + "ORDER BY id DESC LIMIT ?",
      [.text(glob), .integer(limit ?? -1)])
  }

  // MARK: SQLite

  private enum Value {
    case integer(Int)
    case text(String)
    case null
  }

  private func execute(_ statements: String) throws(Failure) {
    if sqlite3_exec(handle, statements, nil, nil, nil) != SQLITE_OK {
      let error = failure()
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  private func change(_ statement: String, _ values: [Value]) throws(Failure) {
    _ = try rows(statement, values) { _ in 0 }
  }

  private func entries(_ condition: String, _ values: [Value]) throws(Failure) -> [HistoryStore.Entry] {
    try rows("SELECT session, line, source, output FROM entries " + condition, values) { row in
      HistoryStore.Entry(
        session: Int(sqlite3_column_int64(row, 0)), line: Int(sqlite3_column_int64(row, 1)),
        source: Self.text(row, 2) ?? "", output: Self.text(row, 3))
    }
  }

  private func rows<Row>(
    _ statement: String, _ values: [Value], _ read: (OpaquePointer) -> Row
  ) throws(Failure) -> [Row] {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(handle, statement, -1, &prepared, nil) == SQLITE_OK, let prepared else {
      throw failure()
    }
    defer { sqlite3_finalize(prepared) }
    // SQLITE_TRANSIENT: SQLite copies the text.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      let code =
        switch value {
        case .integer(let number): sqlite3_bind_int64(prepared, place, Int64(number))
        case .text(let text):
          sqlite3_bind_text(prepared, place, text, Int32(clamping: text.utf8.count), transient)
        case .null: sqlite3_bind_null(prepared, place)
        }
      guard code == SQLITE_OK else { throw failure() }
    }
    var result: [Row] = []
    while true {
      switch sqlite3_step(prepared) {
      case SQLITE_ROW: result.append(read(prepared))
      case SQLITE_DONE: return result
      default: throw failure()
      }
    }
  }

  private static func text(_ row: OpaquePointer, _ column: Int32) -> String? {
    guard let bytes = sqlite3_column_text(row, column) else { return nil }
    let count = Int(sqlite3_column_bytes(row, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}
