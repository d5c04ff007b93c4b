import Glibc

/// Student's t distribution with a whole number of degrees of freedom.
public enum StudentT {
  /// P(−t ≤ T ≤ t), by the finite sums for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
  public static func probability(within t: Double, degreesOfFreedom: Int) -> Double {
    guard degreesOfFreedom > 0, t > 0 else { return t > 0 ? .nan : 0 }
    let angle = atan(t / Double(degreesOfFreedom).squareRoot())
    let square = cos(angle) * cos(angle)
    let isOdd = !degreesOfFreedom.isMultiple(of: 2)
    // Terms cosᵏ of every second power, from cos (odd) or 1 (even) on.
    var term = isOdd ? cos(angle) : 1
    var sum = degreesOfFreedom == 1 ? 0 : term
    var power = isOdd ? 3 : 2
    while power <= degreesOfFreedom - 2 {
      term *= square * Double(power - 1) / Double(power)
      sum += term
      power += 2
    }
    return isOdd ? 2 / .pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }

  /// The t with P(−t ≤ T ≤ t) = `probability`, as confidence intervals use it: 2.776 for 95% and 4 degrees of freedom.
  public static func quantile(within probability: Double, degreesOfFreedom: Int) -> Double {
    guard degreesOfFreedom > 0, probability > 0, probability < 1 else { return .nan }
    var (low, high) = (0.0, 1.0)
    while self.probability(within: high, degreesOfFreedom: degreesOfFreedom) < probability, high < 1e300 {
      high *= 2
    }
    // Until the two are neighbours.
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return middle }
      if self.probability(within: middle, degreesOfFreedom: degreesOfFreedom) < probability {
        low = middle
      } else {
        high = middle
      }
    }
  }
}

/// The mean of a sample with its 95% confidence interval by Student's t: mean ± t₀.₉₇₅, n − 1 · s / √n.
public struct MeanInterval: Sendable, Equatable {
  public let mean: Double
  /// Half the width of the interval; NaN for a sample of one.
  public let halfWidth: Double
  public let count: Int

  public init(of values: [Double]) {
    count = values.count
    mean = MetaLearning.mean(values)
    guard count > 1 else {
      halfWidth = .nan
      return
    }
    let centre = mean
    let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let deviation = (squares / Double(count - 1)).squareRoot()
    halfWidth =
      StudentT.quantile(within: 0.95, degreesOfFreedom: count - 1) * deviation / Double(count).squareRoot()
  }

  /// Whether 0 is outside the interval.
  public var excludesZero: Bool { abs(mean) > halfWidth }
}
