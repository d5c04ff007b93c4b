import ArrayCore

/// A number of tasks of a set, each once, in batches: the training or the held-out tasks of one seed.
struct TaskStream: BatchSource {
  let tasks: Tasks
  /// Tasks in a batch; the last may have fewer.
  let size: Int
  /// How many tasks there are.
  let count: Int
  /// Which tasks: consecutive ones, or listed ones, gone through again and again.
  let order: Order

  enum Order {
    case from(Int)
    case listed([Int])
  }

  var batchCount: Int? { (count + size - 1) / size }

  func batch(at index: Int) throws -> Batch? {
    let (first, overflow) = index.multipliedReportingOverflow(by: size)
    guard index >= 0, !overflow, first < count else { return nil }
    let own = min(size, count - first)
    switch order {
    case .from(let start): return try tasks.batch(own, from: start + first)
    case .listed(let numbers):
      return try Batch((0..<own).map { try tasks[numbers[(first + $0) % numbers.count]] })
    }
  }

  var isThreadSafe: Bool { tasks.isThreadSafe }
}

/// The tasks that learners are compared on: for each seed some to train on and others that are held out.
struct ComparedTasks {
  let training: Tasks
  /// The tasks to measure on; nil takes others of `training`.
  let testing: Tasks?
  let trainingCount: Int
  let testCount: Int
  let batchSize: Int

  /// More different tasks than this are not listed in a random order.
  private static let listLimit = 1 << 20
  /// Of counted tasks without parts, so many of a hundred are held out.
  private static let heldOutPercent = 20

  func training(seed: Int) throws -> TaskStream {
    if let numbers = try listed(training, seed: seed) {
      let own = testing == nil ? Array(numbers.dropLast(try heldOut(of: numbers.count))) : numbers
      return stream(training, trainingCount, .listed(own))
    }
    return stream(training, trainingCount, .from(seed * block))
  }

  func testing(seed: Int) throws -> TaskStream {
    guard let testing else {
      if let numbers = try listed(training, seed: seed) {
        let own = numbers.suffix(try heldOut(of: numbers.count))
        return stream(training, min(testCount, own.count), .listed(Array(own)))
      }
      return stream(training, testCount, .from(seed * block + trainingCount))
    }
    if let numbers = try listed(testing, seed: seed) {
      return stream(testing, min(testCount, numbers.count), .listed(numbers))
    }
    return stream(testing, testCount, .from(seed * testCount))
  }

  /// The tasks of one seed, those held out included: those of another seed begin behind them.
  private var block: Int { trainingCount + (testing == nil ? testCount : 0) }

  private func stream(_ tasks: Tasks, _ count: Int, _ order: TaskStream.Order) -> TaskStream {
    TaskStream(tasks: tasks, size: batchSize, count: count, order: order)
  }

  /// Counted tasks in a random order of the seed's; nil for tasks without end.
  private func listed(_ tasks: Tasks, seed: Int) throws -> [Int]? {
    guard let count = tasks.count, count <= Self.listLimit else { return nil }
    guard count > 0 else { throw LearningError.noBatches }
    return RandomKey(seed: UInt64(seed), stream: 1 << 41).permutation(count)
  }

  private func heldOut(of count: Int) throws -> Int {
    guard count > 1 else {
      throw LearningError.argument(
        type: "compare", reason: "there is one task alone, and none to hold out; give others: testing:")
    }
    return max(1, count * Self.heldOutPercent / 100)
  }
}
