import NN

/// The numbers of a training run for people and other programs: CSV files and TensorBoard's events.
final class RunLog {
  private let training: AppendedFile
  private let validation: AppendedFile
  private let events: EventLog
  private var rows = ""

  /// Opens the logs, cut off where the learner's history ends: what came after it was lost with its parameters.
  init(_ folder: RunFolder, _ state: TrainingState) throws {
    let history = state.history
    let unlabelled = history.losses.count - history.accuracies.count
    var text = Self.header
    for (place, loss) in history.losses.enumerated() {
      let accuracy = place < unlabelled ? nil : history.accuracies[place - unlabelled]
      text += Self.row(history.firstIteration + place + 1, Score(loss: loss, accuracy: accuracy))
    }
    training = try Self.restarted("\(folder.path)/training.csv", text)
    validation = try Self.restarted(
      "\(folder.path)/validation.csv",
      state.validations.reduce(Self.header) { $0 + Self.row($1.iteration, $1.score) })
    events = try EventLog(folder: folder.path, after: state.iteration)
  }

  func add(_ outcome: some StepOutcome, at iteration: Int) {
    let score = Score(loss: outcome.meanLoss, accuracy: outcome.meanAccuracy)
    rows += Self.row(iteration, score)
    events.add(Self.scalars(score), at: iteration)
  }

  func add(_ found: Validation) throws {
    try validation.append(Array(Self.row(found.iteration, found.score).utf8))
    events.add(Self.scalars(found.score, prefix: "validation/"), at: found.iteration)
  }

  /// Writes what was added.
  func flush() throws {
    try training.append(Array(rows.utf8))
    rows = ""
    try events.flush()
  }

  private static let header = "iteration,loss,accuracy\n"

  private static func row(_ iteration: Int, _ score: Score) -> String {
    "\(iteration),\(score.loss),\(score.accuracy.map { "\($0)" } ?? "")\n"
  }

  private static func scalars(_ score: Score, prefix: String = "") -> [(name: String, value: Double)] {
    [("\(prefix)loss", score.loss)] + (score.accuracy.map { [("\(prefix)accuracy", $0)] } ?? [])
  }

  private static func restarted(_ path: String, _ text: String) throws -> AppendedFile {
    try writeAtomically(path) { write in try Array(text.utf8).withUnsafeBytes { try write($0) } }
    return try AppendedFile(path)
  }
}
