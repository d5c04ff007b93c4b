import ArrayCore
import Glibc

/// Regression on sine waves as ``Sinusoid``'s or, in every second task by chance, on lines y = slope · x + intercept, both
/// from U(−3, 3); x is from U(−5, 5). torchmeta's `SinusoidAndLine` (Finn, Xu and Levine 2018).
public final class SinusoidAndLine: Curves {
  override func curve(at index: UInt64) -> Curve {
    let input: (RandomKey, UInt64) -> Double = { -5 + 10 * $0.uniform(at: $1) }
    guard key(4).uniform(at: index) < 0.5 else {
      let slope = uniform(5, index, -3, 3)
      let intercept = uniform(6, index, -3, 3)
      return Curve(
        attributes: ["slope": slope, "intercept": intercept], input: input, value: { slope * $0 + intercept })
    }
    let amplitude = uniform(0, index, 0.1, 5)
    let phase = uniform(1, index, 0, Double.pi)
    return Curve(
      attributes: ["amplitude": amplitude, "phase": phase], input: input,
      value: { amplitude * sin($0 - phase) })
  }
}
