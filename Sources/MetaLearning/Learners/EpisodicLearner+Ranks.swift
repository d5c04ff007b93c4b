extension EpisodicLearner {
  /// Runs the groups of this rank's share of a batch by `body`, and hears of the other ranks, which go through their tasks
  /// in the same way.
  ///
  /// - Parameters:
  ///   - fetch: gives the batch, nil behind the last one; called once.
  ///   - count: how many numbers `compared` gives.
  ///   - compared: numbers of the result, of which the largest over all ranks is found.
  final func withOwnGroups<R>(
    of fetch: () throws -> Batch?, parts: Int = 1, comparing count: Int,
    compared: (R) throws -> [Int64], _ body: (Batch, [TaskGroup]) throws -> R
  ) throws -> Meeting.Outcome<R>? {
    guard let ranks = Ranks.current else {
      guard let batch = try fetch() else { return nil }
      guard batch.count == batch.total else { throw LearningError.partOfBatch }
      let result = try withGroups(of: batch, nil, parts: parts) { try body(batch, $0) }
      return Meeting.Outcome(result: result, largest: try compared(result))
    }
    // Tasks made here alone may fail here alone: that, too, all hear of.
    var made: Batch??
    func batch() throws -> Batch? {
      if let made { return made }
      let batch = try fetch()
      made = batch
      return batch
    }
    // After an uneven batch forms are compared before anything is computed, so that it is not computed twice.
    var isUneven = false
    if wereUneven {
      func form() throws -> [Int64] { try batch()?.form ?? Digest.none }
      let forms = try Meeting(.step, ranks).agree(comparing: 2, compared: { $0 }, form)
      isUneven = !Digest.areEqual(forms.largest[...])
    }
    func own(_ result: (batch: Batch, value: R)?) throws -> [Int64] {
      let isThere = Digest.words(of: result == nil ? 0 : 1)
      guard let result else { return isThere + Array(repeating: .min, count: count + 4) }
      return try isThere + Digest.words(of: needsTaskLoop ? 1 : 0) + result.batch.form
        + compared(result.value)
    }
    while true {
      let outcome = try Meeting(.step, ranks).agree(comparing: count + 6, compared: own) {
        try batch().map { batch in
          // The source has made this rank's tasks alone, or all of them.
          let share = batch.count < batch.total ? 0..<batch.count : Ranks.share(of: batch.total)
          let looped = isUneven ? try TaskGroup.groups(of: batch, share, .looped, model: model) : nil
          let value =
            try looped.map { try body(batch, $0) }
            ?? withGroups(of: batch, share, parts: parts) { try body(batch, $0) }
          return (batch: batch, value: value)
        }
      }
      let largest = outcome.largest
      guard Digest.areEqual(largest[0..<2]) else { throw LearningError.ranksApart }
      guard let result = outcome.result else { return nil }
      let areAlike = Digest.areEqual(largest[2..<4])
      if areAlike, isUneven || Digest.areEqual(largest[4..<6]) {
        wereUneven = isUneven
        return Meeting.Outcome(result: result.value, largest: Array(largest.dropFirst(6)))
      }
      // Numbers of tasks in a group and of single ones may differ in their last bits.
      needsTaskLoop = needsTaskLoop || !areAlike
      isUneven = isUneven || !Digest.areEqual(largest[4..<6])
    }
  }
}
