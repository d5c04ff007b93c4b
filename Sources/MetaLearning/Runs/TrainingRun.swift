import NN

/// A training that lasts beyond its process: it leaves checkpoints and logs in a folder and goes on from there, with
/// the numbers that it would have had without a break.
///
/// The last checkpoint has everything that the next meta-update depends on: parameters, learned rates, the optimizer's
/// state and the iteration, which is the position in the stream of tasks and of random numbers. It is replaced as a
/// whole, so that the end of the process at any moment loses nothing older than it.
public final class TrainingRun<L: Learner> {
  public let learner: L
  /// Checkpoints and validations come after each so many meta-updates.
  public let every: Int
  private let folder: RunFolder
  /// nil on ranks that leave writing to the first.
  private let log: RunLog?
  /// The meta-updates that the last checkpoint took over from an earlier process; 0 for a new run.
  public let resumedFrom: Int
  /// Batches that the checkpoint is ahead of the learner as it was given.
  private var batchesToSkip: Int

  /// Opens the folder, and takes over the checkpoint in it if there is one.
  ///
  /// - Throws: ``LearningError/checkpoint(path:reason:)`` when the folder cannot be used, is used by another process, or
  ///   has a checkpoint of another learner or of an earlier iteration than the learner's.
  public init(_ learner: L, folder path: String, every: Int = 500) throws {
    try requireCount(every, "every", of: "TrainingRun")
    self.learner = learner
    self.every = every
    // The first rank makes it, and no other looks before.
    var own: RunFolder?
    try Ranks.once { own = try RunFolder(path) }
    folder = own ?? RunFolder(reading: path)
    let before = learner.iteration
    if folder.has(folder.last) {
      let saved = try Checkpoint(path: folder.last, of: learner)
      guard saved.iteration >= before else {
        throw LearningError.checkpoint(
          path: folder.last,
          reason:
            "it is of meta-update \(saved.iteration), but the learner has done \(before); use another folder")
      }
      try saved.restore(learner)
      resumedFrom = saved.iteration
    } else {
      resumedFrom = 0
    }
    batchesToSkip = learner.iteration - before
    // Read by all before the first rank writes again.
    try Ranks.once {}
    log = Ranks.isFirst ? try RunLog(folder, learner.state) : nil
  }

  /// Trains until so many meta-updates are done in all, or until the batches end.
  ///
  /// - Parameters:
  ///   - source: where the batches come from.
  ///   - iteration: how many meta-updates in all.
  ///   - validation: what the learner is measured on at each checkpoint; the best is kept in `best.safetensors`.
  ///   - progress: called after each update.
  /// - Returns: the history of this call. An interrupt or an error leaves a checkpoint of the last whole step.
  @discardableResult
  public func train(
    _ source: L.Source, until iteration: Int, validation: L.Source? = nil,
    progress: ((L.Outcome) throws -> Void)? = nil
  ) throws -> History {
    if batchesToSkip > 0, let sequential = source as? any SequentialSource {
      try sequential.skip(batchesToSkip)
    }
    batchesToSkip = 0
    let first = learner.iteration
    let steps = learner.trainIter(source, maxBatches: max(0, iteration - first))
    do {
      try Ranks.alike {
        // An earlier process may have ended between a checkpoint and its validation.
        if first > 0, first % every == 0 { try validate(on: validation) }
        while let outcome = try steps.next() {
          log?.add(outcome, at: learner.iteration)
          if learner.iteration % every == 0 {
            try log?.flush()
            try validate(on: validation)
            try save()
          }
          try progress?(outcome)
        }
        try log?.flush()
        try validate(on: validation)
        try save()
      }
    } catch {
      // The error that ended the training says more than one of saving it.
      try? log?.flush()
      try? save()
      throw error
    }
    return learner.history.from(first)
  }

  /// Measures the learner, unless it has been measured at this iteration, and keeps it if it is the best so far.
  private func validate(on source: L.Source?) throws {
    let (state, iteration) = (learner.state, learner.iteration)
    guard let source, iteration > 0, state.validations.last?.iteration != iteration else { return }
    let found = Validation(iteration: iteration, score: try learner.score(on: source))
    let best = state.validations.best
    state.validations.append(found)
    if best.map({ found.score.isBetter(than: $0.score) }) ?? true {
      try Ranks.once { try learner.save(path: folder.best) }
    }
    try log?.add(found)
    try log?.flush()
  }

  private func save() throws { try Ranks.once { try learner.save(path: folder.last) } }
}

/// Batches that come one after the other, whatever number they are asked for by.
public protocol SequentialSource {
  /// Goes past so many batches.
  func skip(_ count: Int) throws
}

extension GeneratedBatches: SequentialSource {
  public func skip(_ count: Int) throws {
    for index in 0..<count {
      guard try batch(at: index) != nil else { return }
    }
  }
}
