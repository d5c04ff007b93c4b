import ArrayCore
import Interpreter

extension InnerloopLanguage {
  /// `seed(7)` and `threads(2)`.
  static func registerSettings(in builder: RegistryBuilder) {
    builder.function(
      "seed", [.positional("value", .int, "any Int")],
      Documentation(
        "Starts the session's random numbers anew.", example: "seed(7)",
        discussion:
          "A session starts at seed 0; every random draw without a seed of its own takes the next one.")
    ) { arguments, evaluation in
      SeedState.of(evaluation).restart(at: UInt64(bitPattern: Int64(try arguments.int("value"))))
      return .void
    }
    builder.function(
      "threads", [.positional("count", .int, default: nil, "how many; without it, tells how many are used")],
      returns: .int,
      Documentation(
        "Sets how many threads compute, and gives the number.", example: "threads(2)",
        discussion: "Results are the same, bit for bit, at any number of threads.")
    ) { arguments, _ in
      if let count = try arguments.optionalInt("count") {
        guard (1...256).contains(count) else {
          throw arguments.problem("count", "the number of threads must be between 1 and 256, not \(count)")
        }
        ThreadPool.threadCount = count
      }
      return .int(ThreadPool.threadCount)
    }
  }
}
