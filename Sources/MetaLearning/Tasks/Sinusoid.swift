import ArrayCore
import Autograd
import Glibc
import OrderedCollections

/// Regression on sine waves: y = amplitude · sin(x − phase), with the amplitude from U(0.1, 5), the phase from
/// U(0, π) and x from U(−5, 5), as torchmeta's `Sinusoid` (Finn, Abbeel and Levine 2017).
///
/// Inputs and targets are [shots, 1] and [testShots, 1]. Task i depends on the seed, the split and i alone.
public final class Sinusoid: Tasks {
  public let shots: Int
  public let testShots: Int
  public let metaSplit: MetaSplit
  /// The standard deviation of normal noise on the targets.
  public let noise: Double
  public let dtype: DType

  public init(
    shots: Int = 10, testShots: Int = 15, metaSplit: MetaSplit = .train, seed: UInt64 = 0, noise: Double = 0,
    dtype: DType = .float32
  ) throws {
    try requireCount(shots, "shots", of: "Sinusoid")
    try requireCount(testShots, "testShots", atLeast: 0, of: "Sinusoid")
    guard shots <= 1 << 20, testShots <= 1 << 20, noise >= 0, noise.isFinite, dtype.isFloating else {
      throw LearningError.argument(type: "Sinusoid", reason: "shots, noise or dtype is out of range")
    }
    self.shots = shots
    self.testShots = testShots
    self.metaSplit = metaSplit
    self.noise = noise
    self.dtype = dtype
    super.init(seed: seed, count: nil)
  }

  private func key(_ purpose: Int) -> RandomKey {
    RandomKey(seed: seed, stream: UInt64(8 * metaSplit.stream + purpose))
  }

  /// One task's wave and its points.
  private func wave(at index: Int) -> (amplitude: Double, phase: Double, x: [Double], y: [Double]) {
    let amplitude = 0.1 + 4.9 * key(0).uniform(at: UInt64(index))
    let phase = Double.pi * key(1).uniform(at: UInt64(index))
    let points = shots + testShots
    let first = UInt64(index) &* UInt64(points)
    var x: [Double] = []
    var y: [Double] = []
    for i in 0..<points {
      let place = first &+ UInt64(i)
      x.append(-5 + 10 * key(2).uniform(at: place))
      y.append(amplitude * sin(x[i] - phase))
      if noise > 0 { y[i] += noise * key(3).normal(at: place) }
    }
    return (amplitude, phase, x, y)
  }

  override public func task(at index: Int) throws -> Task { try batch(1, from: index)[0] }

  override public func batch(_ size: Int, from first: Int = 0) throws -> Batch {
    try requireRange(size, from: first)
    guard size * (shots + testShots) <= 1 << 26 else {
      throw LearningError.argument(type: "Sinusoid", reason: "a batch of \(size) tasks is too large")
    }
    var parts: (trainX: [Double], trainY: [Double], testX: [Double], testY: [Double]) = ([], [], [], [])
    var attributes: [OrderedDictionary<String, Double>] = []
    for index in first..<first + size {
      let (amplitude, phase, x, y) = wave(at: index)
      attributes.append(["amplitude": amplitude, "phase": phase])
      parts.trainX += x.prefix(shots)
      parts.trainY += y.prefix(shots)
      parts.testX += x.dropFirst(shots)
      parts.testY += y.dropFirst(shots)
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
