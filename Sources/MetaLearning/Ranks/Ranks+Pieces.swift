/// Work in independent pieces, of which every rank does some on its own.
extension Ranks {
  /// How many pieces are under way at a time.
  public static var together: Int { current?.size ?? 1 }

  /// Does each piece on one rank alone, a piece for each rank at a time, and hands what comes of it to all ranks in the
  /// order of the pieces. An error or an interrupt ends it after the pieces that are under way, and they are handed on
  /// first: nothing that was done is lost.
  ///
  /// - Parameters:
  ///   - pieces: the same on all ranks, by what they are as texts.
  ///   - work: does a piece, and adds words that tell what came of it; what it has added counts also when it throws.
  ///   - take: gets the words on all ranks, and whether the piece was done.
  ///   - isEnough: says after each round whether the rest is not wanted any more.
  /// - Throws: the error of the first piece that failed, as ``LearningError/rank(_:reason:)`` on the ranks that did
  ///   others; `cancelled` when the user has asked to stop.
  public static func spread<Pieces: RandomAccessCollection>(
    _ pieces: Pieces, _ work: (Pieces.Element, inout [Int64]) throws -> Void,
    taking take: (Pieces.Element, [Int64], _ isDone: Bool) throws -> Void,
    until isEnough: () -> Bool = { false }
  ) throws where Pieces.Index == Int {
    func attempt(_ piece: Pieces.Element, _ words: inout [Int64]) -> (any Error)? {
      do { try work(piece, &words) } catch { return error }
      return nil
    }
    guard let ranks = current else {
      for piece in pieces {
        var words: [Int64] = []
        let failure = attempt(piece, &words)
        try take(piece, words, failure == nil)
        if let failure { throw failure }
        if isEnough() { break }
      }
      return
    }
    var first = pieces.startIndex
    while first < pieces.endIndex, !isEnough() {
      let round = pieces[first...].prefix(ranks.size)
      first = round.endIndex
      let own = ranks.rank < round.count ? round[round.startIndex + ranks.rank] : nil
      var words: [Int64] = []
      let failure = own.flatMap { piece in alone { attempt(piece, &words) } }
      var names = Digest()
      names.take(pieces.count)
      for piece in round { names.take("\(piece)") }
      let found = try Meeting(.pieces, ranks).exchange(failure, names.words)
      guard found.isTogether, Digest.areEqual(found.largest.prefix(2)) else {
        throw failure ?? found.problem ?? LearningError.ranksApart
      }
      let gathered = try ranks.gather([failure == nil ? 1 : 0] + words)
      for (piece, words) in zip(round, gathered) {
        try take(piece, Array(words.dropFirst()), words.first == 1)
      }
      if let problem = failure ?? found.problem { throw problem }
    }
  }
}

extension Communicator {
  /// The words of every rank, on all of them.
  func gather(_ own: [Int64]) throws -> [[Int64]] {
    var counts = [Int64](repeating: 0, count: size)
    counts[rank] = Int64(own.count)
    try reduce(&counts, .sum)
    var starts = [0]
    for count in counts { starts.append(starts[starts.count - 1] + Int(count)) }
    var words = [Int64](repeating: 0, count: starts[size])
    words.replaceSubrange(starts[rank]..<starts[rank + 1], with: own)
    try reduce(&words, .sum)
    return (0..<size).map { Array(words[starts[$0]..<starts[$0 + 1]]) }
  }
}
