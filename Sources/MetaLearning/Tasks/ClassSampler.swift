import ArrayCore

/// How the classes of a task are chosen.
public enum ClassSampler: String, CaseIterable, Sendable {
  /// At random and in a random order, without end. torchmeta's `CombinationRandomSampler`.
  case random
  /// All combinations one after the other, each once, in the order of the classes: task i has the i-th. torchmeta's
  /// `CombinationSequentialSampler`.
  case combinations

  /// How many different choices of `k` of `n` classes there are, n! / (k! (n − k)!); nil for random ones, which do not
  /// end, and for more than an Int holds.
  func count(_ k: Int, of n: Int) -> Int? {
    guard self == .combinations else { return nil }
    return Self.binomial(n, k)
  }

  /// The classes of task number `index`, in order of their labels in the task.
  func classes(_ k: Int, of n: Int, at index: Int, key: RandomKey) -> [Int] {
    guard self == .combinations else { return key.choice(k, of: n) }
    // The combinations that begin with `first` come before those that begin with a later class.
    var (rest, chosen) = (index, [Int]())
    var candidate = 0
    while chosen.count < k, candidate < n {
      let behind = Self.binomial(n - candidate - 1, k - chosen.count - 1) ?? .max
      if rest < behind {
        chosen.append(candidate)
      } else {
        rest -= behind
      }
      candidate += 1
    }
    return chosen
  }

  /// nil where it is more than an Int holds.
  private static func binomial(_ n: Int, _ k: Int) -> Int? {
    guard k >= 0, k <= n else { return 0 }
    var result = 1
    for factor in 0..<min(k, n - k) {
      // Exact: a product of consecutive numbers is a multiple of that of the first ones.
      let (product, overflow) = result.multipliedReportingOverflow(by: n - factor)
      guard !overflow else { return nil }
      result = product / (factor + 1)
    }
    return result
  }
}
