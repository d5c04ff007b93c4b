import ArrayCore
import Autograd
import NN
import OrderedCollections

/// The inner loop of MAML for one group of tasks: the same code for one task, several at once, or all.
struct InnerLoop {
  let model: Module
  /// nil: chosen by the targets.
  let lossFunction: LossFunction?
  let names: [String]
  let parameters: [Parameter]
  /// Names of parameters that would be adapted if they were not frozen.
  let frozen: [String]
  /// α of each parameter, a row for each step; further steps use the last row.
  let rates: [[StepSize.Rate]]
  let steps: Int
  let firstOrder: Bool
  /// Whether a step's graph is made again for its derivative instead of being kept.
  let recompute: Bool
  /// The meta-iteration, for dropout.
  let round: Int
  var optimizer = InnerOptimizer.sgd
  /// λ of λ/2 ‖φ − θ‖², which holds adapted values φ at those of the start; added to each step's gradient.
  var strength = 0.0
  /// Parameters that are not adapted but have a value for each step: a row of their table, of which further steps use
  /// the last.
  var stepTables: [(parameter: Parameter, table: Parameter)] = []
  var statistics: StepStatistics?

  /// The passes of a step: on the train set, and on the test set with the values at the step's start.
  enum Pass {
    case train(step: Int)
    case test(step: Int)

    var number: Int {
      switch self {
      case .train(let step): 2 * step
      case .test(let step): 2 * step + 1
      }
    }

    /// The step whose tables and statistics it uses: the test pass after a step has those of the step.
    var row: Int {
      switch self {
      case .train(let step): step
      case .test(let step): max(0, step - 1)
      }
    }
  }

  /// What came out of a group.
  struct Run {
    let group: TaskGroup
    /// The adapted values of each step, from the start on: steps + 1 entries.
    var values: [[Tensor]]
    /// The loss on the train set before each step.
    var losses: [Tensor] = []
    /// On the train set before the first step; nil without labels or steps.
    var accuracy: Accuracy?
    var unreached: Set<Int> = []
  }

  /// The forward pass with values in the parameters' place.
  func forward(
    _ samples: Samples, _ values: [Tensor], _ pass: Pass, in scope: ForwardScope
  ) throws -> (prediction: Tensor, loss: Tensor) {
    let prediction = try prediction(for: samples.inputs, values, pass, in: scope)
    return try ForwardScope.$current.withValue(scope) {
      let function = lossFunction ?? .standard(for: samples.targets)
      let loss = try function(prediction, samples.targets)
      guard loss.shape.elementCount == 1 else { throw LearningError.lossNotScalar(loss.shape) }
      return (prediction, loss)
    }
  }

  /// What the model gives with values in the parameters' place.
  func prediction(
    for inputs: Tensor, _ values: [Tensor], _ pass: Pass, in scope: ForwardScope
  ) throws -> Tensor {
    try Cancellation.check("adapt")
    scope.begin(pass: pass.number)
    statistics?.begin(step: pass.row)
    return try ForwardScope.$current.withValue(scope) {
      let rows = try stepTables.map { parameter, table in
        (parameter, try table.value.at(min(pass.row, table.shape[0] - 1)))
      }
      return try withReplacedParameters(zip(parameters, values) + rows) { try model(inputs) }
    }
  }

  func scope(of group: TaskGroup) -> ForwardScope {
    let scope = ForwardScope(
      .init(round: round, pass: 0, firstTask: group.firstTask, taskCount: group.taskCount))
    scope.statistics = statistics
    return scope
  }

  func rates(at step: Int) -> [StepSize.Rate] { rates[min(step, rates.count - 1)] }

  /// Adapts to the train sets of a group.
  ///
  /// - Parameter visit: called with the values before the first step and after each.
  func run(
    _ group: TaskGroup, in scope: ForwardScope, visit: (Int, [Tensor]) throws -> Void = { _, _ in }
  ) throws -> Run {
    var run = Run(group: group, values: [parameters.map(\.value)])
    try visit(0, run.values[0])
    var state = InnerOptimizer.State()
    for step in 0..<steps {
      let next =
        recompute && !firstOrder
        ? try recomputedStep(group, run.values[step], step, in: scope)
        : try self.step(
          group, run.values[step], rates(at: step), step, in: scope, firstOrder: firstOrder)
      run.losses.append(next.loss)
      if step == 0 { run.accuracy = next.accuracy }
      run.unreached.formUnion(next.unreached)
      let values = try moved(run.values[step], by: next, from: run.values[0], rates(at: step), &state)
      run.values.append(values)
      try visit(step + 1, values)
    }
    return run
  }

  /// The values after a step, as the inner optimizer and the hold on the start would have them.
  func moved(
    _ values: [Tensor], by step: Step, from start: [Tensor], _ rates: [StepSize.Rate],
    _ state: inout InnerOptimizer.State
  ) throws -> [Tensor] {
    guard optimizer != .sgd || strength != 0 else { return step.values }
    return try markingInnerStep(isNew: false) {
      var moved = step.values
      if optimizer != .sgd {
        moved = try optimizer.descend(values, step.gradients, rates, unreached: step.unreached, &state)
      }
      return strength == 0 ? moved : try held(moved, from: values, start, rates)
    }
  }

  /// The values after a step that is also drawn back to the start: less α λ (φ − θ).
  private func held(
    _ values: [Tensor], from before: [Tensor], _ start: [Tensor], _ rates: [StepSize.Rate]
  ) throws -> [Tensor] {
    try values.indices.map { index in
      try rates[index].descend(values[index], (before[index] - start[index]) * strength)
    }
  }

  /// What a step gives.
  struct Step {
    var values: [Tensor]
    let gradients: [Tensor]
    /// On the train set before the step.
    let loss: Tensor
    let accuracy: Accuracy?
    let unreached: Set<Int>
  }

  /// One step of gradient descent on the train sets.
  func step(
    _ group: TaskGroup, _ values: [Tensor], _ rates: [StepSize.Rate], _ step: Int, in scope: ForwardScope,
    firstOrder: Bool
  ) throws -> Step {
    let (prediction, loss) = try forward(group.train, values, .train(step: step), in: scope)
    let accuracy = step == 0 ? try Accuracy(prediction, group.train.targets) : nil
    let next = try descend(loss, values, rates, firstOrder: firstOrder)
    return Step(
      values: next.values, gradients: next.gradients, loss: loss.detach(), accuracy: accuracy,
      unreached: Set(next.unreached))
  }

  func notes(_ unreached: Set<Int>) -> [String] {
    unchangedNotes(unreached: unreached.sorted().map { names[$0] }, frozen: frozen)
  }
}

/// A loss as numbers, one for each task. A loss without tasks counts for each.
func perTask(_ loss: Tensor, _ tasks: Int) throws -> [Double] {
  let values = try loss.array.toDoubles()
  return loss.hasTasks ? values : Array(repeating: values.first ?? .nan, count: tasks)
}

/// The part of right labels of each task.
struct Accuracy {
  let tensor: Tensor
  /// How many labels there are for each task.
  let samples: Int

  /// nil if the targets are no labels or the prediction has no classes.
  init?(_ prediction: Tensor, _ targets: Tensor) throws {
    guard targets.dtype == .int64, targets.rank == 1, prediction.rank == 2, prediction.shape[1] > 0,
      prediction.shape[0] == targets.shape[0], targets.shape[0] > 0
    else { return nil }
    self.init(tensor: try accuracy(prediction.detach(), targets), samples: targets.shape[0])
  }

  init(tensor: Tensor, samples: Int) {
    self.tensor = tensor
    self.samples = samples
  }

  /// As numbers, one for each task.
  func numbers(_ tasks: Int) throws -> [Double] {
    // The share is worked out again in double precision: 2/3 as float32 reads 0.6666666865348816.
    let count = Double(samples)
    return try perTask(tensor, tasks).map { ($0 * count).rounded() / count }
  }
}
