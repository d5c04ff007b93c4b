/// The candidate that a mistyped name most likely meant, or nil when none is near.
///
/// Nearness is the optimal string alignment distance (insertions, deletions, substitutions and swaps of neighbours), letter
/// case and underscores not counted; at most a third of the name's length, at least one. Ties go to the candidate that comes first in
/// alphabetical order, so that the answer does not depend on the order of a set.
public func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
  let folded = foldedForComparison(name)
  guard !folded.isEmpty, folded.count <= 64 else { return nil }
  let limit = max(1, folded.count / 3)
  var best: (distance: Int, name: String)?
  for candidate in candidates where candidate != name {
    let other = foldedForComparison(candidate)
    guard !other.isEmpty, abs(other.count - folded.count) <= limit else { continue }
    // One letter against another is no resemblance.
    guard folded.count > 1 || other == folded else { continue }
    let distance = alignmentDistance(folded, other, limit: best.map { min($0.distance, limit) } ?? limit)
    guard distance <= limit, distance < max(folded.count, other.count) else { continue }
    if let current = best, (current.distance, current.name) <= (distance, candidate) { continue }
    best = (distance, candidate)
  }
  return best?.name
}

private func foldedForComparison(_ name: String) -> [UInt8] {
  name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") }
}

/// The optimal string alignment distance, or `limit + 1` as soon as it must be larger.
private func alignmentDistance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
  if a == b { return 0 }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var current = [Int](repeating: i + 1, count: b.count + 1)
    var smallest = i + 1
    for j in 0..<b.count {
      let cost = a[i] == b[j] ? 0 : 1
      var value = min(last[j + 1] + 1, current[j] + 1, last[j] + cost)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { value = min(value, beforeLast[j - 1] + 1) }
      current[j + 1] = value
      smallest = min(smallest, value)
    }
    if smallest > limit { return limit + 1 }
    beforeLast = last
    last = current
  }
  return last[b.count]
}
