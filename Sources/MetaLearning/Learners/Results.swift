import ArrayCore
import Autograd
import NN
import OrderedCollections

/// The outer loss of a batch.
public final class OuterResult: StepOutcome {
  /// The mean of the outer losses; differentiable when it comes from `outerLoss`, a constant from training.
  public let loss: Tensor
  /// The loss on each task's test (query) set after its adaptation.
  public let outerLosses: [Double]
  /// The loss on each task's train (support) set before each step: steps × tasks.
  public let innerLosses: [[Double]]
  /// On the train (support) sets before the first step, as torchmeta reports; nil without labels or steps.
  public let accuraciesBefore: [Double]?
  /// On the test (query) sets after the last step; nil without labels.
  public let accuraciesAfter: [Double]?
  /// The learner's iteration at the time.
  public let iteration: Int
  public let notes: [String]
  private let makeGradients: () throws -> MetaGradients
  /// The names in ``gradients``.
  public let gradientNames: [String]
  /// Statistics with their values after the update.
  private let updates: [(Buffer, Tensor)]
  private lazy var cachedGradients = Result { try makeGradients() }

  init(
    loss: Tensor, numbers: OuterNumbers, iteration: Int, notes: [String], names: [String],
    updates: [(Buffer, Tensor)] = [], gradients: @escaping () throws -> MetaGradients
  ) {
    self.loss = loss
    outerLosses = numbers.outerLosses
    innerLosses = numbers.innerLosses
    accuraciesBefore = numbers.accuraciesBefore
    accuraciesAfter = numbers.accuraciesAfter
    self.iteration = iteration
    self.notes = notes
    gradientNames = names
    self.updates = updates
    makeGradients = gradients
  }

  public func commit() {
    for (buffer, value) in updates { buffer.tensor = value }
  }

  public var numTasks: Int { outerLosses.count }
  public var meanOuterLoss: Double { mean(outerLosses) }
  public var meanLoss: Double { meanOuterLoss }
  public var meanAccuracy: Double? { accuraciesAfter.map(mean) }

  /// The meta-gradient ∂loss/∂θ by name; learned step sizes as `stepSize` or `stepSize.<name>`. Computed at the
  /// first call.
  public var gradients: NamedTensors {
    get throws {
      try cachedGradients.get().named(gradientNames)
    }
  }

  public var reachedGradients: NamedTensors {
    get throws { try cachedGradients.get().named(gradientNames, reachedOnly: true) }
  }
}

/// The numbers of an outer loss, gathered group by group.
struct OuterNumbers {
  var outerLosses: [Double] = []
  var innerLosses: [[Double]]
  var accuraciesBefore: [Double]? = []
  var accuraciesAfter: [Double]? = []

  init(steps: Int) {
    innerLosses = Array(repeating: [], count: steps)
    if steps == 0 { accuraciesBefore = nil }
  }

  mutating func append(_ measures: GroupMeasures, tasks: Int) throws {
    outerLosses += try perTask(measures.outerLoss, tasks)
    for (step, loss) in measures.innerLosses.enumerated() { innerLosses[step] += try perTask(loss, tasks) }
    accuraciesBefore = joined(accuraciesBefore, try measures.accuracyBefore?.numbers(tasks))
    accuraciesAfter = joined(accuraciesAfter, try measures.accuracyAfter?.numbers(tasks))
  }

  /// Both, or nil if either lacks labels.
  private func joined(_ a: [Double]?, _ b: [Double]?) -> [Double]? {
    guard let a, let b else { return nil }
    return a + b
  }
}

/// What is measured of one group of tasks, as tensors: nothing is read while it is computed.
struct GroupMeasures {
  /// On the train (support) sets before each step.
  var innerLosses: [Tensor]
  /// On the test (query) sets after the last step.
  var outerLoss: Tensor
  var accuracyBefore: Accuracy?
  var accuracyAfter: Accuracy?

  var tensors: [Tensor] {
    innerLosses + [outerLoss] + [accuracyBefore, accuracyAfter].compactMap { $0?.tensor }
  }

  /// The same measures with other numbers, given as by `tensors`.
  func with(_ tensors: ArraySlice<Tensor>) -> GroupMeasures {
    var copy = self
    var rest = tensors
    func next(_ old: Tensor) -> Tensor { rest.popFirst() ?? old }
    copy.innerLosses = innerLosses.map(next)
    copy.outerLoss = next(outerLoss)
    copy.accuracyBefore = accuracyBefore.map { Accuracy(tensor: next($0.tensor), samples: $0.samples) }
    copy.accuracyAfter = accuracyAfter.map { Accuracy(tensor: next($0.tensor), samples: $0.samples) }
    return copy
  }
}

/// A model adapted to one task.
public final class AdaptationResult {
  /// The adapted parameters, attached to the model's own unless first order; those of the model for zero steps.
  public let params: NamedTensors
  /// The loss on the train (support) set before each step.
  public let innerLosses: [Double]
  /// On the train (support) set before the first step, as in torchmeta; nil without labels or steps.
  public let accuracyBefore: Double?
  public let notes: [String]
  private let makeTable: () throws -> AdaptationTable
  private lazy var cachedTable = Result { try makeTable() }

  init(
    params: NamedTensors, innerLosses: [Double], accuracyBefore: Double?, notes: [String],
    table: @escaping () throws -> AdaptationTable
  ) {
    self.params = params
    self.innerLosses = innerLosses
    self.accuracyBefore = accuracyBefore
    self.notes = notes
    makeTable = table
  }

  /// Losses and accuracies on both sets before the first step and after each. Computed at the first call, with
  /// the parameters of the time of the adaptation.
  public var table: AdaptationTable { get throws { try cachedTable.get() } }
}

/// Rows 0 … k of an adaptation.
public struct AdaptationTable: Sendable {
  public var steps: [Int] = []
  /// On the train (support) set.
  public var trainLosses: [Double] = []
  /// On the test (query) set; nil without one.
  public var testLosses: [Double]?
  /// nil without labels.
  public var trainAccuracies: [Double]?
  public var testAccuracies: [Double]?
}

/// The quality of a learner over many tasks, on their test (query) sets.
public struct EvaluationResult: Sendable {
  /// The mean loss before the first step and after each: entries 0 … k.
  public let losses: [Double]
  /// Half the width of the 95% confidence interval: 1.96 · s/√count; NaN for a single task.
  public let lossCI: [Double]
  /// nil without labels.
  public let accuracies: [Double]?
  public let accuracyCI: [Double]?
  /// How many tasks.
  public let count: Int
  /// Whether batch normalisation saw the whole query set.
  public let isTransductive: Bool
}

func mean(_ values: [Double]) -> Double {
  values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
}

/// 1.96 · s/√n with the sample's standard deviation s.
func confidence(_ values: [Double]) -> Double {
  guard values.count > 1 else { return .nan }
  let centre = mean(values)
  let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  return 1.96 * (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
}
