import ArrayCore
import Autograd
import OrderedCollections

/// A learning rate: one number, or a function of the number of steps taken so far (0 at the first step).
public enum LearningRate: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  case constant(Double)
  case schedule((_ iteration: Int) throws -> Double)

  public init(floatLiteral value: Double) { self = .constant(value) }
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }

  public func callAsFunction(_ iteration: Int) throws -> Double {
    switch self {
    case .constant(let rate): rate
    case .schedule(let rate): try rate(iteration)
    }
  }
}

/// Changes parameters against their gradients, with a state for each parameter.
///
/// A step first makes all new values and then swaps them in together: when anything throws, an interrupt
/// included, the parameters and the state are those of the step before. Not `Sendable`: it belongs to the thread
/// that runs the program.
///
/// A new optimizer overrides ``stateNames``, ``update(value:gradient:state:step:rate:)`` and ``copy()``.
open class Optimizer {
  /// What is kept for one parameter. It holds the parameter, so that its identity is not reused.
  struct Slot {
    let parameter: Parameter
    var steps: Int
    var values: [NDArray]
  }

  public var learningRate: LearningRate
  /// Gradients are scaled down together to this norm, √Σ g² over all parameters, when theirs is larger; nil leaves them
  /// (PyTorch's `clip_grad_norm_`).
  public var maxGradNorm: Double?
  /// How many steps have been taken.
  public internal(set) final var stepCount = 0
  final var slots: [ObjectIdentifier: Slot] = [:]

  public init(learningRate: LearningRate) { self.learningRate = learningRate }

  /// Copies the state of another optimizer.
  public init(copying other: Optimizer) {
    learningRate = other.learningRate
    maxGradNorm = other.maxGradNorm
    stepCount = other.stepCount
    slots = other.slots
  }

  /// PyTorch's names of the arrays kept for each parameter.
  open var stateNames: [String] { [] }

  /// The new value of one parameter and its new state.
  ///
  /// - Parameters:
  ///   - value: the parameter.
  ///   - gradient: the gradient of the parameter.
  ///   - state: as returned the last time; empty at the first step.
  ///   - step: 1 at this parameter's first step.
  ///   - rate: the learning rate of this step.
  open func update(
    value: NDArray, gradient: NDArray, state: [NDArray], step: Int, rate: Double
  ) throws -> (value: NDArray, state: [NDArray]) {
    throw NNError.notImplemented(module: String(describing: type(of: self)), method: "update")
  }

  /// An independent optimizer with the same settings and state, for the same parameters.
  open func copy() -> Optimizer { Optimizer(copying: self) }

  /// An optimizer with the same settings that has taken no step.
  public final func restarted() -> Optimizer {
    let copy = copy()
    copy.slots = [:]
    copy.stepCount = 0
    return copy
  }

  // MARK: Steps

  /// Takes one step. Gradients have their parameters' shapes and no task axis. Frozen parameters stay as they are.
  public final func step(_ given: [Parameter], gradients all: [Tensor]) throws {
    guard given.count == all.count else {
      throw NNError.argument(
        type: "step", reason: "\(given.count) parameters and \(all.count) gradients")
    }
    let places = given.indices.filter { !given[$0].isFrozen }
    let (parameters, gradients) = (places.map { given[$0] }, places.map { all[$0] })
    let rate = try learningRate(stepCount)
    guard rate.isFinite else {
      throw NNError.argument(type: "step", reason: "the learning rate is \(rate)")
    }
    let scale = try clipping(gradients)
    var changes: [(parameter: Parameter, value: Tensor, slot: Slot)] = []
    changes.reserveCapacity(parameters.count)
    for (index, (parameter, gradient)) in zip(parameters, gradients).enumerated() {
      let current = parameter.tensor
      guard gradient.shape == current.shape, gradient.taskCount == nil else {
        throw NNError.shapeDiffers(
          name: "gradient \(index)", expected: current.shape, found: gradient.shape)
      }
      var slot =
        slots[ObjectIdentifier(parameter)] ?? Slot(parameter: parameter, steps: 0, values: [])
      // After `to(.float64)` the state follows its parameter.
      let state = try slot.values.map { $0.dtype == current.dtype ? $0 : try $0.cast(to: current.dtype) }
      var g = gradient.dtype == current.dtype ? gradient.array : try gradient.array.cast(to: current.dtype)
      if let scale { g = try NDArray.binary(.multiply, g, NDArray(scalar: scale, current.dtype)) }
      let (value, newState) = try update(
        value: current.array, gradient: g, state: state, step: slot.steps + 1, rate: rate)
      slot.steps += 1
      slot.values = newState
      changes.append((parameter, Tensor(value), slot))
    }
    try Cancellation.check("step")
    for change in changes {
      // Shapes were compared above: it cannot refuse.
      try change.parameter.assign(change.value)
      slots[ObjectIdentifier(change.parameter)] = change.slot
    }
    stepCount += 1
  }

  /// What gradients are multiplied by; nil where they stay as they are.
  private func clipping(_ gradients: [Tensor]) throws -> Double? {
    guard let maxGradNorm else { return nil }
    guard maxGradNorm > 0 else {
      throw NNError.argument(type: "step", reason: "maxGradNorm is \(maxGradNorm), it must be above 0")
    }
    var sum = 0.0
    for gradient in gradients {
      let g = try gradient.array.cast(to: .float64)
      sum += try NDArray.binary(.multiply, g, g).sum().item()
    }
    let norm = sum.squareRoot()
    // A norm that is not finite is no measure.
    return norm > maxGradNorm && norm.isFinite ? maxGradNorm / norm : nil
  }

  /// A step by name. Parameters without a gradient stay as they are; unknown names are refused.
  public final func step(_ parameters: NamedParameters, gradients: NamedTensors) throws {
    var chosen: [Parameter] = []
    for name in gradients.keys {
      guard let parameter = parameters[name] else {
        throw NNError.unknownParameter(name: name, model: "what is learned", known: Array(parameters.keys))
      }
      chosen.append(parameter)
    }
    for (name, parameter) in zip(gradients.keys, chosen) {
      guard let gradient = gradients[name], gradient.shape == parameter.shape else {
        throw NNError.shapeDiffers(
          name: name, expected: parameter.shape, found: gradients[name]?.shape ?? [])
      }
    }
    try step(chosen, gradients: Array(gradients.values))
  }

  public final func step(_ model: Module, gradients: NamedTensors) throws {
    try step(model.namedParameters(), gradients: gradients)
  }

  /// Differentiates a loss and takes a step. Parameters that the loss does not reach stay as they are.
  public final func step(_ model: Module, loss: Tensor) throws {
    try step(Array(model.namedParameters().values), loss: loss)
  }

  public final func step(_ parameters: [Parameter], loss: Tensor) throws {
    let gradients = try gradient(of: loss, wrt: parameters)
    let unreached = Set(gradients.unreached)
    let reached = parameters.indices.filter { !unreached.contains($0) }
    try step(reached.map { parameters[$0] }, gradients: reached.map { gradients[$0] })
  }

  // MARK: State

  /// The state of the parameters that have one, as tensors: `<parameter>.<state name>`, `<parameter>.step`, and
  /// the number of steps under `step`.
  public final func state(for parameters: NamedParameters) throws -> NamedTensors {
    var result: NamedTensors = ["step": try Tensor([stepCount], shape: [])]
    for (name, parameter) in parameters {
      guard let slot = slots[ObjectIdentifier(parameter)] else { continue }
      result["\(name).step"] = try Tensor([slot.steps], shape: [])
      for (stateName, value) in zip(stateNames, slot.values) {
        result["\(name).\(stateName)"] = Tensor(value)
      }
    }
    return result
  }

  /// Replaces the state by one made by ``state(for:)``.
  public final func load(state: NamedTensors, for parameters: NamedParameters) throws {
    var newSlots: [ObjectIdentifier: Slot] = [:]
    func count(_ name: String) throws -> Int? {
      guard let tensor = state[name] else { return nil }
      guard tensor.shape.isEmpty || tensor.shape == [1], tensor.dtype == .int64,
        let value = try tensor.toInts().first, value >= 0
      else { throw NNError.argument(type: "optimizer state", reason: "\"\(name)\" is no count") }
      return value
    }
    guard let steps = try count("step") else {
      throw NNError.argument(type: "optimizer state", reason: "\"step\" is missing")
    }
    for (name, parameter) in parameters {
      guard let steps = try count("\(name).step") else { continue }
      let values = try stateNames.compactMap { stateName -> NDArray? in
        guard let tensor = state["\(name).\(stateName)"] else { return nil }
        guard tensor.shape == parameter.shape else {
          throw NNError.shapeDiffers(
            name: "\(name).\(stateName)", expected: parameter.shape, found: tensor.shape)
        }
        return tensor.array
      }
      guard values.isEmpty || values.count == stateNames.count else {
        throw NNError.argument(type: "optimizer state", reason: "the state of \"\(name)\" is incomplete")
      }
      newSlots[ObjectIdentifier(parameter)] = Slot(parameter: parameter, steps: steps, values: values)
    }
    slots = newSlots
    stepCount = steps
  }
}

/// Refuses an optimizer's setting outside `range`.
func requireSetting(_ value: Double, _ name: String, in range: Range<Double>, of type: String) throws {
  guard range.contains(value) else {
    let limit = range.upperBound.isInfinite ? "not negative" : "within 0..<\(range.upperBound)"
    throw NNError.argument(type: type, reason: "\(name) is \(value), it must be \(limit)")
  }
}
