import Foundation
import Session
import TestSupport
import Testing

@Suite("History")
struct HistoryStoreTests {
  @Test("what one session ran is found by the next, duplicates and all, in the order it ran")
  func acrossSessions() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/state/innerloop/history.sqlite"
      let first = HistoryStore(path: path)
      first.append(line: 1, source: "let a = 1")
      first.append(line: 2, source: "a", output: "1")
      first.append(line: 3, source: "a")
      first.flush()
      let second = HistoryStore(path: path)
      second.append(line: 1, source: "func f() {\n  1\n}")
      #expect(second.session == first.session + 1)
      #expect(second.tail(3).map(\.source) == ["a", "a", "func f() {\n  1\n}"])
      #expect(second.tail(2, includeLatest: false).map(\.line) == [2, 3])
      #expect(second.range(session: -1).map(\.source) == ["let a = 1", "a", "a"])
      #expect(second.range(session: -1, start: 2, stop: 3).map(\.output) == ["1"])
      #expect(second.range().map(\.line) == [1])
      #expect(second.range(session: first.session, start: 3).count == 1)
      #expect(second.range(session: -7).isEmpty)
      #expect(second.takeWarning() == nil)
      #expect(HistoryStore(path: path).session == second.session + 1)
    }
  }

  @Test("a session without a line leaves no trace")
  func emptySession() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/h.sqlite"
      _ = HistoryStore(path: path).tail(5)
      #expect(HistoryStore(path: path).session == 1)
    }
  }

  @Test("negative lines count back from the end of the running session")
  func negativeLines() {
    let store = HistoryStore(path: nil)
    for line in 1...5 { store.append(line: line, source: "x\(line)") }
    #expect(store.range(start: -2).map(\.line) == [4, 5])
    #expect(store.range(start: 2, stop: -1).map(\.line) == [2, 3, 4])
    #expect(store.range(start: 0, stop: 0).count == 5)
    #expect(store.range(start: .min, stop: .max).count == 5)
    #expect(store.range(session: .min).isEmpty)
  }

  @Test(
    "patterns match whole sources with * and ?, everything else literally",
    arguments: [
      ("*", 5), ("let*", 2), ("*x*", 3), ("let ?", 2), ("x[0]*", 1), ("x", 0), ("", 0), ("*\nb*", 1),
      ("*' OR 1*", 0),
    ])
  func patterns(pattern: String, count: Int) {
    let store = HistoryStore(path: nil)
    for (index, source) in ["let x", "let y", "x[0] = 1", "x(損)", "a\nb"].enumerated() {
      store.append(line: index + 1, source: source)
    }
    #expect(store.search(pattern: pattern).count == count)
  }

  @Test("a search returns the newest, oldest first, and of equal sources the newest if asked")
  func search() {
    let store = HistoryStore(path: nil)
    for (index, source) in ["a1", "b", "a1", "a2", "a1"].enumerated() {
      store.append(line: index + 1, source: source)
    }
    #expect(store.search(pattern: "a*", count: 2).map(\.line) == [4, 5])
    #expect(store.search(pattern: "a*", unique: true).map(\.line) == [4, 5])
    #expect(store.search(pattern: "*", count: 2, unique: true).map(\.source) == ["a2", "a1"])
    #expect(store.search(count: 0).isEmpty)
    #expect(store.tail(0).isEmpty && store.tail(-3).isEmpty)
  }

  @Test("outputs are added to their line, very long ones are not kept")
  func outputs() {
    let store = HistoryStore(path: nil)
    store.append(line: 1, source: "1")
    store.setOutput("1", line: 1)
    store.append(line: 2, source: "2", output: String(repeating: "x", count: 100_000))
    #expect(store.tail(2).map(\.output) == ["1", nil])
  }

  @Test("what is recorded reaches the file by itself, a moment later")
  func writesBehind() throws {
    try withTemporaryFolder { folder in
      let store = HistoryStore(path: folder + "/h.sqlite")
      store.append(line: 1, source: "1 + 1")
      store.setOutput("2", line: 1)
      let reader = HistoryStore(path: folder + "/h.sqlite")
      let deadline = ContinuousClock.now + .seconds(10)
      while reader.tail(1).isEmpty, .now < deadline { sched_yield() }
      #expect(reader.tail(1).map(\.output) == ["2"])
    }
  }

  @Test("only the owner can read the files")
  func mode() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/new/h.sqlite"
      let store = HistoryStore(path: path)
      store.append(line: 1, source: "secret")
      for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/new") {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/new/" + name)
        #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/new")
      #expect(attributes[.posixPermissions] as? Int == 0o700)
    }
  }

  @Test("a file that is no history, a folder and a bad path leave history in memory with one warning")
  func unusable() throws {
    try withTemporaryFolder { folder in
      let noise = folder + "/noise.sqlite"
      try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37) }).write(to: URL(fileURLWithPath: noise))
      let before = try Data(contentsOf: URL(fileURLWithPath: noise))
      for path in [noise, folder, noise + "/below/h.sqlite", "/dev/null", "/proc/none/h.sqlite", "a\u{0}b"] {
        let store = HistoryStore(path: path)
        store.append(line: 1, source: "kept")
        #expect(store.tail(1).map(\.source) == ["kept"])
        #expect(store.takeWarning()?.hasPrefix("history is not kept: ") == true)
        #expect(store.takeWarning() == nil)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: noise)) == before)
    }
  }

  @Test("history from a newer version is left alone")
  func newer() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/h.sqlite"
      HistoryStore(path: path).append(line: 1, source: "x")
      // The schema version is the big-endian number at byte 60 of the file.
      let file = try #require(FileHandle(forUpdatingAtPath: path))
      try file.seek(toOffset: 60)
      try file.write(contentsOf: Data([0, 0, 0, 99]))
      try file.close()
      let store = HistoryStore(path: path)
      #expect(store.takeWarning()?.contains("newer Innerloop") == true)
      #expect(store.tail(5).isEmpty)
    }
  }

  @Test("sessions that write at the same time lose nothing")
  func concurrent() async throws {
    let folder = NSTemporaryDirectory() + "history-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/h.sqlite"
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let store = HistoryStore(path: path)
          for line in 1...50 { store.append(line: line, source: "line \(line)") }
        }
      }
    }
    let store = HistoryStore(path: path)
    #expect(store.tail(1000).count == 200)
    for session in 1...4 {
      #expect(store.range(session: session).map(\.line) == Array(1...50))
    }
    #expect(store.takeWarning() == nil)
  }

  @Test("the place follows the environment and the XDG rules")
  func location() {
    #expect(HistoryStore.path(override: "/x/h", stateHome: "/s", home: "/h") == "/x/h")
    #expect(HistoryStore.path(override: "", stateHome: "/s", home: "/h") == nil)
    #expect(HistoryStore.path(override: nil, stateHome: "/s", home: "/h") == "/s/innerloop/history.sqlite")
    #expect(
      HistoryStore.path(override: nil, stateHome: "relative", home: "/h")
        == "/h/.local/state/innerloop/history.sqlite")
    #expect(HistoryStore.path(override: nil, stateHome: nil, home: nil) == nil)
  }
}
