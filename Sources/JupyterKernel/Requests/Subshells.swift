/// The subshells there are: each is a line of requests of its own, served while a cell of the main shell runs. Any thread.
final class Subshells: Sendable {
  private let state = Monitor<(ids: [String], count: Int)>(([], 0))

  /// A new one; its id is counted.
  func create() -> String {
    state.withLock { state in
      state.count += 1
      let id = "subshell-\(state.count)"
      state.ids.append(id)
      return id
    }
  }

  /// - Returns: False when there is none of this id.
  func remove(_ id: String) -> Bool {
    state.withLock { state in
      guard let index = state.ids.firstIndex(of: id) else { return false }
      state.ids.remove(at: index)
      return true
    }
  }

  func contains(_ id: String) -> Bool { state.withLock { $0.ids.contains(id) } }

  /// All of them, the oldest first.
  var ids: [String] { state.withLock { $0.ids } }
}
