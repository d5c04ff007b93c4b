import Display
import Interpreter
import MetaLearning
import NN

extension Interpreter.Parameter {
  private static func changed(_ name: String, _ type: TypeReference, _ what: String) -> Interpreter.Parameter
  {
    labelled(name, .optional(type), default: nil, "\(what), from there on")
  }

  /// What a branch of a learner of tasks may do otherwise, besides its optimizer.
  static let mamlChanges = [
    changed("stepSize", .double, "another α"),
    changed("numAdaptationSteps", .int, "another number of inner steps"),
    changed("firstOrder", .bool, "without second derivatives, or with them"),
  ]

  static let mldgChanges = [
    changed("stepSize", .double, "another α"), changed("beta", .double, "another β"),
    changed("firstOrder", .bool, "without second derivatives, or with them"),
  ]

  fileprivate static let optimizerChanges = [
    changed("lr", .learningRate, "another rate of the outer loop; the optimizer keeps its state"),
    changed("optimizer", .named("Optimizer"), "another optimizer of the outer loop, which begins anew"),
  ]
}

extension InnerloopLanguage {
  /// `branch(at:)`.
  ///
  /// - Parameters:
  ///   - changes: what may be varied besides the optimizer.
  ///   - name: what the example calls the learner.
  static func registerBranch<L: Learner & HostObject & SendableMetatype>(
    of _: L.Type, in type: TypeBuilder, varying changes: [Interpreter.Parameter], named name: String
  ) {
    type.method(
      "branch",
      [.labelled("at", .optional(.int), default: nil, "after how many meta-updates; nil for now")] + changes
        + Interpreter.Parameter.optimizerChanges,
      returns: type.reference,
      Documentation(
        "An independent learner that is where this one was after so many meta-updates, bit for bit.",
        example: "let b = \(name).branch(\(changes.isEmpty ? "lr: 0.01" : "stepSize: 0.01"))",
        discussion:
          """
          Without a change it goes on as this learner did: same parameters, optimizer, history and place in the stream \
          of batches. Past states are kept now and then; those between are computed again on the batches that were \
          trained on. Where that cannot be exact, as with batches of a loop's own, the kept iterations are named.
          """)
    ) { arguments, evaluation in
      let learner = try arguments.receiver(as: L.self)
      var changes = LearnerChanges()
      changes.stepSize = arguments["stepSize"].numericValue
      changes.numAdaptationSteps = arguments["numAdaptationSteps"].intValue
      changes.firstOrder = arguments["firstOrder"].boolValue
      changes.beta = arguments["beta"].numericValue
      changes.optimizer = try arguments.optionalObject("optimizer")
      if !arguments["lr"].isNull { changes.learningRate = try arguments.learningRate("lr", evaluation) }
      let place = try arguments.optionalInt("at") ?? learner.iteration
      return .object(try evaluation.branch(learner, at: place, changes))
    }
  }
}

extension Evaluation {
  /// Steps that are computed again show no progress where there are fewer of them.
  private static let shownSteps = 500

  fileprivate func branch<L: Learner>(_ learner: L, at place: Int, _ changes: LearnerChanges) throws -> L {
    var progress: TrainingProgress?
    do {
      let branch = try learner.branch(at: place, changes) { [self] iteration, start in
        if progress == nil, place - start >= Self.shownSteps {
          progress = TrainingProgress(title: "branching", total: place, start: start, sink: output)
        }
        progress?.update(iteration: iteration, detail: "computed again")
        try endStep()
      }
      progress?.finish()
      return branch
    } catch {
      progress?.finish(interrupted: true)
      throw error
    }
  }
}
