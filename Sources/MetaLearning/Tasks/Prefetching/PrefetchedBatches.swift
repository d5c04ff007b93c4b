import ArrayCore

/// The batches of another source, made ahead of their use in the background: the same ones in the same order.
final class PrefetchedBatches: BatchSource {
  let batchCount: Int?
  private let prefetcher: Prefetcher<Batch>

  /// - Parameter make: gives the batch of a number, on any thread.
  init(batchCount: Int?, until end: Int, _ make: @escaping @Sendable (Int) throws -> Batch?) {
    self.batchCount = batchCount
    prefetcher = Prefetcher(until: end, bytes: \.bytes) { index in
      let batch = try make(index)
      // Stacked here, so that the learner finds it done.
      _ = try? batch?.stack
      return batch
    }
  }

  func batch(at index: Int) throws -> Batch? { try prefetcher.item(at: index) }
}

extension Samples {
  /// What the numbers keep in memory.
  var bytes: Int {
    [inputs, targets].reduce(0) { $0 + $1.array.elementCount * $1.dtype.byteSize }
  }
}
