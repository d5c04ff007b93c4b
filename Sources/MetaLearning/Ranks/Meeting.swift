import ArrayCore

/// Where all ranks learn whether they are at the same place of the program and how their own part of the work went,
/// before any takes over a result: if one fails, all throw its error, and nothing has changed on any.
struct Meeting {
  /// The places where ranks meet.
  enum Kind: Int64 {
    /// The program or the cell is at its end.
    case end = 1
    case step, evaluation, once, gathering, program
  }

  /// Words of a first message: what is below, and what the caller adds.
  private static let length = 64
  private static let own = 8
  private static let textWords = 256

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
  ///   - compared: numbers of the part, the same count of them on all ranks.
  ///   - count: how many `compared` gives.
  ///   - part: what this rank does.
  /// - Throws: the part's own error; ``LearningError/rank(_:reason:)`` for another rank's; `cancelled` when any was
  ///   interrupted.
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
    var words = [Int64](repeating: .min, count: Self.length)
    words[0] = kind.rawValue
    words[1] = -kind.rawValue
    let isInterrupted = failure.map(isCancelled) ?? false
    words[2] = failure == nil || isInterrupted ? 0 : Int64(ranks.size - ranks.rank)
    words[3] = isInterrupted ? 1 : 0
    let first = min(count, Self.length - Self.own)
    for index in 0..<min(first, numbers.count) { words[Self.own + index] = numbers[index] }
    try ranks.reduce(&words, .maximum)
    guard words[0] == -words[1] else { throw failure ?? LearningError.ranksApart }
    if words[2] > 0 {
      let failed = ranks.size - Int(words[2])
      let text = try share(failed == ranks.rank ? failure.map { String(describing: $0) } : nil)
      throw failure ?? LearningError.rank(failed, reason: text)
    }
    if words[3] > 0 { throw failure ?? TensorError("train", .cancelled) }
    var largest = Array(words[Self.own..<Self.own + first])
    if count > first {
      var rest = Array(numbers.dropFirst(first))
      try ranks.reduce(&rest, .maximum)
      largest += rest
    }
    guard let result else { throw LearningError.ranksApart }
    return Outcome(result: result, largest: largest)
  }

  /// A text of one rank, cut after 2 kB, on all of them.
  ///
  /// - Parameter text: nil on the others.
  private func share(_ text: String?) throws -> String {
    var words = [Int64](repeating: 0, count: Self.textWords)
    for (index, byte) in (text ?? "").utf8.prefix(8 * Self.textWords).enumerated() {
      words[index / 8] |= Int64(byte) << (8 * (index % 8))
    }
    try ranks.reduce(&words, .sum)
    let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// Whether an error only says that the user asked to stop.
func isCancelled(_ error: any Error) -> Bool {
  if let error = error as? TensorError { return error.kind == .cancelled }
  return (error as? any CancellationReport)?.isCancellation ?? false
}

/// Errors of a front end that may stand for an interrupt.
public protocol CancellationReport: Error {
  var isCancellation: Bool { get }
}
