import ArrayCore
import NN
import OrderedCollections

/// Learners on the same tasks, again for each of some seeds.
///
/// For each seed every learner starts with new weights of the seed's, the same for models of equal structure, trains on
/// the same tasks in the same order, and is measured on the same held-out tasks; other seeds have other tasks. So two
/// learners differ at one seed by what they are alone, and their differences are paired.
///
/// The learners given are copied and stay as they are. A run that is stopped keeps what is done, and ``run(progress:)``
/// goes on with the rest.
public final class Comparison {
  /// How long to train, on how much, and how to measure.
  public struct Settings: Sendable {
    /// Meta-updates of each run.
    public var maxBatches = 200
    /// Tasks in a batch.
    public var batchSize = 25
    /// Held-out tasks that each trained learner is measured on.
    public var testTasks = 200
    /// Steps of the inner loop when measured; nil takes the learner's.
    public var numAdaptationSteps: Int?
    /// Whether weights are drawn anew for each seed, or all start with the learner's own.
    public var newWeights = true

    public init() {}
  }

  /// One learner trained with one seed.
  public struct Run: Sendable {
    public let seed: Int
    /// The outer losses of training.
    public let history: History
    /// On the held-out tasks.
    public let score: Score
  }

  public let settings: Settings
  public let seeds: [Int]
  public let names: [String]
  /// What is held out: words for notes.
  public let heldOut: String
  public let isOnDomains: Bool
  /// What is done, by learner and seed.
  private var done: OrderedDictionary<String, [Int: Run]>
  private let trainers: [Trainer]
  private let batchesPerRun: Int

  /// A copy of a learner, ready to train with any seed.
  private struct Trainer {
    let name: String
    let run: (_ seed: Int, _ progress: (Int, Double) throws -> Void) throws -> Run
  }

  /// - Parameters:
  ///   - learners: by name; they are copied.
  ///   - tasks: to train on; each seed has others.
  ///   - testing: tasks to measure on. nil takes the test part of the same set where `tasks` are another part of it, and
  ///     otherwise tasks that no learner trains on: later ones, or of counted tasks a fifth in a random order.
  ///   - seeds: of starting weights and task streams.
  ///   - settings: how long each run is, and what it is measured on.
  /// - Throws: ``LearningError/argument(type:reason:)`` for learners of domains, and for settings out of range.
  public init(
    _ learners: OrderedDictionary<String, any Learner>, on tasks: Tasks, testing: Tasks? = nil, seeds: [Int],
    settings: Settings = Settings()
  ) throws {
    try Self.check(learners, seeds, settings)
    let parts = testing == nil && tasks.parts?.own != .test ? tasks.parts : nil
    let held = try testing ?? parts.map(Self.testPart)
    let (count, overflow) = settings.maxBatches.multipliedReportingOverflow(by: settings.batchSize)
    guard !overflow, count <= 1 << 40, settings.testTasks <= 1 << 40 else {
      throw LearningError.argument(type: "compare", reason: "maxBatches · batchSize are too many tasks")
    }
    let data = ComparedTasks(
      training: tasks, testing: held, trainingCount: count, testCount: settings.testTasks,
      batchSize: settings.batchSize)
    isOnDomains = false
    heldOut =
      testing != nil ? "other tasks" : parts != nil ? "tasks of the test split" : "tasks not trained on"
    trainers = try learners.map { name, learner in
      guard let learner = learner as? EpisodicLearner else {
        throw LearningError.argument(
          type: "compare", reason: "\(name) learns from domains, not from tasks; compare it on Domains")
      }
      return try Self.trainer(name, learner, settings) { seed in
        (try data.training(seed: seed), try data.testing(seed: seed))
      } measuring: {
        try Self.measure($0, $1, steps: settings.numAdaptationSteps)
      }
    }
    (self.settings, self.seeds, names) = (settings, seeds, Array(learners.keys))
    batchesPerRun = settings.maxBatches
    done = OrderedDictionary(uniqueKeysWithValues: names.map { ($0, [:]) })
  }

  /// - Parameters:
  ///   - learners: by name; they are copied.
  ///   - domains: to train on; each seed has their samples in another order.
  ///   - testing: domains that are held out.
  ///   - seeds: of starting weights and orders.
  ///   - settings: how long each run is.
  public init(
    _ learners: OrderedDictionary<String, any Learner>, on domains: Domains, testing: Domains, seeds: [Int],
    settings: Settings = Settings()
  ) throws {
    try Self.check(learners, seeds, settings)
    isOnDomains = true
    heldOut = testing.names.count == 1 ? "domain \(testing.names[0])" : "domains \(listed(testing.names))"
    trainers = try learners.map { name, learner in
      func sources(_ seed: Int) throws -> (Domains, Domains) {
        (try domains.reordered(seed: derivedSeed(domains.seed, seed)), testing)
      }
      switch learner {
      case let learner as MLDG: return try Self.trainer(name, learner, settings, sources)
      case let learner as ERM: return try Self.trainer(name, learner, settings, sources)
      default:
        throw LearningError.argument(
          type: "compare", reason: "\(name) learns from tasks, not from domains; compare it on tasks")
      }
    }
    (self.settings, self.seeds, names) = (settings, seeds, Array(learners.keys))
    batchesPerRun = settings.maxBatches
    done = OrderedDictionary(uniqueKeysWithValues: names.map { ($0, [:]) })
  }

  private static func testPart(of parts: Tasks.Parts) throws -> Tasks {
    do { return try parts.tasks(.test) } catch let LearningError.argument(_, reason) {
      throw LearningError.argument(
        type: "compare", reason: "the test split cannot be measured on: \(reason); give other tasks: testing:"
      )
    }
  }

  private static func check(
    _ learners: OrderedDictionary<String, any Learner>, _ seeds: [Int], _ settings: Settings
  ) throws {
    guard !learners.isEmpty else {
      throw LearningError.argument(type: "compare", reason: "there are no learners")
    }
    guard !seeds.isEmpty, Set(seeds).count == seeds.count, seeds.allSatisfy({ (0...(1 << 20)).contains($0) })
    else {
      throw LearningError.argument(
        type: "compare", reason: "seeds are different numbers from 0 to 1048576, one at least, not \(seeds)")
    }
    try requireCount(settings.maxBatches, "maxBatches", of: "compare")
    try requireCount(settings.batchSize, "batchSize", of: "compare")
    try requireCount(settings.testTasks, "testTasks", of: "compare")
    for (name, learner) in learners where learner.optimizer == nil {
      throw LearningError.argument(
        type: "compare",
        reason: "\(name) has no optimizer to train with; give it one: optimizer: Adam(lr: 0.001)")
    }
  }

  /// All held-out tasks, by the number of inner steps that is asked for.
  private static func measure(
    _ learner: EpisodicLearner, _ tasks: any BatchSource, steps: Int?
  ) throws -> Score {
    switch learner {
    case let maml as MAML:
      try maml.evaluate(tasks, maxBatches: .max, numAdaptationSteps: steps).score
    case let other as EmbeddingLearner: try other.evaluate(tasks, maxBatches: .max).score
    default: try learner.score(on: tasks)
    }
  }

  private static func trainer<L: Learner>(
    _ name: String, _ learner: L, _ settings: Settings,
    _ sources: @escaping (_ seed: Int) throws -> (training: L.Source, testing: L.Source),
    measuring: @escaping (L, L.Source) throws -> Score = { try $0.score(on: $1) }
  ) throws -> Trainer {
    // Later changes of the learner are not part of the comparison.
    let template = try learner.restarted()
    return Trainer(name: name) { seed, progress in
      var changes = LearnerChanges()
      changes.seed = derivedSeed(0, seed)
      let copy = try template.restarted(changes) { model in
        if settings.newWeights { try model.redraw(seed: UInt64(seed)) }
      }
      let (training, testing) = try sources(seed)
      let steps = copy.trainIter(training, maxBatches: settings.maxBatches)
      while let outcome = try steps.next() { try progress(copy.iteration, outcome.meanLoss) }
      return Run(seed: seed, history: copy.history, score: try measuring(copy, testing))
    }
  }

  // MARK: Running

  /// How many meta-updates there are in all.
  public var totalBatches: Int { seeds.count * trainers.count * batchesPerRun }

  /// Trains and measures what is not done yet, seed after seed; each rank of a job does some of the runs. An error or an
  /// interrupt keeps what is done.
  ///
  /// - Parameter progress: called after each meta-update, with the number of them done in all.
  public func run(
    progress: (_ name: String, _ seed: Int, _ done: Int, _ loss: Double) throws -> Void = { _, _, _, _ in }
  ) throws {
    let missing = seeds.flatMap { seed in trainers.map { (seed: seed, trainer: $0) } }
      .filter { done[$0.trainer.name]?[$0.seed] == nil }
    let ranks = Ranks.together
    try Ranks.spread(missing) { piece, words in
      let before = done.values.reduce(0) { $0 + $1.count }
      let together = min(ranks, seeds.count * trainers.count - before)
      let run = try piece.trainer.run(piece.seed) { iteration, loss in
        let all = before * batchesPerRun + iteration * together
        try progress(piece.trainer.name, piece.seed, all, loss)
      }
      words = run.words
    } taking: { piece, words, isDone in
      if isDone { done[piece.trainer.name]?[piece.seed] = Run(words: words) }
    }
  }

  /// How many seeds are done for all learners, of the first ones.
  public var seedsDone: Int {
    seeds.firstIndex { seed in done.values.contains { $0[seed] == nil } } ?? seeds.count
  }

  public var isComplete: Bool { seedsDone == seeds.count }

  /// The runs of the seeds that are done for all learners.
  public var runs: OrderedDictionary<String, [Run]> {
    done.mapValues { own in seeds.prefix(seedsDone).compactMap { own[$0] } }
  }
}

extension Comparison.Run {
  /// The run as ranks hand it on: its numbers bit by bit.
  fileprivate var words: [Int64] {
    let counts = [seed, history.firstIteration, history.losses.count, history.accuracies.count]
    let score = [score.loss] + (score.accuracy.map { [$0] } ?? [])
    return counts.map { Int64($0) } + MetaLearning.words(of: history.losses + history.accuracies + score)
  }

  fileprivate init(words: [Int64]) {
    let counts = words.prefix(4).map { Int($0) }
    let numbers = MetaLearning.numbers(of: words.dropFirst(4))
    let (losses, accuracies) = (numbers.prefix(counts[2]), numbers.dropFirst(counts[2]).prefix(counts[3]))
    let score = Array(numbers.dropFirst(counts[2] + counts[3]))
    self.init(
      seed: counts[0],
      history: History(firstIteration: counts[1], losses: Array(losses), accuracies: Array(accuracies)),
      score: Score(loss: score[0], accuracy: score.count > 1 ? score[1] : nil))
  }
}
