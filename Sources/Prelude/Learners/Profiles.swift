import Display
import Interpreter
import MetaLearning

extension OperationProfile {
  /// A row for each operation, the costliest first; then what lies between the kernels, and the whole step.
  public var dataTable: DataTable {
    let seconds = rows.map(\.seconds) + [otherSeconds, stepSeconds]
    return DataTable(
      [
        .init("operation", rows.map(\.operation) + ["between kernels", "step"]),
        .init("kernels", rows.map(\.calls) + [nil, rows.reduce(0) { $0 + $1.calls }]),
        .init("ms", seconds.map { 1000 * $0 }),
        .init("% of step", seconds.map { stepSeconds > 0 ? (1000 * $0 / stepSeconds).rounded() / 10 : 0 }),
      ],
      note: isReplayed
        ? "one step on a batch, replayed as in training; the optimizer's update is not in it"
        : "one step on a batch, computed anew as in training; the optimizer's update is not in it")
  }
}

extension Interpreter.Parameter {
  static let repeats = labelled(
    "repeats", .int, default: 10, "so many steps are timed and averaged, after one that is not")
}

extension InnerloopLanguage {
  /// The method `profile` of a learner of tasks.
  static func registerProfile<L: EpisodicLearner & SendableMetatype>(of _: L.Type, in type: TypeBuilder) {
    type.method(
      "profile", [.positional("batch", .named("Batch"), "a Batch, or an array of tasks"), .repeats],
      returns: .named("Table"), .profile(example: "maml.profile(tasks.batch(25))")
    ) { arguments, _ in
      try arguments.receiver(as: L.self).profile(
        try arguments.boxed("batch"), repeats: try arguments.int("repeats")
      ).dataTable.hosted
    }
  }
}

extension Documentation {
  /// Of the method `profile`.
  static func profile(example: String) -> Documentation {
    Documentation(
      "Where the time of a meta-training step goes, by operation. Nothing is updated.", example: example)
  }
}
