import Display
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// `train`: for so many meta-updates, or as a run that lasts beyond the session.
  static func registerTrain<L: Learner & HostObject & SendableMetatype>(
    of _: L.Type, in type: TypeBuilder, on batches: Interpreter.Parameter,
    source: @escaping @Sendable (Arguments, _ name: String, Evaluation) throws -> L.Source
  ) {
    type.method(
      "train",
      [
        batches, .maxBatches,
        .labelled(
          "until", .int, default: nil, "the meta-update to reach, in place of a number of further ones"),
        .labelled(
          "checkpoints", .string, default: nil,
          "a folder to leave checkpoints and logs in, and to go on from"),
        .labelled("every", .int, default: 500, "meta-updates from checkpoint to checkpoint"),
        .labelled(
          "validation", .any, default: nil,
          "what to measure the learner on at each checkpoint; the best one is kept"),
      ], returns: .named("History"),
      Documentation(
        "Meta-trains, showing progress, and gives the history of this call.",
        example: "let h = maml.train(tasks.batches(of: 25), maxBatches: 500)",
        discussion:
          """
          Starts at batch `iteration`, so that a second call goes on. An interrupt keeps the last whole step.

          With `until: 60000, checkpoints: "runs/a"` the same call, in a new session as well, goes on from the last \
          checkpoint with the numbers of an unbroken run. The folder has `last.safetensors`, `best.safetensors` by \
          validation accuracy (or loss), `training.csv`, `validation.csv` and TensorBoard's events.
          """
      )
    ) { arguments, evaluation in
      let learner = try arguments.receiver(as: L.self)
      let trained = try source(arguments, batches.name, evaluation)
      let validation =
        arguments["validation"].isNull ? nil : try source(arguments, "validation", evaluation)
      guard let folder = arguments["checkpoints"].stringValue else {
        guard validation == nil else {
          throw arguments.problem("validation", "`validation:` needs a folder, `checkpoints:`, for the best")
        }
        let end =
          try arguments.optionalInt("until") ?? learner.iteration + arguments.count("maxBatches")
        return try evaluation.showingProgress("training", total: end, from: learner.iteration) { report in
          try evaluation.training(learner) {
            try learner.train(trained, maxBatches: max(0, end - learner.iteration)) { outcome in
              try report(learner.iteration, outcome.meanLoss)
            }.hosted
          }
        }
      }
      guard let end = try arguments.optionalInt("until") else {
        throw arguments.problem(
          "checkpoints",
          "`checkpoints:` needs `until:`, the meta-update to reach, so that the same call ends there however often it is started"
        )
      }
      let run = try TrainingRun(learner, folder: folder, every: try arguments.int("every"))
      if run.resumedFrom > 0 {
        evaluation.learnerNote(
          "\(folder): going on from meta-update \(NumberText.grouped(run.resumedFrom))")
      }
      return try evaluation.showingProgress("training", total: end, from: learner.iteration) { report in
        try evaluation.training(learner) {
          try run.train(trained, until: end, validation: validation) { outcome in
            try report(learner.iteration, outcome.meanLoss)
          }.hosted
        }
      }
    }
  }
}

extension Learner {
  var validationTable: DataTable {
    var columns = [
      DataTable.Column("iteration", validations.map(\.iteration)),
      .init("loss", validations.map(\.score.loss)),
    ]
    let accuracies = validations.compactMap(\.score.accuracy)
    if !accuracies.isEmpty { columns.append(.init("accuracy", accuracies)) }
    return DataTable(columns)
  }
}
