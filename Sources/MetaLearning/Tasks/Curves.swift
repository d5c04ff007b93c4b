import ArrayCore
import Autograd
import OrderedCollections

/// Regression on curves y = f(x) of one kind, one curve a task, with the points of the train (support) set before those of
/// the test (query) set. Inputs and targets are [shots, 1] and [testShots, 1].
///
/// Task i depends on the seed, the split and i alone. A new kind is one file: a subclass that draws `curve(at:)`.
public class Curves: Tasks {
  public let shots: Int
  public let testShots: Int
  public let metaSplit: MetaSplit
  /// The standard deviation of normal noise on the targets.
  public let noise: Double
  public let dtype: DType

  /// A task's curve.
  struct Curve {
    /// What made it, as the task's attributes.
    let attributes: OrderedDictionary<String, Double>
    /// Where point number `place` of all points lies, drawn by a key of its own.
    let input: (RandomKey, _ place: UInt64) -> Double
    let value: (_ x: Double) -> Double
  }

  public required init(
    shots: Int = 10, testShots: Int = 15, metaSplit: MetaSplit = .train, seed: UInt64 = 0, noise: Double = 0,
    dtype: DType = .float32
  ) throws {
    let type = String(describing: Self.self)
    try requireCount(shots, "shots", of: type)
    try requireCount(testShots, "testShots", atLeast: 0, of: type)
    guard shots <= 1 << 20, testShots <= 1 << 20, noise >= 0, noise.isFinite, dtype.isFloating else {
      throw LearningError.argument(type: type, reason: "shots, noise or dtype is out of range")
    }
    self.shots = shots
    self.testShots = testShots
    self.metaSplit = metaSplit
    self.noise = noise
    self.dtype = dtype
    super.init(seed: seed, count: nil, isThreadSafe: true)
    let kind = Self.self
    parts = Parts(own: metaSplit) {
      try kind.init(shots: shots, testShots: testShots, metaSplit: $0, seed: seed, noise: noise, dtype: dtype)
    }
  }

  /// The curve of a task, made of numbers that ``key(_:)`` gives for its index.
  func curve(at index: UInt64) -> Curve {
    Curve(attributes: [:], input: { $0.uniform(at: $1) }, value: { $0 })
  }

  /// A source of random numbers for each purpose, 0 to 7; 2 draws inputs and 3 noise.
  final func key(_ purpose: Int) -> RandomKey {
    RandomKey(seed: seed, stream: UInt64(8 * metaSplit.stream + purpose))
  }

  /// A number between two, for the task.
  final func uniform(_ purpose: Int, _ index: UInt64, _ low: Double, _ high: Double) -> Double {
    low + (high - low) * key(purpose).uniform(at: index)
  }

  override public func task(at index: Int) throws -> Task { try batch(1, from: index)[0] }

  override public func batch(_ size: Int, from first: Int = 0) throws -> Batch {
    try requireRange(size, from: first)
    let points = shots + testShots
    guard size * points <= 1 << 26 else {
      throw LearningError.argument(
        type: String(describing: type(of: self)), reason: "a batch of \(size) tasks is too large")
    }
    var parts: (trainX: [Double], trainY: [Double], testX: [Double], testY: [Double]) = ([], [], [], [])
    var attributes: [OrderedDictionary<String, Double>] = []
    let (inputs, noises) = (key(2), key(3))
    for index in first..<first + size {
      let curve = curve(at: UInt64(index))
      attributes.append(curve.attributes)
      let start = UInt64(index) &* UInt64(points)
      for point in 0..<points {
        let place = start &+ UInt64(point)
        let x = curve.input(inputs, place)
        let y = curve.value(x) + (noise > 0 ? noise * noises.normal(at: place) : 0)
        if point < shots {
          parts.trainX.append(x)
          parts.trainY.append(y)
        } else {
          parts.testX.append(x)
          parts.testY.append(y)
        }
      }
    }
    func samples(_ x: [Double], _ y: [Double], _ count: Int) throws -> Samples {
      let shape: Shape = [size, count, 1]
      return try Samples(Tensor(x, shape: shape, dtype: dtype), Tensor(y, shape: shape, dtype: dtype))
    }
    return try Batch(
      stackedTrain: samples(parts.trainX, parts.trainY, shots),
      test: testShots == 0 ? nil : samples(parts.testX, parts.testY, testShots), attributes: attributes)
  }
}
