import ArrayCore
import Autograd
import NN
import OrderedCollections

/// A way through one task's inner loop, a step at a time: forward, back, and on from any step with other samples or
/// another step size.
///
/// Steps are those of ``MAML/adapt(_:numAdaptationSteps:stepSize:firstOrder:)``, bit for bit, from the learner's parameters
/// at the time the stepper was made. Steps that have been taken are kept, so that going back and on again gives the same
/// numbers; a change drops the later steps.
public final class Stepper {
  private let loop: InnerLoop
  /// The parameters at the start.
  private let snapshot: [(Parameter, Tensor)]
  private var points: [Point]
  /// How many steps have been taken at the place that is looked at.
  public private(set) var position = 0

  /// A place on the way.
  private struct Point {
    let values: [Tensor]
    /// The inner optimizer's before the step from here.
    let state: InnerOptimizer.State
    /// What the step from here is taken with.
    var task: Task
    var stepSize: Double?
    /// The step from here, once it has been computed.
    var step: InnerLoop.Step?
  }

  public init(_ learner: MAML, _ task: Task) throws {
    loop = try learner.innerLoop(nil, nil, true)
    snapshot = learner.snapshot
    let start = loop.parameters.map { $0.value.detach().asRecorded() }
    points = [Point(values: start, state: InnerOptimizer.State(), task: task)]
  }

  private func group(_ point: Point) -> TaskGroup { TaskGroup(point.task, number: 0) }

  private func rates(_ place: Int) -> [StepSize.Rate] {
    points[place].stepSize.map { rate in loop.parameters.map { _ in .number(rate) } } ?? loop.rates(at: place)
  }

  /// The step from a place, computed once.
  private func step(from place: Int) throws -> InnerLoop.Step {
    if let known = points[place].step { return known }
    let group = group(points[place])
    let step = try withReplacedParameters(snapshot) {
      try loop.step(
        group, points[place].values, rates(place), place, in: loop.scope(of: group), firstOrder: true)
    }
    points[place].step = step
    return step
  }

  // MARK: Going

  /// Takes steps; those taken before are looked up.
  public func step(_ count: Int = 1) throws { try go(to: position + requireCount(count)) }

  /// Goes back over steps.
  public func back(_ count: Int = 1) throws { try go(to: position - requireCount(count)) }

  /// Goes to the place after so many steps from the start.
  ///
  /// - Throws: ``LearningError`` below 0; what computing a step throws, at the last place that was reached.
  public func go(to place: Int) throws {
    guard place >= 0 else {
      throw LearningError.argument(type: "stepper", reason: "there is nothing before step 0")
    }
    position = min(place, points.count - 1)
    while position < place {
      let point = points[position]
      let step = try step(from: position)
      var state = point.state
      let values = try loop.moved(point.values, by: step, from: points[0].values, rates(position), &state)
      points.append(
        Point(
          values: values.map { $0.detach().asRecorded() }, state: state, task: point.task,
          stepSize: point.stepSize))
      position += 1
    }
  }

  private func requireCount(_ count: Int) throws -> Int {
    guard (0...(1 << 20)).contains(count) else {
      throw LearningError.argument(type: "stepper", reason: "\(count) is no number of steps")
    }
    return count
  }

  // MARK: Changing

  /// The task that steps from here on are taken with. A new one drops the later steps.
  public var task: Task {
    get { points[position].task }
    set { change { $0.task = newValue } }
  }

  /// α of the steps from here on where it has been changed; nil for the learner's own. A new one drops the later steps.
  public var stepSize: Double? {
    get { points[position].stepSize }
    set { change { $0.stepSize = newValue } }
  }

  private func change(_ edit: (inout Point) -> Void) {
    points.removeSubrange((position + 1)...)
    points[position].step = nil
    edit(&points[position])
  }

  // MARK: Looking

  /// The adapted parameters by name.
  public var params: NamedTensors {
    NamedTensors(uniqueKeysWithValues: zip(loop.names, points[position].values.map { $0.detach() }))
  }

  /// The loss on the train (support) set.
  public var loss: Double { get throws { try loss(at: position) } }

  private func loss(at place: Int) throws -> Double {
    mean(try perTask(step(from: place).loss, 1))
  }

  /// The gradient of the loss by name.
  public var gradients: NamedTensors {
    get throws { NamedTensors(uniqueKeysWithValues: zip(loop.names, try step(from: position).gradients)) }
  }

  /// What the model gives for the train (support) and for the test (query) set.
  public var predictions: (train: Tensor, test: Tensor?) {
    get throws {
      let point = points[position]
      return try (
        measured(point.task.train, at: position, .train(step: position)).prediction,
        point.task.test.map { try measured($0, at: position, .test(step: position)).prediction }
      )
    }
  }

  /// How many places there are: 0 … the last step taken.
  public var count: Int { points.count }

  /// What the model gives for other inputs after `place` steps, one of 0 ..< ``count``.
  public func prediction(for inputs: Tensor, at place: Int) throws -> Tensor {
    guard points.indices.contains(place) else {
      throw LearningError.argument(
        type: "stepper", reason: "step \(place) has not been taken; there are 0...\(points.count - 1)")
    }
    let scope = loop.scope(of: group(points[place]))
    return try withReplacedParameters(snapshot) {
      try noGrad {
        try loop.prediction(for: inputs, points[place].values, .test(step: place), in: scope).detach()
      }
    }
  }

  private func measured(
    _ samples: Samples, at place: Int, _ pass: InnerLoop.Pass
  ) throws -> (prediction: Tensor, loss: Tensor) {
    try withReplacedParameters(snapshot) {
      try noGrad {
        let scope = loop.scope(of: group(points[place]))
        let (prediction, loss) = try loop.forward(samples, points[place].values, pass, in: scope)
        return (prediction.detach(), loss.detach())
      }
    }
  }

  /// What was measured at each place so far, 0 … the last step taken.
  public var history: StepHistory {
    get throws {
      var history = StepHistory()
      for (place, point) in points.enumerated() {
        let (prediction, _) = try measured(point.task.train, at: place, .train(step: place))
        let test = try point.task.test.map { try measured($0, at: place, .test(step: place)) }
        history.trainLosses.append(try loss(at: place))
        history.trainAccuracies.append(try accuracy(prediction, point.task.train))
        history.testLosses.append(try test.map { mean(try perTask($0.loss, 1)) })
        history.testAccuracies.append(
          try test.flatMap { own in try point.task.test.flatMap { try accuracy(own.prediction, $0) } })
        history.gradientNorms.append(try norm(step(from: place).gradients))
        for (index, name) in loop.names.enumerated() {
          let moved = try norm([point.values[index] - points[0].values[index]])
          history.distances[name, default: []].append(moved)
        }
      }
      return history
    }
  }

  private func accuracy(_ prediction: Tensor, _ samples: Samples) throws -> Double? {
    try Accuracy(prediction, samples.targets).map { mean(try $0.numbers(1)) }
  }

  private func norm(_ tensors: [Tensor]) throws -> Double {
    try tensors.reduce(0.0) { try $0 + square($1.detach().cast(to: .float64)).sum().item() }.squareRoot()
  }
}

/// What a ``Stepper`` measured: entry k is after k steps.
public struct StepHistory: Sendable {
  /// On the train (support) set.
  public internal(set) var trainLosses: [Double] = []
  /// On the test (query) set; nil without one.
  public internal(set) var testLosses: [Double?] = []
  /// nil without labels.
  public internal(set) var trainAccuracies: [Double?] = []
  public internal(set) var testAccuracies: [Double?] = []
  /// ‖∇L‖ over all adapted parameters.
  public internal(set) var gradientNorms: [Double] = []
  /// How far each parameter is from where it began, ‖θₖ − θ₀‖.
  public internal(set) var distances: OrderedDictionary<String, [Double]> = [:]
  /// How far all parameters together are from where they began, the root of the sum of squares of ``distances``.
  public var distance: [Double] {
    trainLosses.indices.map { step in
      distances.values.reduce(0.0) { $0 + $1[step] * $1[step] }.squareRoot()
    }
  }
}
