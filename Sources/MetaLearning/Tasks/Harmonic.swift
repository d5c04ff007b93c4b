import Glibc

/// Regression on two harmonics: y = a₁ sin(ω x + b₁) + a₂ sin(2 ω x + b₂), with ω from U(5, 7), the phases from
/// U(0, 2π), the amplitudes from N(0, 1), and x from N(m, 1), m from U(−4, 4); torchmeta's `Harmonic`
/// (Lacoste et al. 2018).
public final class Harmonic: Curves {
  override func curve(at index: UInt64) -> Curve {
    let (a1, a2) = (key(0).normal(at: index), key(1).normal(at: index))
    let (b1, b2) = (uniform(4, index, 0, 2 * Double.pi), uniform(5, index, 0, 2 * Double.pi))
    let frequency = uniform(6, index, 5, 7)
    let centre = uniform(7, index, -4, 4)
    return Curve(
      attributes: [
        "frequency": frequency, "amplitude1": a1, "phase1": b1, "amplitude2": a2, "phase2": b2,
        "centre": centre,
      ],
      input: { centre + $0.normal(at: $1) },
      value: { a1 * sin(frequency * $0 + b1) + a2 * sin(2 * frequency * $0 + b2) })
  }
}
