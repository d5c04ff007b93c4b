import ArrayCore

/// The ranks that share the work of this process. All run the same program; what they do together begins with a meeting,
/// so that they go on in the same way or all stop.
public enum Ranks {
  /// The other processes of the job, where there are any. Inside ``alone(_:)`` there are none.
  @TaskLocal static var scoped: Scope = .job

  enum Scope { case job, alone }

  /// The processes of the job; set once, before the program starts.
  nonisolated(unsafe) private static var job: (any Communicator)?

  /// Joins a job. To be called before anything else runs.
  public static func join(_ communicator: any Communicator) { job = communicator }

  /// The processes that work together here; nil for one on its own.
  public static var current: (any Communicator)? {
    guard scoped == .job, let job, job.size > 1 else { return nil }
    return job
  }

  /// Whether this process is the one that prints, draws and writes.
  public static var isFirst: Bool { (current?.rank ?? 0) == 0 }

  /// Runs `body` as if this process were the only one.
  public static func alone<R>(_ body: () throws -> R) rethrows -> R {
    try $scoped.withValue(.alone, operation: body)
  }

  /// This rank's share of `count` things: neighbours, and as many as the other ranks have, or one more.
  static func share(of count: Int) -> Range<Int> {
    guard let ranks = current else { return 0..<count }
    return share(of: count, rank: ranks.rank, size: ranks.size)
  }

  static func share(of count: Int, rank: Int, size: Int) -> Range<Int> {
    let (each, rest) = count.quotientAndRemainder(dividingBy: size)
    let first = rank * each + min(rank, rest)
    return first..<first + each + (rank < rest ? 1 : 0)
  }

  /// What one process has to do, such as to write a file: the first rank does it, and all learn how it went.
  public static func once(_ body: () throws -> Void) throws {
    guard let ranks = current else { return try body() }
    _ = try Meeting(.once, ranks).agree { if ranks.rank == 0 { try body() } }
  }
}
