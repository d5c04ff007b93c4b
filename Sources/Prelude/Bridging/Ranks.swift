import Diagnostics
import Interpreter
import MetaLearning

extension Diagnostic: InterruptReport {}

extension Evaluation {
  static let rankHint =
    "each rank of the job does a part of this work only; give the number as a result, or print it, instead"

  /// Runs work of which each rank of a job does a part: what a part changed outside itself, or drew without a seed, the
  /// other ranks would not know of.
  func sharedByRanks<Result>(_ body: () throws -> Result) throws -> Result {
    guard Ranks.together > 1 else { return try body() }
    let state = SeedState.of(self)
    return try keepingOuterVariables(Self.rankHint) { try state.refusingDraws(body) }
  }
}
