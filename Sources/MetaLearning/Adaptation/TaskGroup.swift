import ArrayCore
import Autograd
import NN

/// How a learner goes through the tasks of a batch. All ways compute the same.
public enum Strategy: Sendable, Equatable {
  /// All at once or in chunks when shapes agree, one by one otherwise.
  case automatic
  /// All tasks in one pass.
  case batched
  /// So many tasks in a pass: less memory.
  case chunked(Int)
  /// One task after the other.
  case looped
}

/// Errors of a model or loss that must see one task's numbers (`item()`, branching on a value). A front end that
/// wraps errors conforms its own type to it, so that learners can fall back to a loop over tasks.
public protocol TaskLoopRequest: Error {
  var needsTaskLoop: Bool { get }
}

/// Whether running the tasks one by one would help.
func asksForTaskLoop(_ error: any Error) -> Bool {
  if let error = error as? TensorError { return error.kind == .needsTaskLoop }
  return (error as? any TaskLoopRequest)?.needsTaskLoop ?? false
}

/// Some tasks of a batch that go through the model together.
struct TaskGroup {
  let train: Samples
  let test: Samples?
  /// The number in the batch of the first task.
  let firstTask: Int
  /// The length of the hidden task axis; nil for a single task without one.
  let taskCount: Int?

  var tasks: Int { taskCount ?? 1 }

  init(_ task: Task, number: Int) {
    train = task.train
    test = task.test
    firstTask = number
    taskCount = task.train.inputs.taskCount
  }

  /// - Parameter range: of the `count` tasks of the stack.
  init(_ stack: Batch.Stack, _ range: Range<Int>, of count: Int, first: Int) throws {
    func part(_ samples: Samples) throws -> Samples {
      guard range.count < count else { return samples }
      func cut(_ tensor: Tensor) throws -> Tensor {
        Tensor(
          try tensor.array.sliced(axis: 0, from: range.lowerBound, to: range.upperBound), hasTasks: true)
      }
      return try Samples(cut(samples.inputs), cut(samples.targets))
    }
    train = try part(stack.train)
    test = try stack.test.map(part)
    firstTask = first + range.lowerBound
    taskCount = range.count
  }

  /// A group of its `tensors`.
  init(tensors: ArraySlice<Tensor>, firstTask: Int) throws {
    let parts = Array(tensors)
    train = try Samples(parts[0], parts[1])
    test = parts.count > 2 ? try Samples(parts[2], parts[3]) : nil
    self.firstTask = firstTask
    taskCount = train.inputs.taskCount
  }

  /// The samples: inputs and targets of the train sets, then of the test sets.
  var tensors: [Tensor] {
    [train.inputs, train.targets] + (test.map { [$0.inputs, $0.targets] } ?? [])
  }

  /// The groups of some of a batch's tasks. A task's numbers do not depend on which tasks share its group.
  ///
  /// - Parameters:
  ///   - part: the tasks, all when nil.
  ///   - parts: an automatic strategy makes at least so many, of nearly equal sizes.
  static func groups(
    of batch: Batch, _ part: Range<Int>? = nil, _ strategy: Strategy, model: Module, parts: Int = 1
  ) throws -> [TaskGroup] {
    let part = part ?? 0..<batch.count
    func looped() throws -> [TaskGroup] {
      try part.map { TaskGroup(try batch[$0], number: batch.first + $0) }
    }
    guard strategy != .looped, batch.total > 1, !part.isEmpty, let stack = try batch.stack else {
      return try looped()
    }
    let size: Int
    switch strategy {
    case .batched, .looped: size = max(1, part.count)
    case .chunked(let count): size = max(1, count)
    case .automatic:
      let most = automaticSize(stack, model: model)
      guard most > 1 else { return try looped() }
      size = max(1, min(most, (part.count + parts - 1) / parts))
    }
    return try stride(from: part.lowerBound, to: part.upperBound, by: size).map {
      try TaskGroup(
        stack, $0..<min($0 + size, part.upperBound), of: batch.count, first: batch.first)
    }
  }

  /// How many tasks to take at once. Decided by shapes alone, so that results do not depend on the machine: small
  /// tasks gain from a common pass, while the activations of a single image task already fill both cores and
  /// more than the caches.
  private static func automaticSize(_ stack: Batch.Stack, model: Module) -> Int {
    let widest = max(1, model.structure.widestConvolution)
    let elements = max(1, stack.train.inputs.count + (stack.test?.inputs.count ?? 0))
    let (size, overflow) = elements.multipliedReportingOverflow(by: widest)
    return overflow ? 1 : max(1, (1 << 22) / size)
  }
}
