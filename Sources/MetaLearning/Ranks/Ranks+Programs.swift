import ArrayCore

/// Programs that run on all ranks of a job.
extension Ranks {
  /// The next program for all ranks, which the first one gives.
  ///
  /// - Parameter program: on the first rank.
  /// - Returns: the program, and nil when there will be none any more.
  public static func next(_ program: String?) throws -> String? {
    guard let ranks = current else { return program }
    while true {
      let bytes = ranks.rank == 0 ? program.map { Int64($0.utf8.count) } ?? -1 : Int64.min
      let found = try Meeting(.program, ranks).exchange(nil, [bytes])
      // Others may still be leaving the program before.
      guard found.isTogether else { continue }
      guard let length = found.largest.first, length >= 0 else { return nil }
      return length == 0 ? "" : try ranks.text(ranks.rank == 0 ? program : nil, bytes: Int(length))
    }
  }

  /// How a program ended on other ranks.
  public enum Ending: Sendable {
    case succeeded
    case interrupted
    case failed(rank: Int, reason: String)
  }

  /// Waits until the program is at its end on all ranks; those that are still at work on something that needs this one
  /// are told to stop.
  ///
  /// - Parameter failure: what ended the program here, if not its end.
  public static func end(_ failure: (any Error)? = nil) throws -> Ending {
    guard let ranks = current else { return .succeeded }
    var ending = Ending.succeeded
    while true {
      let found = try Meeting(.end, ranks).exchange(failure)
      if let failed = found.failed { ending = .failed(rank: failed.rank, reason: failed.reason) }
      if found.isInterrupted, case .succeeded = ending { ending = .interrupted }
      if found.isTogether { return ending }
    }
  }

  /// A line of text that the first rank has got, on all of them.
  public static func line(_ read: () throws -> String?) throws -> String? {
    guard let ranks = current else { return try read() }
    func length(_ line: String?) -> [Int64] {
      ranks.rank == 0 ? [line.map { Int64($0.utf8.count) } ?? -1] : [.min]
    }
    let found = try Meeting(.gathering, ranks).agree(comparing: 1, compared: length) {
      ranks.rank == 0 ? try read() : nil
    }
    guard let length = found.largest.first, length >= 0 else { return nil }
    return length == 0 ? "" : try ranks.text(found.result, bytes: Int(length))
  }
}
