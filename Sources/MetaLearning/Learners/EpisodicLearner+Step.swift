import ArrayCore
import Autograd
import NN
import OrderedCollections

extension EpisodicLearner {
  /// The objective of a batch and its gradient, group by group, so that only one group's graph is in memory. The ranks of
  /// a job have a share of the tasks each, and all get the whole.
  public final func step(at iteration: Int, from source: any BatchSource) throws -> OuterResult? {
    let learned = learnedParameters
    let inputs = StepInputs(of: self, scheduled: try scheduledNumbers())
    let forms =
      inputs.learned.map { TaskSum.Form($0.tensor) } + ownBuffers.map { TaskSum.Form($0.buffer.tensor) }
    func compared(_ share: StepShare) throws -> [Int64] { try share.compared }
    func batch() throws -> Batch? { try state.waiting { try source.batch(at: iteration) } }
    let own = try withOwnGroups(
      of: batch, parts: replayParts, comparing: StepShare.comparedCount(forms), compared: compared
    ) { batch, groups in
      var share = StepShare(
        forms, tasks: batch.total, first: groups.first?.firstTask ?? 0, steps: innerSteps)
      try replays.run(
        groups.map { inputs.values + $0.tensors }, setting: inputs.setting(phase: phase),
        capturing: isReplayable
      ) { place, tensors in
        try groupStep(inputs, tensors, firstTask: groups[place].firstTask, tasks: batch.total)
      } consume: { place, results in
        try share.add(results, tasks: groups[place].tasks)
      }
      return share
    }
    guard let own else { return nil }
    let count = inputs.learned.count
    // From here on all ranks do the step, or none does.
    let whole = try Cancellation.held { try own.result.joined(largest: own.largest) }
    let changes = try Cancellation.held {
      try updates(from: Array(whole.sums.dropFirst(count)), tasks: own.result.tasks)
    }
    let gradients = MetaGradients(
      values: Array(whole.sums.prefix(count)), unreached: whole.unreached.filter { $0 < count })
    return OuterResult(
      loss: try Tensor(mean(whole.numbers.outerLosses), dtype: .float64), numbers: whole.numbers,
      iteration: iteration, notes: own.result.notes, names: Array(learned.keys),
      updates: changes,
      gradients: { gradients })
  }

  /// The gradients of each task's share of the objective, its statistics, and its measures.
  ///
  /// - Parameter tensors: the values of the inputs, then the samples of the group.
  final func groupStep(
    _ inputs: StepInputs, _ tensors: [Tensor], firstTask: Int, tasks: Int
  ) throws -> Replays<GroupNotes>.Results {
    try inputs.withRecorded(tensors, perTask: true) { leaves, samples in
      let group = try TaskGroup(tensors: samples, firstTask: firstTask)
      let own = try objective(group, tasks: tasks)
      // A model or loss of the user's may have kept a part of the graph for itself.
      let gradients =
        try isReplayable ? lastGradient(of: own.share, wrt: leaves) : gradient(of: own.share, wrt: leaves)
      let sums = gradients.values + own.statistics
      return Replays.Results(
        tensors: sums + own.measures.tensors,
        notes: GroupNotes(
          measures: own.measures, unreached: Set(gradients.unreached), texts: own.notes, sumCount: sums.count)
      )
    }
  }

  /// What the step of a group tells besides tensors.
  struct GroupNotes {
    let measures: GroupMeasures
    /// Learned parameters that the outer loss does not depend on.
    let unreached: Set<Int>
    let texts: [String]
    /// How many tensors are summed over the tasks: gradients and statistics.
    let sumCount: Int
  }
}

/// What one rank's tasks give to a step.
struct StepShare {
  /// How many tasks the whole batch has.
  let tasks: Int
  private let first: Int
  private let steps: Int
  private(set) var notes: [String] = []
  private var numbers: OuterNumbers
  private var sum: TaskSum

  /// - Parameters:
  ///   - forms: of the gradients, and of the statistics.
  ///   - tasks: how many tasks the whole batch has.
  ///   - first: the number of this share's first task.
  ///   - steps: how many inner steps are measured.
  init(_ forms: [TaskSum.Form], tasks: Int, first: Int, steps: Int) {
    self.tasks = tasks
    self.first = first
    self.steps = steps
    numbers = OuterNumbers(steps: steps)
    sum = TaskSum(forms, terms: tasks)
  }

  mutating func add(_ results: Replays<EpisodicLearner.GroupNotes>.Results, tasks: Int) throws {
    let count = results.notes.sumCount
    try numbers.append(results.notes.measures.with(results.tensors[count...]), tasks: tasks)
    notes = results.notes.texts
    try sum.add(results.tensors.prefix(count), except: results.notes.unreached)
  }

  static func comparedCount(_ forms: [TaskSum.Form]) -> Int { forms.count + 1 }

  /// What must be known of all ranks before the sums can begin.
  var compared: [Int64] { get throws { try sum.magnitudes } }

  struct Whole {
    let sums: [Tensor]
    let unreached: Set<Int>
    let numbers: OuterNumbers
  }

  /// The sums and numbers of all ranks.
  func joined(largest: [Int64]) throws -> Whole {
    guard let ranks = Ranks.current else {
      let found = try sum.joined(largest: largest, with: nil)
      return Whole(sums: found.sums, unreached: found.unreached, numbers: numbers)
    }
    var words = numbers.words(first: first, of: tasks)
    let found = try sum.joined(largest: largest, with: ranks, beside: &words)
    return Whole(
      sums: found.sums, unreached: found.unreached,
      numbers: OuterNumbers(words: words, of: tasks, steps: steps))
  }
}
