import ArrayCore
import Autograd

/// In training, zeroes each element with the given probability and scales the others by 1/(1 − p); after `eval()`
/// passes its input on. Srivastava et al. 2014.
///
/// The mask is drawn from the seed and a count of calls. Inside a learner it depends on the seed, the
/// meta-iteration, the inner step and the task's number instead, so that a run repeats exactly, and a task gets
/// the same mask whether tasks run together or one by one.
public final class Dropout: Module {
  public let probability: Double
  public let seed: UInt64
  private var calls = 0

  public init(_ probability: Double = 0.5, seed: UInt64 = 0) throws {
    guard probability >= 0, probability <= 1 else {
      throw NNError.argument(type: "Dropout", reason: "the probability \(probability) is not within 0...1")
    }
    self.probability = probability
    self.seed = seed
    super.init()
  }

  override public func makeCopy(_ copier: ModuleCopier) throws -> Module {
    let copy = try Dropout(probability, seed: seed)
    copy.calls = calls
    return copy
  }

  override public var settings: String { "\(probability)" }

  override public var hasFixedParts: Bool { true }

  override public func forward(_ inputs: [Tensor]) throws -> Tensor {
    let x = try single(inputs)
    guard isTraining, probability > 0 else { return x }
    return try x * mask(like: x)
  }

  private func mask(like x: Tensor) throws -> Tensor {
    guard let scope = ForwardScope.current, let place = scope.place else {
      defer { calls += 1 }
      return try mask(like: x, firstTask: 0, taskCount: x.taskCount, derivedSeed(seed, -1, calls))
    }
    let call = scope.countCall(of: self)
    let base = derivedSeed(seed, place.round, place.pass, call)
    return try mask(like: x, firstTask: place.firstTask, taskCount: place.taskCount, base)
  }

  private func mask(like x: Tensor, firstTask: Int, taskCount: Int?, _ base: UInt64) throws -> Tensor {
    func one(_ task: Int) throws -> Tensor {
      let key = RandomKey(seed: base, stream: UInt64(task))
      let draws = try NDArray.uniform(x.shape, key: key, .float64)
      let kept = try NDArray.binary(.greaterEqual, draws, scalar: probability)
      let scale = probability < 1 ? 1 / (1 - probability) : 0
      return Tensor(try NDArray.binary(.multiply, kept.cast(to: x.dtype), scalar: scale))
    }
    guard let taskCount else { return try one(firstTask) }
    return try Tensor.stackTasks((0..<taskCount).map { try one(firstTask + $0) })
  }
}
