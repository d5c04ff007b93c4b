import ArrayCore
import Autograd

/// The largest |a − b| / max(floor, |a|, |b|); infinite when the counts differ or a number is NaN on one
/// side only.
public func largestDifference(_ a: [Double], _ b: [Double], floor: Double = 1) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) where x != y && !(x.isNaN && y.isNaN) {
    let difference = abs(x - y) / max(floor, abs(x), abs(y))
    if !(difference <= largest) { largest = difference.isNaN ? .infinity : difference }
  }
  return largest
}

/// As `largestDifference(_:_:floor:)` for tensors, tasks included; infinite when shapes differ.
public func largestDifference(_ a: Tensor, _ b: Tensor, floor: Double = 1) throws -> Double {
  guard a.shape == b.shape, a.taskCount == b.taskCount else { return .infinity }
  return largestDifference(try a.array.toDoubles(), try b.array.toDoubles(), floor: floor)
}

/// Whether the numbers of a tensor, tasks included, are the given ones to `tolerance`.
public func isClose(_ tensor: Tensor, _ numbers: [Double], _ tolerance: Double = 1e-12) throws -> Bool {
  largestDifference(try tensor.array.toDoubles(), numbers) <= tolerance
}
