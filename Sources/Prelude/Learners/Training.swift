import Display
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// The members every learner has: `trainIter`, `train`, `save`, `load`, and what it holds.
  ///
  /// - Parameters:
  ///   - batches: the parameter that says what to train on; `source` makes the learner's source of a parameter.
  ///   - changes: what a branch may vary besides the optimizer; `name` is what its example calls the learner.
  ///   - hosted: the outcome of a step as the language sees it.
  static func registerTraining<L: Learner & HostObject & SendableMetatype>(
    of _: L.Type, in type: TypeBuilder, on batches: Interpreter.Parameter,
    varying changes: [Interpreter.Parameter] = [], named name: String,
    source: @escaping @Sendable (Arguments, _ name: String, Evaluation) throws -> L.Source,
    hosted: @escaping @Sendable (L.Outcome) -> Value
  ) {
    type.method(
      "trainIter", [batches, .maxBatches], returns: .named("TrainingSteps"),
      Documentation(
        "Meta-updates to loop over; each is done before the loop's body runs.",
        example: "for r in maml.trainIter(tasks.batches(of: 25), maxBatches: 100) { print(r.meanOuterLoss) }",
        paper: "pytorch-maml train_iter",
        discussion:
          "The result has the numbers and gradients from before the update. A second call goes on where the first ended."
      )
    ) { arguments, evaluation in
      let learner = try arguments.receiver(as: L.self)
      let steps = learner.trainIter(
        try source(arguments, batches.name, evaluation), maxBatches: try arguments.count("maxBatches"))
      return TrainingSteps { try evaluation.training(learner) { try steps.next().map(hosted) } }.hosted
    }
    registerTrain(of: L.self, in: type, on: batches, source: source)
    registerBranch(of: L.self, in: type, varying: changes, named: name)
    type.property("model", .module, "The model that is trained.") { (learner: L, _) in .object(learner.model)
    }
    type.property("optimizer", .optional(.named("Optimizer")), "The learner's own copy of the optimizer.") {
      (learner: L, _) in learner.optimizer.map { .object($0) } ?? .null
    }
    type.property("iteration", .int, "How many meta-updates have been done.") { (learner: L, _) in
      .int(learner.iteration)
    }
    type.property(
      "secondsWaited", .double,
      "How long training has waited for its batches: about 0 when they are made in the background in time."
    ) { (learner: L, _) in .double(learner.secondsWaited) }
    type.property("history", .named("History"), "Every meta-update so far.") { (learner: L, _) in
      learner.history.hosted
    }
    type.property(
      "validations", .named("Table"), "What `train(…, validation:)` measured between meta-updates."
    ) { (learner: L, _) in learner.validationTable.hosted }
    type.method(
      "save", [.positional("file", .string, "the path of a safetensors file")],
      "Writes parameters, learned rates, optimizer and history."
    ) { arguments, _ in
      try Ranks.once { try arguments.receiver(as: L.self).save(path: try arguments.string("file")) }
      return .void
    }
    type.method(
      "load", [.positional("file", .string, "the path of a safetensors file")],
      "Reads what `save` wrote; training goes on from there."
    ) {
      arguments, _ in
      try arguments.receiver(as: L.self).load(path: try arguments.string("file"))
      return .void
    }
  }
}

extension Arguments {
  /// A number of things, 0 to 2⁴⁰.
  func count(_ name: String) throws -> Int {
    let count = try int(name)
    guard (0...(1 << 40)).contains(count) else {
      throw problem(name, "`\(name):` must be at least 0, not \(count)")
    }
    return count
  }
}

extension Evaluation {
  /// Runs steps of a learner, which ranks share for some learners.
  func training<Result>(_ learner: some Learner, _ body: () throws -> Result) throws -> Result {
    learner.sharesSteps ? try sharedByRanks(body) : try body()
  }

  /// Runs a training with a progress line and a growing loss curve.
  func showingProgress(
    _ title: String, total: Int, from start: Int,
    _ train: (_ report: @escaping (_ iteration: Int, _ loss: Double) throws -> Void) throws -> Value
  ) throws -> Value {
    let progress = TrainingProgress(title: title, total: total, start: start, sink: output)
    do {
      let result = try train { [self] iteration, loss in
        progress.update(iteration: iteration, loss: loss)
        try endStep()
      }
      progress.finish()
      return result
    } catch {
      progress.finish(interrupted: true)
      throw error
    }
  }
}

/// What `trainIter` gives: each step is done when it is asked for.
struct TrainingSteps: HostValue {
  let next: () throws -> Value?

  var hostTypeName: String { "TrainingSteps" }
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    ClosureIterator {
      try evaluation.endStep()
      return try next()
    }
  }
}
