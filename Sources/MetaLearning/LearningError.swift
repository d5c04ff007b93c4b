import ArrayCore
import NN

/// What can go wrong in tasks and learners, as data; `description` is the only place that words it.
public enum LearningError: Error, Sendable, CustomStringConvertible {
  case sampleCountsDiffer(inputs: Shape, targets: Shape)
  case emptyBatch
  case taskOutOfRange(index: Int, count: Int?)
  case noTestSet
  case labelsNeeded
  case shapesDiffer(what: String)
  case nothingToAdapt(model: String, patterns: [String], known: [String])
  case allFrozen(model: String, names: [String])
  case nothingToLearn(model: String, isFrozen: Bool)
  case lossNotScalar(Shape)
  case unknownStepSize(name: String, known: [String])
  case stepSizeShape(name: String, expected: Shape, found: Shape)
  case noOptimizer(learner: String)
  case noBatches
  case unknownDomain(name: String, known: [String])
  case domainOutOfRange(index: Int, known: [String])
  case argument(type: String, reason: String)
  case checkpoint(path: String, reason: String)
  /// Another rank of the job failed.
  case rank(Int, reason: String)
  /// Another rank of the job is at another place of the program.
  case ranksApart
  /// The ranks of the job would train a learner that is not the same on all.
  case ranksDiffer
  /// A batch of which other ranks have the rest of the tasks.
  case partOfBatch

  public var description: String {
    switch self {
    case .sampleCountsDiffer(let inputs, let targets):
      return "inputs \(inputs) and targets \(targets) have different numbers of samples"
    case .emptyBatch:
      return "a batch needs at least one task"
    case .taskOutOfRange(let index, let count):
      guard let count else { return "there is no task \(index)" }
      return "there is no task \(index): tasks are 0..<\(count)"
    case .noTestSet:
      return "the task has no test (query) set; make it with Task(train: (x, y), test: (x, y))"
    case .labelsNeeded:
      return "classes are told apart by int64 labels; the targets are none"
    case .shapesDiffer(let what):
      return "the tasks' \(what) have different shapes or types and cannot be stacked"
    case .nothingToAdapt(let model, let patterns, let known):
      guard !known.isEmpty else {
        return
          "\(model) has no parameters to adapt; use Meta modules, such as MetaLinear, or a struct: MetaModule"
      }
      return "no parameter matches adapting: \(listed(patterns)); the model has \(listed(known))"
    case .allFrozen(let model, let names):
      return
        "everything in \(model) that could be adapted is frozen: \(listed(names)); unfreeze some of it: model.unfreeze()"
    case .nothingToLearn(let model, let isFrozen):
      return isFrozen
        ? "every parameter of \(model) is frozen; let some be learned: model.unfreeze()"
        : "\(model) has no parameters to learn"
    case .lossNotScalar(let shape):
      return "the loss function must give one number for each task, not shape \(shape)"
    case .unknownStepSize(let name, let known):
      return "the step sizes have no entry \"\(name)\"; they have \(listed(known))"
    case .stepSizeShape(let name, let expected, let found):
      return "the step size of \"\(name)\" has shape \(found); give one number or shape \(expected)"
    case .noOptimizer(let learner):
      return
        "\(learner) has no optimizer to train with; give one: \(learner)(model, optimizer: Adam(lr: 0.001))"
    case .noBatches:
      return "there are no tasks to evaluate"
    case .unknownDomain(let name, let known):
      guard let near = nearestName(to: name, among: known) else {
        return "there is no domain \"\(name)\"; there are \(listed(known))"
      }
      return "there is no domain \"\(name)\"; did you mean \"\(near)\"?"
    case .domainOutOfRange(let index, let known):
      return "there is no domain number \(index); they are 0 to \(known.count - 1): \(listed(known))"
    case .argument(let type, let reason):
      return "\(type): \(reason)"
    case .checkpoint(let path, let reason):
      return "\(path): \(reason)"
    case .rank(let rank, let reason):
      return "rank \(rank): \(reason)"
    case .ranksDiffer:
      return
        "the learner is not the same on all ranks of the job, so they cannot train it together; something has changed it on some of them only: a closure of `sweep`, a widget, a number drawn without a seed, or processors of different kinds (OPENBLAS_CORETYPE makes them compute alike)"
    case .partOfBatch:
      return
        "the steps were begun by all ranks of the job, which have a part of each batch's tasks; one rank alone cannot go on with them"
    case .ranksApart:
      return
        "the ranks of the job are at different places of the program; let nothing depend on the time, on files that only one of them sees, or on numbers drawn without a seed"
    }
  }
}

/// Refuses counts below `least`.
func requireCount(_ value: Int, _ name: String, atLeast least: Int = 1, of type: String) throws {
  guard value >= least else {
    throw LearningError.argument(type: type, reason: "\(name) is \(value), it must be at least \(least)")
  }
}
