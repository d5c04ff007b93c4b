/// The requests of one shell or subshell that wait for the evaluator, in the order they came.
struct Line {
  var waiting: [Job] = []
  var runsCell = false
  var hearsComm = false

  var isIdle: Bool { waiting.isEmpty && !runsCell && !hearsComm }

  /// The next that may begin: a cell when nothing of this line is under way, news of a comm also while a cell runs.
  mutating func next() -> Job? {
    guard !hearsComm, let first = waiting.first else { return nil }
    switch first {
    case .cell:
      if runsCell { return nil }
      runsCell = true
    case .comm: hearsComm = true
    }
    return waiting.removeFirst()
  }
}
