import NN

/// What a copy of a learner does otherwise than the learner. nil leaves a setting as it is.
public struct LearnerChanges {
  /// A fixed α.
  public var stepSize: Double?
  public var numAdaptationSteps: Int?
  public var firstOrder: Bool?
  /// β of ``MLDG``.
  public var beta: Double?
  /// The rate of the outer loop's optimizer, which keeps its state.
  public var learningRate: LearningRate?
  /// Another optimizer of the outer loop, which begins without a state.
  public var optimizer: Optimizer?
  /// Which random choices a learner makes that makes some; others have none to change.
  var seed: UInt64?

  public init() {}

  /// A setting that only some learners have.
  enum Setting: String {
    case stepSize, numAdaptationSteps, firstOrder, beta
  }

  private var given: [Setting] {
    var all: [Setting] = []
    if stepSize != nil { all.append(.stepSize) }
    if numAdaptationSteps != nil { all.append(.numAdaptationSteps) }
    if firstOrder != nil { all.append(.firstOrder) }
    if beta != nil { all.append(.beta) }
    return all
  }

  /// Refuses settings that are given and not known to a kind of learner, and rates that are none.
  func require(_ known: Set<Setting>, of type: String) throws {
    if let setting = given.first(where: { !known.contains($0) }) {
      throw LearningError.argument(type: type, reason: "it has no \(setting.rawValue) that could be changed")
    }
    if case .constant(let rate)? = learningRate, !(rate >= 0 && rate.isFinite) {
      throw LearningError.argument(
        type: type, reason: "the learning rate is \(rate), it must not be negative")
    }
    if let stepSize, !stepSize.isFinite {
      throw LearningError.argument(type: type, reason: "stepSize is \(stepSize), it must be finite")
    }
  }

  /// The optimizer of a copy: another one, or one with the settings of the learner's.
  func optimizer(of learner: some Learner) -> Optimizer? {
    let chosen = optimizer?.copy() ?? learner.optimizer?.restarted()
    if let learningRate { chosen?.learningRate = learningRate }
    return chosen
  }
}

extension Learner {
  public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "makeCopy")
  }

  /// A learner of the same kind and settings, over a copy of the model, that has not trained.
  ///
  /// - Parameter prepare: changes the copy of the model before the learner is made.
  func restarted(
    _ changes: LearnerChanges = LearnerChanges(), prepare: (Module) throws -> Void = { _ in }
  ) throws -> Self {
    let model = try model.copy()
    try prepare(model)
    guard let copy = try makeCopy(model, changes) as? Self else {
      throw NNError.notImplemented(
        module: String(describing: type(of: self)), method: "makeCopy of its own type")
    }
    if let copy = copy as? EpisodicLearner, let own = self as? EpisodicLearner {
      copy.strategy = own.strategy
    }
    return copy
  }
}
