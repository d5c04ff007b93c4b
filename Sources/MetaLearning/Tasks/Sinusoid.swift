import ArrayCore
import Autograd
import Glibc
import OrderedCollections

/// Regression on sine waves: y = amplitude · sin(frequency · x − phase), with the amplitude from U(0.1, 5), the phase from
/// U(0, π), x from U(−5, 5), and 1 as the frequency, as torchmeta's `Sinusoid` (Finn, Abbeel and Levine 2017).
public final class Sinusoid: Curves {
  /// What a task's frequency is drawn from; Meta-SGD's paper has 0.8...1.2 (Li, Zhou, Chen and Li 2017).
  public let frequency: ClosedRange<Double>

  public init(
    shots: Int = 10, testShots: Int = 15, metaSplit: MetaSplit = .train, seed: UInt64 = 0, noise: Double = 0,
    dtype: DType = .float32, frequency: ClosedRange<Double>
  ) throws {
    guard frequency.lowerBound > 0, frequency.upperBound <= 1e6 else {
      throw LearningError.argument(
        type: "Sinusoid",
        reason: "frequency is \(frequency), both its bounds must be above 0 and at most 1,000,000")
    }
    self.frequency = frequency
    try super.init(
      shots: shots, testShots: testShots, metaSplit: metaSplit, seed: seed, noise: noise, dtype: dtype)
    parts = Parts(own: metaSplit) {
      try Sinusoid(
        shots: shots, testShots: testShots, metaSplit: $0, seed: seed, noise: noise, dtype: dtype,
        frequency: frequency)
    }
  }

  public required init(
    shots: Int = 10, testShots: Int = 15, metaSplit: MetaSplit = .train, seed: UInt64 = 0, noise: Double = 0,
    dtype: DType = .float32
  ) throws {
    frequency = 1...1
    try super.init(
      shots: shots, testShots: testShots, metaSplit: metaSplit, seed: seed, noise: noise, dtype: dtype)
  }

  override func curve(at index: UInt64) -> Curve {
    let amplitude = uniform(0, index, 0.1, 5)
    let phase = uniform(1, index, 0, Double.pi)
    let rate = uniform(4, index, frequency.lowerBound, frequency.upperBound)
    var attributes: OrderedDictionary = ["amplitude": amplitude, "phase": phase]
    if frequency != 1...1 { attributes["frequency"] = rate }
    return Curve(
      attributes: attributes,
      input: { -5 + 10 * $0.uniform(at: $1) }, value: { amplitude * sin(rate * $0 - phase) })
  }
}
