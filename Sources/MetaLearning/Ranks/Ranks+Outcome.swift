/// The end of what all ranks do together.
extension Ranks {
  /// How many calls of ``alike(_:)`` are under way, one inside the other.
  @TaskLocal private static var depth: Int64 = 0

  /// Runs what all ranks do, and lets it end in the same way on all: none goes on where another has failed or was
  /// interrupted, even if its own part was done.
  static func alike<R>(_ body: () throws -> R) throws -> R {
    guard let ranks = current else { return try body() }
    let own = depth + 1
    let result = $depth.withValue(own) { Result { try body() } }
    var failure: (any Error)?
    if case .failure(let error) = result { failure = error }
    var problem: (any Error)?
    while true {
      let found = try Meeting(.outcome, ranks).exchange(failure, Digest.words(of: own))
      problem = problem ?? found.problem
      // The largest complement belongs to the least number.
      let (deepest, least) = (found.largest[0], ~found.largest[1])
      if found.isTogether, deepest == least { break }
      // Others may still be at something that needs this rank, and learn there that it will not come; who is at a part of
      // what others have ended comes out to them.
      if found.isOver || found.isTogether && own > least {
        throw failure ?? problem ?? LearningError.ranksApart
      }
    }
    if failure == nil, let problem { throw problem }
    return try result.get()
  }
}
