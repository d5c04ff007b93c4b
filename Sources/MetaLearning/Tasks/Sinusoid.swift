import Glibc

/// Regression on sine waves: y = amplitude · sin(x − phase), with the amplitude from U(0.1, 5), the phase from
/// U(0, π) and x from U(−5, 5), as torchmeta's `Sinusoid` (Finn, Abbeel and Levine 2017).
public final class Sinusoid: Curves {
  override func curve(at index: UInt64) -> Curve {
    let amplitude = uniform(0, index, 0.1, 5)
    let phase = uniform(1, index, 0, Double.pi)
    return Curve(
      attributes: ["amplitude": amplitude, "phase": phase], input: { -5 + 10 * $0.uniform(at: $1) },
      value: { amplitude * sin($0 - phase) })
  }
}
