import ArrayCore
import Autograd
import Glibc
import NN
import OrderedCollections

/// The gradient of a learner's outer loss on a batch, in float64, taken apart into what a first-order learner keeps and the
/// rest, and checked against central differences of the loss.
///
/// With θₖ(θ) the adapted parameters, ∇L_test(θₖ(θ)) = (∂θₖ/∂θ)ᵀ ∇L_test(θₖ). The first-order part takes the gradients of the
/// inner steps as constants, so that ∂θₖ/∂θ is 1; the rest is what the second derivatives of the train losses add.
public class MetaGradient {
  private let parameters: NamedParameters
  /// All learned parameters' numbers, in float64.
  private let start: [Tensor]
  /// What the loss depends on besides, in float64.
  private let constants: [(Parameter, Tensor)]
  private let objective: (_ firstOrder: Bool) throws -> Tensor

  /// The learner's own gradient by name: of first order where the learner is.
  public final let gradients: NamedTensors
  /// With the gradients of inner steps as constants.
  public final let firstOrder: NamedTensors
  /// What that leaves out: the whole derivative less ``firstOrder``.
  public final let secondOrder: NamedTensors
  public final let loss: Double

  /// - Throws: ``LearningError/argument(type:reason:)`` for learners whose step is no derivative of an outer loss (Reptile,
  ///   implicit MAML).
  public convenience init(_ learner: MAML, _ batch: Batch) throws {
    guard learner.differentiatesOuterLoss else {
      throw LearningError.argument(
        type: "metaGradient",
        reason: "\(type(of: learner)) does not take the derivative of its outer loss through the inner steps")
    }
    let exact = try Batch(
      batch.tasks.map {
        Task(
          train: try $0.train.inFloat64(), test: try $0.test.map { try $0.inFloat64() },
          attributes: $0.attributes)
      })
    try self.init(of: learner, isFirstOrder: learner.firstOrder) {
      try learner.outerLoss(exact, firstOrder: $0).loss
    }
  }

  /// - Parameters:
  ///   - isFirstOrder: whether the learner takes the gradients of inner steps as constants.
  ///   - objective: the outer loss on samples in float64, at the parameters in force.
  init(
    of learner: some Learner, isFirstOrder: Bool, objective: @escaping (_ firstOrder: Bool) throws -> Tensor
  ) throws {
    let learned = learner.learnedParameters
    let values = try learned.values.map { try $0.tensor.inFloat64() }
    let frozen = try learner.model.frozenParameters.values.map { ($0, try $0.tensor.inFloat64()) }
    (parameters, start, constants, self.objective) = (learned, values, frozen, objective)
    func measured(firstOrder: Bool) throws -> (loss: Double, gradients: [Tensor]) {
      let leaves = values.map { $0.asRecorded() }
      return try withReplacedParameters(Array(zip(learned.values, leaves)) + frozen) {
        let loss = try objective(firstOrder)
        return (try loss.item(), try gradient(of: loss, wrt: leaves).values)
      }
    }
    func named(_ tensors: [Tensor]) -> NamedTensors {
      NamedTensors(uniqueKeysWithValues: zip(learned.keys, tensors))
    }
    let (whole, first) = (try measured(firstOrder: false), try measured(firstOrder: true))
    loss = whole.loss
    firstOrder = named(first.gradients)
    secondOrder = named(try zip(whole.gradients, first.gradients).map { try $0 - $1 })
    gradients = isFirstOrder ? firstOrder : named(whole.gradients)
  }

  /// One parameter's part of the gradient.
  public struct Part: Sendable {
    public let name: String
    public let shape: Shape
    /// ‖g‖ of the learner's own gradient, of its first-order part and of the second-order rest.
    public let norm: Double
    public let firstOrderNorm: Double
    public let secondOrderNorm: Double
    /// Between the whole derivative and its first-order part, in degrees; nil where one of them is 0.
    public let angle: Double?
  }

  /// The parts of all parameters, and behind them all together under "all".
  public final var parts: [Part] {
    get throws {
      let names = Array(parameters.keys)
      let values = try names.map { name in
        try [gradients, firstOrder, secondOrder].map { all in
          try all[name]?.toDoubles() ?? []
        }
      }
      func part(_ name: String, _ shape: Shape, _ own: [[Double]]) -> Part {
        let whole = zip(own[1], own[2]).map { $0 + $1 }
        let product = zip(whole, own[1]).reduce(0.0) { $0 + $1.0 * $1.1 }
        let sizes = Self.norm(whole) * Self.norm(own[1])
        return Part(
          name: name, shape: shape, norm: Self.norm(own[0]), firstOrderNorm: Self.norm(own[1]),
          secondOrderNorm: Self.norm(own[2]),
          angle: sizes > 0 ? acos(max(-1, min(1, product / sizes))) * 180 / .pi : nil)
      }
      let each = zip(zip(names, start), values).map { part($0.0, $0.1.shape, $1) }
      let all = (0..<3).map { kind in values.flatMap { $0[kind] } }
      return each + [part("all", [all[0].count], all)]
    }
  }

  /// A comparison with (L(θ + h) − L(θ − h)) / 2h.
  public struct Check: Sendable {
    public let name: String
    /// How many of its elements were compared.
    public let count: Int
    /// The largest |difference| / max(1, |central difference|).
    public let largestDifference: Double
  }

  /// Compares elements of the learner's own gradient with central differences of the outer loss.
  ///
  /// - Parameters:
  ///   - elements: of each parameter so many at most, spread over it.
  ///   - step: h.
  /// - Throws: ``LearningError/argument(type:reason:)`` where the loss is another one by now, as after training with weights
  ///   that depend on the iteration.
  public final func check(elements: Int = 20, step: Double = 1e-5) throws -> [Check] {
    try requireCount(elements, "elements", of: "check")
    guard step > 0, step.isFinite else {
      throw LearningError.argument(type: "check", reason: "step is \(step), it must be above 0")
    }
    let values = Array(parameters.values)
    func loss(_ at: [Tensor]) throws -> Double {
      try withReplacedParameters(Array(zip(values, at.map { $0.asRecorded() })) + constants) {
        // Inner steps need their gradients, the outer loss none.
        try objective(true).detach().item()
      }
    }
    guard try abs(loss(start) - self.loss) <= 1e-9 * max(1, abs(self.loss)) else {
      throw LearningError.argument(
        type: "check", reason: "the learner's outer loss has changed since; make the meta-gradient again")
    }
    return try parameters.keys.enumerated().map { place, name in
      let numbers = try start[place].toDoubles()
      let own = try gradients[name]?.toDoubles() ?? []
      let count = min(elements, numbers.count)
      let differences = try (0..<count).map { index in
        let element = index * numbers.count / count
        func moved(by size: Double) throws -> Double {
          var (all, at) = (numbers, start)
          all[element] += size
          at[place] = try Tensor(all, shape: start[place].shape, dtype: .float64)
          return try loss(at)
        }
        let slope = try (moved(by: step) - moved(by: -step)) / (2 * step)
        return abs(own[element] - slope) / max(1, abs(slope))
      }
      return Check(name: name, count: count, largestDifference: differences.max() ?? 0)
    }
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
  }
}
