import ArrayCore
import Synchronization

/// Programs that run on all ranks of a job.
extension Ranks {
  private static let number = Atomic(0)

  /// How many programs ``next(_:)`` has given: the number of the one that runs, equal on all ranks.
  public static var programNumber: Int { number.load(ordering: .sequentiallyConsistent) }

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
      number.add(1, ordering: .sequentiallyConsistent)
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

  /// A text that the first rank makes or reads, on all of them; nil where it finds none.
  public static func text(of read: () throws -> String?) throws -> String? {
    guard let ranks = current else { return try read() }
    func length(_ text: String?) -> [Int64] {
      ranks.rank == 0 ? [text.map { Int64($0.utf8.count) } ?? -1] : [.min]
    }
    let found = try Meeting(.text, ranks).agree(comparing: 1, compared: length) {
      ranks.rank == 0 ? try read() : nil
    }
    guard let length = found.largest.first, length >= 0 else { return nil }
    return length == 0 ? "" : try ranks.text(found.result, bytes: Int(length))
  }
}
