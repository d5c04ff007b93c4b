import ArrayCore
import Autograd
import NN

/// The losses of one or two tasks over a plane of parameters through the meta-initialisation θ₀, with the ways that the
/// inner loop takes, projected onto it.
///
/// A point (a, b) is θ₀ + a·u + b·v: the model is run with these parameters, as it would be for any others. Parameters that
/// the inner loop does not adapt stay as they are, and the model runs in evaluation mode.
public struct LossLandscape: Sendable {
  /// What spans the plane.
  public enum Directions: Sendable, Equatable {
    /// Where adaptation goes. With two tasks, towards the end of each; with one, towards its end and to that step which is
    /// furthest off the line. Both are made perpendicular and of length 1, so that axes are distances in the space of
    /// parameters. Where steps span no plane, a random direction takes the place of one.
    case path
    /// Random, each filter (row of a weight) as long as the model's own; zero for biases and other vectors (Li, Xu,
    /// Taylor, Studer and Goldstein 2018).
    case random
  }

  /// Which samples the loss is of.
  public enum SampleSet: String, CaseIterable, Sendable {
    case train, test
  }

  /// A step of the inner loop, as it is seen from the plane.
  public struct Point: Sendable {
    public let x: Double
    public let y: Double
    /// The loss at the parameters themselves.
    public let loss: Double
    /// How far they are from the plane: ‖θ − θ₀ − a·u − b·v‖.
    public let distance: Double
  }

  /// The coordinates a and b of the grid, both in growing order.
  public let x: [Double]
  public let y: [Double]
  /// The loss of each task: task, row (b), column (a).
  public let losses: [[[Double]]]
  /// The way of each task, 0 … k steps.
  public let paths: [[Point]]
  public let samples: SampleSet
  public let directions: Directions

  /// - Parameters:
  ///   - learner: its model is θ₀; nothing of it is changed.
  ///   - tasks: one or two.
  ///   - samples: which set of a task the loss is of.
  ///   - directions: what spans the plane.
  ///   - resolution: points along each axis; with an odd number θ₀ is one of them, in the middle.
  ///   - extent: how far the plane reaches from θ₀ to each side; by default 1.4 times as far as the paths, or 1 filter
  ///     length for random directions.
  ///   - seed: of random directions.
  ///   - numAdaptationSteps: k, instead of the learner's.
  ///   - stepSize: instead of the learner's.
  ///   - progress: called with how many of how many grid points are done; what it throws ends the work.
  /// - Throws: ``LearningError`` for no tasks or more than two, and for a task without what is to be measured.
  public init(
    _ learner: MAML, _ tasks: [Task], samples: SampleSet = .test, directions: Directions = .path,
    resolution: Int = 25, extent: Double? = nil, seed: UInt64 = 0, numAdaptationSteps: Int? = nil,
    stepSize: StepSize? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    guard (1...2).contains(tasks.count) else {
      throw LearningError.argument(
        type: "landscape", reason: "a plane shows one task or two, not \(tasks.count)")
    }
    guard (2...500).contains(resolution) else {
      throw LearningError.argument(
        type: "landscape", reason: "resolution is \(resolution), it must be 2 to 500")
    }
    if let extent, !(extent > 0 && extent.isFinite) {
      throw LearningError.argument(type: "landscape", reason: "extent is \(extent), it must be above 0")
    }
    let measured = try tasks.map { task in
      guard samples == .test else { return task.train }
      guard let test = task.test else { throw LearningError.noTestSet }
      return test
    }
    let loop = try learner.innerLoop(numAdaptationSteps, stepSize, true)
    (x, y, losses, paths) = try learner.model.evaluating {
      let start = try loop.parameters.map { try $0.value.toDoubles() }
      var ways: [(moves: [ParameterVector], losses: [Double])] = []
      for (task, own) in zip(tasks, measured) { ways.append(try loop.way(task, own, samples)) }
      let origin = ParameterVector(parts: start)
      let plane =
        directions == .path
        ? ParameterPlane(along: ways.map(\.moves), from: origin, loop.parameters.map(\.shape), seed: seed)
        : ParameterPlane(random: seed, like: origin, loop.parameters.map(\.shape))
      let paths = ways.map { way in
        zip(way.moves, way.losses).map { move, loss in
          let place = plane.place(of: move)
          return Point(x: place.x, y: place.y, loss: loss, distance: place.distance)
        }
      }
      let furthest = paths.joined().reduce(0.0) { max($0, abs($1.x), abs($1.y)) }
      let usual = directions == .random ? max(1, 1.2 * furthest) : furthest > 0 ? 1.4 * furthest : 1
      let reach = extent ?? usual
      let axis = (0..<resolution).map { reach * (2 * Double($0) / Double(resolution - 1) - 1) }
      let losses = try loop.losses(on: plane, axis, tasks, measured, samples, progress)
      return (axis, axis, losses, paths)
    }
    self.samples = samples
    self.directions = directions
  }
}

extension InnerLoop {
  private func pass(_ samples: LossLandscape.SampleSet, step: Int) -> Pass {
    samples == .test ? .test(step: step) : .train(step: step)
  }

  /// Where the inner loop goes, less its start, and the loss at each step.
  fileprivate func way(
    _ task: Task, _ measured: Samples, _ samples: LossLandscape.SampleSet
  ) throws -> (moves: [ParameterVector], losses: [Double]) {
    let group = TaskGroup(task, number: 0)
    let scope = scope(of: group)
    let values = try run(group, in: scope).values.map { step in step.map { $0.detach() } }
    let start = try ParameterVector(values[0])
    return try noGrad {
      var losses: [Double] = []
      for (step, own) in values.enumerated() {
        losses.append(mean(try perTask(forward(measured, own, pass(samples, step: step), in: scope).loss, 1)))
      }
      return (try values.map { try ParameterVector($0) - start }, losses)
    }
  }

  /// The losses on a grid: many points in one pass, as many tasks would be, each with parameters of its own.
  fileprivate func losses(
    on plane: ParameterPlane, _ axis: [Double], _ tasks: [Task], _ measured: [Samples],
    _ samples: LossLandscape.SampleSet, _ progress: (Int, Int) throws -> Void
  ) throws -> [[[Double]]] {
    let start = parameters.map { $0.value.detach() }
    let (u, v) = try (plane.u.tensors(like: start), plane.v.tensors(like: start))
    let dtype = start.first?.dtype ?? .float32
    let count = axis.count * axis.count
    var (done, total) = (0, count * tasks.count)
    func values(_ points: Range<Int>, alone: Bool) throws -> [Tensor] {
      func coordinates(_ place: (Int) -> Double) throws -> Tensor {
        let numbers = points.map(place)
        if alone { return try Tensor(numbers[0], dtype: dtype) }
        return Tensor(try NDArray(numbers, [numbers.count], dtype: dtype), hasTasks: true)
      }
      let a = try coordinates { axis[$0 % axis.count] }
      let b = try coordinates { axis[$0 / axis.count] }
      return try start.indices.map { index in
        try start[index]
          + (u[index] * a.cast(to: start[index].dtype) + v[index] * b.cast(to: start[index].dtype))
      }
    }
    var alone = false
    func measure(_ own: Samples, _ points: Range<Int>) throws -> [Double] {
      let scope = ForwardScope(
        .init(round: round, pass: 0, firstTask: 0, taskCount: alone ? nil : points.count))
      scope.statistics = statistics
      let values = try values(points, alone: alone)
      return try perTask(forward(own, values, pass(samples, step: 0), in: scope).loss, points.count)
    }
    return try noGrad {
      try measured.map { own in
        var found: [Double] = []
        let size = gridPoints(own)
        while found.count < count {
          let points = found.count..<min(count, found.count + (alone ? 1 : size))
          do {
            found += try measure(own, points)
          } catch let error where !alone && asksForTaskLoop(error) {
            alone = true
            continue
          }
          done += points.count
          try progress(done, total)
        }
        return (0..<axis.count).map { Array(found[$0 * axis.count..<($0 + 1) * axis.count]) }
      }
    }
  }

  /// How many grid points go through the model together: by shapes alone.
  private func gridPoints(_ own: Samples) -> Int {
    let weights = parameters.reduce(0) { $0 + $1.shape.elementCount }
    let (width, overflow) = own.inputs.count.multipliedReportingOverflow(
      by: max(1, model.structure.widestConvolution))
    return overflow ? 1 : max(1, min(256, (1 << 22) / max(1, weights + width)))
  }
}
