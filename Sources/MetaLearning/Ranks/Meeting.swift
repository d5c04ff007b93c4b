import ArrayCore

/// Where all ranks learn whether they are at the same place of the program and how their own part of the work went,
/// before any takes over a result: if one fails, all throw its error, and nothing has changed on any.
struct Meeting {
  /// The places where ranks meet.
  enum Kind: Int64 {
    /// The program or the cell is at its end.
    case end = 1
    /// The next program or cell comes from the first rank.
    case program
    case step, once, text, pieces, learner, outcome
  }

  /// Words of the first message: what is below, and what the caller adds.
  private static let length = 64
  private static let own = 8

  let kind: Kind
  let ranks: any Communicator

  init(_ kind: Kind, _ ranks: any Communicator) {
    self.kind = kind
    self.ranks = ranks
  }

  /// What all ranks found.
  struct Outcome<Result> {
    let result: Result
    /// The largest of what each rank gave to compare.
    let largest: [Int64]
  }

  /// Does this rank's part and hears of the others'.
  ///
  /// - Parameters:
  ///   - count: how many numbers `compared` gives, on all ranks.
  ///   - compared: numbers of the part.
  ///   - part: what this rank does.
  /// - Throws: the part's own error; ``LearningError/rank(_:reason:)`` for another rank's; `cancelled` when any was
  ///   interrupted; ``LearningError/ranksApart`` when others are at another place.
  func agree<Result>(
    comparing count: Int = 0, compared: (Result) throws -> [Int64] = { _ in [] }, _ part: () throws -> Result
  ) throws -> Outcome<Result> {
    var failure: (any Error)?
    var result: Result?
    var numbers: [Int64] = []
    do {
      let own = try part()
      numbers = try compared(own)
      result = own
    } catch {
      failure = error
    }
    let first = min(count, Self.length - Self.own)
    let found = try exchange(failure, Array(numbers.prefix(first)))
    if let problem = failure ?? found.problem { throw problem }
    guard found.isTogether else { throw LearningError.ranksApart }
    var largest = Array(found.largest.prefix(first))
    if count > first {
      var rest = Array(numbers.dropFirst(first))
      try ranks.reduce(&rest, .maximum)
      largest += rest
    }
    guard let result else { throw LearningError.ranksApart }
    return Outcome(result: result, largest: largest)
  }

  /// What the first message says of all ranks.
  struct Exchange {
    /// Whether all are at the same place.
    let isTogether: Bool
    /// Whether some rank has no work left in this program.
    let isOver: Bool
    /// The first rank that failed, if any.
    let failed: (rank: Int, reason: String)?
    let isInterrupted: Bool
    let largest: [Int64]

    /// Why all stop, if they do.
    var problem: (any Error)? {
      if let failed { return LearningError.rank(failed.rank, reason: failed.reason) }
      return isInterrupted ? TensorError("train", .cancelled) : nil
    }
  }

  /// Tells the other ranks where this one is, whether it failed, and some numbers, and hears the same of them.
  func exchange(_ failure: (any Error)?, _ numbers: [Int64] = []) throws -> Exchange {
    var words = [Int64](repeating: .min, count: Self.length)
    words[0] = kind.rawValue
    words[1] = -kind.rawValue
    let isInterrupted = failure.map(isCancelled) ?? false
    words[2] = failure == nil || isInterrupted ? 0 : Int64(ranks.size - ranks.rank)
    words[3] = isInterrupted ? 1 : 0
    for (index, number) in numbers.enumerated() { words[Self.own + index] = number }
    try ranks.reduce(&words, .maximum)
    var failed: (rank: Int, reason: String)?
    if words[2] > 0 {
      let rank = ranks.size - Int(words[2])
      let own = rank == ranks.rank ? failure.map { String(describing: $0) } : nil
      failed = (rank, try ranks.text(own, bytes: 2048))
    }
    // Asked to stop there is asked to stop here: what comes next does not begin.
    if words[3] > 0, !isInterrupted { ranks.takeInterrupt() }
    return Exchange(
      isTogether: words[0] == -words[1], isOver: -words[1] <= Kind.program.rawValue, failed: failed,
      isInterrupted: words[3] > 0,
      largest: Array(words[Self.own...]))
  }
}

extension Communicator {
  /// The text of one rank, cut after so many bytes, on all of them.
  ///
  /// - Parameter text: nil on the others.
  func text(_ text: String?, bytes: Int) throws -> String {
    var words = Ranks.words(of: text.map { String(decoding: $0.utf8.prefix(bytes), as: UTF8.self) } ?? "")
    let count = 1 + (bytes + 7) / 8
    words = Array((words + Array(repeating: 0, count: count)).prefix(count))
    try reduce(&words, .sum)
    return Ranks.text(of: words)
  }
}

extension Ranks {
  /// A text as words: how many bytes, and the bytes.
  public static func words(of text: String) -> [Int64] {
    let bytes = Array(text.utf8)
    var words = [Int64](repeating: 0, count: 1 + (bytes.count + 7) / 8)
    words[0] = Int64(bytes.count)
    for (index, byte) in bytes.enumerated() { words[1 + index / 8] |= Int64(byte) << (8 * (index % 8)) }
    return words
  }

  /// The text of such words.
  public static func text(of words: [Int64]) -> String {
    let bytes = words.dropFirst().flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    return String(decoding: bytes.prefix(Int(words.first ?? 0)), as: UTF8.self)
  }
}

/// Whether an error only says that the user asked to stop.
private func isCancelled(_ error: any Error) -> Bool {
  if let error = error as? TensorError { return error.kind == .cancelled }
  return (error as? any InterruptReport)?.isInterrupt ?? false
}

/// Errors of a front end that may say that the user asked to stop.
public protocol InterruptReport: Error {
  var isInterrupt: Bool { get }
}
