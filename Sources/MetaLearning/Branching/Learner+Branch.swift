import NN

extension Learner {
  /// An independent learner that is where this one was after so many meta-updates, bit for bit: parameters, optimizer,
  /// history and the place in the stream of batches. Trained on the same batches it does what this one did; one change
  /// shows what that changes.
  ///
  /// Past states are kept now and then, those between are computed again from the last one before, on the batches of the
  /// training; their losses must be those of the history, so that a branch is exact or refused.
  ///
  /// - Parameters:
  ///   - iteration: nil for now.
  ///   - changes: what the branch does otherwise from there on.
  ///   - progress: called after each meta-update that is computed again, with the iteration and that of the state before.
  /// - Throws: ``LearningError/argument(type:reason:)`` for an iteration that is not known: before the learner was made or
  ///   loaded, or trained on batches that cannot be asked for again.
  public func branch(
    at iteration: Int? = nil, _ changes: LearnerChanges = LearnerChanges(),
    progress: ((_ iteration: Int, _ start: Int) throws -> Void)? = nil
  ) throws -> Self {
    let place = iteration ?? self.iteration
    guard (0...self.iteration).contains(place) else {
      throw refusal("there is no iteration \(place): \(self.iteration) are done")
    }
    // What cannot be changed is refused before anything is computed.
    let branch = try restarted(changes)
    let past = try place == self.iteration ? LearnerState(of: self) : pastState(at: place, progress)
    try past.restore(branch, from: "branch", includingOptimizer: changes.optimizer == nil)
    branch.state.history = history.until(place)
    branch.state.validations = validations.filter { $0.iteration <= place }
    return branch
  }

  private func pastState(at place: Int, _ progress: ((Int, Int) throws -> Void)?) throws -> LearnerState {
    guard let start = state.trail.state(upTo: place) else {
      throw refusal("iteration \(place) was not kept; \(knownPlaces)")
    }
    if start.iteration == place { return start }
    let again = try restarted()
    try start.restore(again, from: "branch")
    again.state.history = History(firstIteration: start.iteration)
    while again.iteration < place {
      guard let stretch = state.trail.stretch(at: again.iteration), let source = stretch.source as? Source
      else {
        throw refusal(
          "iteration \(place) was not kept, and what was trained on cannot be asked for again; \(knownPlaces)"
        )
      }
      let end = min(stretch.end ?? place, place)
      let steps = again.trainIter(source, maxBatches: end - again.iteration)
      while let outcome = try steps.next() {
        let done = again.iteration - 1
        guard outcome.meanLoss.bitPattern == history.loss(at: done)?.bitPattern else {
          throw refusal(
            "iteration \(place) cannot be computed again: the loss of iteration \(done) came out otherwise, so the model or its batches were changed meanwhile; \(knownPlaces)"
          )
        }
        try progress?(again.iteration, start.iteration)
      }
      guard again.iteration == end else {
        throw refusal("iteration \(place) cannot be computed again: its batches have ended; \(knownPlaces)")
      }
    }
    return try LearnerState(of: again)
  }

  private var knownPlaces: String {
    let kept = state.trail.states.map(\.iteration)
    guard !kept.isEmpty else { return "only \(iteration), which is now, is known" }
    let shown =
      kept.count <= 8
      ? kept.map(String.init)
      : kept.prefix(4).map(String.init) + ["…"]
        + kept.suffix(2).map(String.init)
    return "kept are \(shown.joined(separator: ", ")), and \(iteration) is now"
  }

  private func refusal(_ reason: String) -> LearningError {
    .argument(type: "\(String(describing: type(of: self))).branch", reason: reason)
  }
}
