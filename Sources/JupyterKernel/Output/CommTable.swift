/// The comms that are open, with the names of their targets. Any thread.
final class CommTable: Sendable {
  private let state = Monitor<(targets: [String: String], count: Int)>(([:], 0))

  /// A new comm of the program. Its id is counted, not drawn, so that a notebook stores the same at each execution.
  func open(_ target: String) -> String {
    state.withLock { state in
      state.count += 1
      let id = "comm-\(state.count)"
      state.targets[id] = target
      return id
    }
  }

  /// A comm that the front end has opened.
  func add(_ id: String, target: String) { state.withLock { $0.targets[id] = target } }

  func remove(_ id: String) { state.withLock { $0.targets[id] = nil } }

  func isOpen(_ id: String) -> Bool { state.withLock { $0.targets[id] != nil } }

  /// Those of a target, or all, in a lasting order.
  func list(target: String?) -> [(id: String, target: String)] {
    state.withLock { state in
      state.targets.filter { target == nil || $0.value == target }.sorted { $0.key < $1.key }
        .map { ($0.key, $0.value) }
    }
  }
}
