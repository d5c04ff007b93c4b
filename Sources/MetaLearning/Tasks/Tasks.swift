import ArrayCore
import Autograd

/// Where a learner gets its batches: the batch of each meta-iteration by number, nil after the last.
///
/// Batches are addressed by number so that a run can go on at the iteration where it stopped.
public protocol BatchSource {
  func batch(at index: Int) throws -> Batch?
  /// How many different batches there are; nil if that is not known or they do not end.
  var batchCount: Int? { get }
  /// The same batches for measuring, in which no task is twice: the last of counted tasks may be smaller.
  var once: any BatchSource { get }
  /// The same batches, of which only this rank's share of the tasks is made; whole ones where all must be made.
  var ofOwnTasks: any BatchSource { get }
  /// Whether a batch is made anew at each call, and any thread may make it.
  var isThreadSafe: Bool { get }
}

extension BatchSource {
  public var batchCount: Int? { nil }
  public var once: any BatchSource { self }
  public var ofOwnTasks: any BatchSource { self }
  public var isThreadSafe: Bool { false }

  /// The same batches, made ahead of their use in the background; the source itself where another thread must not make
  /// them. One thread may use it.
  ///
  /// - Parameter end: nobody will ask for this number or a higher one.
  public func prefetched(until end: Int) -> any BatchSource {
    guard isThreadSafe else { return self }
    // It says so itself.
    nonisolated(unsafe) let source: any BatchSource = self
    return PrefetchedBatches(batchCount: batchCount, until: end) { try source.batch(at: $0) }
  }
}

/// A list of batches is gone through again and again.
extension Array: BatchSource where Element == Batch {
  public var batchCount: Int? { count }
  public func batch(at index: Int) throws -> Batch? { isEmpty || index < 0 ? nil : self[index % count] }
}

/// Batches made by a closure.
public struct GeneratedBatches: BatchSource {
  private let make: (Int) throws -> Batch?
  public init(_ make: @escaping (Int) throws -> Batch?) { self.make = make }
  public func batch(at index: Int) throws -> Batch? { try make(index) }
}

/// Tasks addressed by number: `tasks[i]` is the same task on every access.
open class Tasks {
  /// How many different tasks there are; nil if they do not end.
  public let count: Int?
  public let seed: UInt64
  /// Whether any thread may make tasks, several at a time, so that training makes them ahead in the background.
  public let isThreadSafe: Bool
  /// Which part of a larger set these tasks are, and how those of another part are made; nil for tasks without parts.
  public final var parts: Parts?
  private let make: ((Int) throws -> Task)?

  /// The parts of a set of tasks.
  public struct Parts {
    public let own: MetaSplit
    /// Gives the tasks of a part, with the settings of these.
    public let tasks: (MetaSplit) throws -> Tasks

    public init(own: MetaSplit, tasks: @escaping (MetaSplit) throws -> Tasks) {
      self.own = own
      self.tasks = tasks
    }
  }

  /// Tasks made by a closure of the number, on the thread that asks for them.
  public convenience init(seed: UInt64 = 0, count: Int? = nil, _ make: @escaping (Int) throws -> Task) {
    self.init(seed: seed, count: count, isThreadSafe: false, making: make)
  }

  /// Tasks made by a closure of the number that any thread may call.
  public static func concurrent(
    seed: UInt64 = 0, count: Int? = nil, _ make: @escaping @Sendable (Int) throws -> Task
  ) -> Tasks {
    Tasks(seed: seed, count: count, isThreadSafe: true, making: make)
  }

  /// For subclasses, which override ``task(at:)``.
  ///
  /// - Parameters:
  ///   - seed: what all draws depend on.
  ///   - count: how many tasks there are; nil if they do not end.
  ///   - isThreadSafe: whether any thread may call what is overridden.
  ///   - make: makes a task of its number; nil for subclasses that override ``task(at:)``.
  public init(seed: UInt64, count: Int?, isThreadSafe: Bool, making make: ((Int) throws -> Task)? = nil) {
    self.seed = seed
    self.count = count
    self.isThreadSafe = isThreadSafe
    self.make = make
  }

  /// Makes a task. Called with numbers in range only.
  open func task(at index: Int) throws -> Task {
    guard let make else { throw LearningError.taskOutOfRange(index: index, count: 0) }
    return try make(index)
  }

  public final subscript(index: Int) -> Task {
    get throws {
      guard index >= 0, index < count ?? Int.max else {
        throw LearningError.taskOutOfRange(index: index, count: count)
      }
      return try task(at: index)
    }
  }

  /// The tasks `from ..< from + count`; a limited number of tasks is gone through again and again.
  open func batch(_ size: Int, from first: Int = 0) throws -> Batch {
    try requireRange(size, from: first)
    return try Batch((0..<size).map { try self[(first + $0) % (count ?? Int.max)] })
  }

  /// Refuses empty and overflowing ranges.
  final func requireRange(_ size: Int, from first: Int) throws {
    guard size > 0 else { throw LearningError.emptyBatch }
    guard size <= 1 << 20 else {
      throw LearningError.argument(type: "batch", reason: "\(size) tasks are too many, 1048576 is the limit")
    }
    guard first >= 0, !first.addingReportingOverflow(size).overflow, count != 0 else {
      throw LearningError.taskOutOfRange(index: first, count: count)
    }
  }

  /// Endless batches: number k is tasks `size · k ..< size · k + size`.
  public final func batches(of size: Int) -> Batches { Batches(tasks: self, size: size, limit: nil) }
}

/// Consecutive batches of tasks.
public struct Batches: BatchSource {
  public let tasks: Tasks
  /// Tasks in a batch.
  public let size: Int
  /// How many batches there are; nil if they do not end.
  public let limit: Int?
  /// Whether counted tasks end with the last one instead of beginning anew.
  private var isOnce = false
  /// The tasks of a batch that are made; nil for all.
  private var share: Range<Int>?

  init(tasks: Tasks, size: Int, limit: Int?) {
    self.tasks = tasks
    self.size = size
    self.limit = limit
  }

  public var once: any BatchSource {
    var copy = self
    copy.isOnce = true
    return copy
  }

  /// The first batches only.
  public func prefix(_ count: Int) -> Batches {
    Batches(tasks: tasks, size: size, limit: min(limit ?? Int.max, max(count, 0)))
  }

  public var batchCount: Int? {
    let ofTasks = tasks.count.map { ($0 + size - 1) / size }
    guard let limit else { return ofTasks }
    return min(limit, ofTasks ?? limit)
  }

  public var ofOwnTasks: any BatchSource {
    guard Ranks.current != nil, !isOnce else { return self }
    var copy = self
    copy.share = Ranks.share(of: size)
    return copy
  }

  public var isThreadSafe: Bool { tasks.isThreadSafe }

  public func batch(at index: Int) throws -> Batch? {
    if let limit, index >= limit { return nil }
    let (first, overflow) = index.multipliedReportingOverflow(by: size)
    guard index >= 0, !overflow else { throw LearningError.taskOutOfRange(index: index, count: tasks.count) }
    if let share {
      let own = share.isEmpty ? nil : try tasks.batch(share.count, from: first + share.lowerBound)
      return Batch(part: own, first: share.lowerBound, of: size)
    }
    guard isOnce, let count = tasks.count else { return try tasks.batch(size, from: first) }
    return first < count ? try tasks.batch(min(size, count - first), from: first) : nil
  }
}
