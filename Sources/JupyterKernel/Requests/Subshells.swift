internal import JupyterWire

/// The subshells there are: each is a line of requests of its own, served while a cell of the main shell runs. Any thread.
final class Subshells: Sendable {
  private let state = Monitor<[String]>([])

  /// A new one. Its id is drawn, so that a client of a kernel that was here before is not taken for another's.
  func create() -> String {
    let id = randomIdentifier()
    state.withLock { $0.append(id) }
    return id
  }

  /// - Returns: False when there is none of this id.
  func remove(_ id: String) -> Bool {
    state.withLock { ids in
      guard let index = ids.firstIndex(of: id) else { return false }
      ids.remove(at: index)
      return true
    }
  }

  func contains(_ id: String) -> Bool { state.withLock { $0.contains(id) } }

  /// All of them, the oldest first.
  var ids: [String] { state.withLock { $0 } }
}
