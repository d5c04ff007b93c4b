import Interpreter

/// The session's source of seeds: it starts at 0, and each draw without a seed of its own takes the next.
final class SeedState {
  private var seed: UInt64 = 0
  private var draws: UInt64 = 0
  /// Whether ranks share the work that is under way, so that draws would differ between them.
  private(set) var isShared = false

  static func of(_ evaluation: Evaluation) -> SeedState { evaluation.state(SeedState.self) { SeedState() } }

  func restart(at seed: UInt64) {
    self.seed = seed
    draws = 0
  }

  /// Draws inside `body` come from another seed, and leave the session's draws as they were.
  func within<Result>(_ other: UInt64, _ body: () throws -> Result) rethrows -> Result {
    let (outerSeed, outerDraws, wasShared) = (seed, draws, isShared)
    defer { (seed, draws, isShared) = (outerSeed, outerDraws, wasShared) }
    restart(at: other)
    isShared = false
    return try body()
  }

  /// Nothing is drawn inside `body`.
  func refusingDraws<Result>(_ body: () throws -> Result) rethrows -> Result {
    let wasShared = isShared
    defer { isShared = wasShared }
    isShared = true
    return try body()
  }

  /// Draws inside `body` are those of a session that has just begun at this one's seed.
  func fromTheStart<Result>(_ body: () throws -> Result) rethrows -> Result { try within(seed, body) }

  /// A seed that depends on the session's seed and on how many were drawn before (the finaliser of SplitMix64).
  func next() -> UInt64 {
    draws += 1
    var bits = seed &+ draws &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

extension Arguments {
  /// The argument `seed:`, or the session's next seed.
  func seed(_ evaluation: Evaluation) throws -> UInt64 {
    if let seed = try optionalInt("seed") { return UInt64(bitPattern: Int64(seed)) }
    let state = SeedState.of(evaluation)
    guard !state.isShared || !evaluation.keepsOuterVariables else {
      throw problem(
        message: "numbers drawn here would depend on which rank of the job draws them",
        hints: ["give it a seed: `seed: 1`"])
    }
    return state.next()
  }
}
