import ArrayCore
import Autograd
import OrderedCollections

/// Several tasks for one meta-update.
///
/// Tasks of equal shapes are stacked, so that a learner can run them all in one pass; others are fine too and run
/// one by one. It belongs to the thread that runs the learner.
public final class Batch {
  /// All tasks' samples as tensors with a hidden task axis.
  struct Stack {
    let train: Samples
    let test: Samples?
  }

  private enum Content {
    case tasks([Task])
    case stacked(Stack, attributes: [OrderedDictionary<String, Double>])
  }

  /// How many tasks there are.
  public let count: Int
  /// Where they are among the tasks of the whole batch, of which other ranks have others.
  let first: Int
  /// How many tasks the whole batch has.
  let total: Int
  private let content: Content
  private lazy var cachedStack: Result<Stack?, any Error> = Result { try makeStack() }

  public init(_ tasks: [Task]) throws {
    guard !tasks.isEmpty else { throw LearningError.emptyBatch }
    count = tasks.count
    (first, total) = (0, count)
    content = .tasks(tasks)
  }

  /// A rank's part of a batch; nil for none of it.
  init(part: Batch?, first: Int, of total: Int) {
    count = part?.count ?? 0
    (self.first, self.total) = (first, total)
    content = part?.content ?? .tasks([])
  }

  /// A batch whose samples already lie one task after the other: tensors with a first axis of tasks.
  init(stackedTrain train: Samples, test: Samples?, attributes: [OrderedDictionary<String, Double>]) throws {
    guard let count = train.inputs.shape.first, count > 0 else { throw LearningError.emptyBatch }
    self.count = count
    (first, total) = (0, count)
    let stack = Stack(
      train: try Samples(train.inputs.hideTasks(), train.targets.hideTasks()),
      test: try test.map { try Samples($0.inputs.hideTasks(), $0.targets.hideTasks()) })
    content = .stacked(stack, attributes: attributes)
  }

  public subscript(index: Int) -> Task {
    get throws {
      guard index >= 0, index < count else { throw LearningError.taskOutOfRange(index: index, count: count) }
      switch content {
      case .tasks(let tasks): return tasks[index]
      case .stacked(let stack, let attributes):
        func slice(_ samples: Samples) throws -> Samples {
          try Samples(samples.inputs.taskSlice(index), samples.targets.taskSlice(index))
        }
        return Task(
          train: try slice(stack.train), test: try stack.test.map(slice),
          attributes: index < attributes.count ? attributes[index] : [:])
      }
    }
  }

  public var tasks: [Task] {
    get throws { try (0..<count).map { try self[$0] } }
  }

  /// All train (support) sets, with the tasks along the first axis, as torchmeta's `batch["train"]`.
  public var train: Samples {
    get throws {
      guard let stack = try stack else { throw LearningError.shapesDiffer(what: "samples") }
      return try exposed(stack.train)
    }
  }

  /// All test (query) sets, with the tasks along the first axis.
  public var test: Samples {
    get throws {
      guard let stack = try stack else { throw LearningError.shapesDiffer(what: "samples") }
      guard let test = stack.test else { throw LearningError.noTestSet }
      return try exposed(test)
    }
  }

  public var support: Samples { get throws { try train } }
  public var query: Samples { get throws { try test } }

  /// What its samples keep in memory.
  var bytes: Int {
    func size(_ train: Samples, _ test: Samples?) -> Int { train.bytes + (test?.bytes ?? 0) }
    return switch content {
    case .stacked(let stack, _): size(stack.train, stack.test)
    // Their own tensors, and the stack of them.
    case .tasks(let tasks): 2 * tasks.reduce(0) { $0 + size($1.train, $1.test) }
    }
  }

  /// What ranks compare of the shapes and types of its samples.
  var form: [Int64] {
    get throws {
      guard count > 0 else { return Digest.none }
      // No stack, no common form.
      guard let stack = try stack else { return Digest.words(of: 0) }
      var digest = Digest()
      for samples in [stack.train, stack.test].compactMap(\.self) {
        for tensor in [samples.inputs, samples.targets] {
          digest.take(tensor.dtype.byteSize)
          digest.take(tensor.dtype.isFloating ? 1 : 0)
          digest.take(tensor.rank)
          for size in tensor.shape { digest.take(size) }
        }
      }
      return digest.words
    }
  }

  private func exposed(_ samples: Samples) throws -> Samples {
    try Samples(samples.inputs.exposeTasks(), samples.targets.exposeTasks())
  }

  /// The tasks in one, nil if their shapes or types differ. Made once.
  var stack: Stack? { get throws { try cachedStack.get() } }

  private func makeStack() throws -> Stack? {
    switch content {
    case .stacked(let stack, _): return stack
    case .tasks(let tasks):
      let tests = tasks.compactMap(\.test)
      guard tests.isEmpty || tests.count == tasks.count else { return nil }
      guard let train = try stacked(tasks.map(\.train)) else { return nil }
      if tests.isEmpty { return Stack(train: train, test: nil) }
      guard let test = try stacked(tests) else { return nil }
      return Stack(train: train, test: test)
    }
  }
}

/// Sets of equal shapes and types as one with a hidden task axis, nil for others.
func stacked(_ sets: [Samples]) throws -> Samples? {
  guard let first = sets.first else { return nil }
  let fits = sets.allSatisfy {
    $0.inputs.shape == first.inputs.shape && $0.targets.shape == first.targets.shape
      && $0.inputs.dtype == first.inputs.dtype && $0.targets.dtype == first.targets.dtype
      && $0.inputs.taskCount == nil
  }
  guard fits else { return nil }
  return try Samples(
    Tensor.stackTasks(sets.map(\.inputs)), Tensor.stackTasks(sets.map(\.targets)))
}
