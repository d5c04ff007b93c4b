/// The batches that a rank measures: one of as many as there are ranks, and all of them on a process of its own. Made ahead
/// where that is possible.
final class OwnBatches {
  private let source: any BatchSource
  private let first: Int
  private let step: Int
  /// For sources that give one batch after the other: how many they have given, and `Int.max` when they gave the last.
  private var given: Int?

  /// - Parameter end: no batch of this number or a higher one is asked for.
  init(_ source: any BatchSource, until end: Int) {
    let source = source.once
    (first, step) = (Ranks.current?.rank ?? 0, Ranks.together)
    given = source is any SequentialSource ? 0 : nil
    let own = EveryNth(source: source, first: first, step: step)
    self.source =
      given == nil ? own.prefetched(until: end <= first ? 0 : (end - first - 1) / step + 1) : source
  }

  /// The batch of a number, which is this rank's; nil behind the last one.
  func batch(at index: Int) throws -> Batch? {
    guard given != nil else { return try source.batch(at: (index - first) / step) }
    try pass(index - 1)
    return try next(index)
  }

  private func next(_ index: Int) throws -> Batch? {
    guard given != .max else { return nil }
    let batch = try source.batch(at: index)
    given = batch == nil ? .max : index + 1
    return batch
  }

  /// Leaves a source that gives one batch after the other behind the batch of a number, on all ranks.
  func pass(_ index: Int) throws {
    guard let next = given, next <= index else { return }
    for other in next...index { _ = try self.next(other) }
  }
}

/// Every so many batches of another source.
private struct EveryNth: BatchSource {
  let source: any BatchSource
  let first: Int
  let step: Int

  var batchCount: Int? { source.batchCount.map { max(0, $0 - first + step - 1) / step } }
  var isThreadSafe: Bool { source.isThreadSafe }
  func batch(at index: Int) throws -> Batch? { try source.batch(at: first + index * step) }
}
