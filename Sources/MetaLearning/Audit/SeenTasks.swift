import ArrayCore
import OrderedCollections

/// What an ``Audit`` has seen of a task set.
struct SeenTasks {
  let tasks: Tasks
  let name: String
  /// How many tasks were looked at, the first ones.
  let taskCount: Int
  /// The tasks' train (support) sets, by number.
  private(set) var supports: [SampleDigest] = []
  /// What made the tasks, where they tell: an amplitude and a phase.
  private(set) var attributes: [OrderedDictionary<String, Double>] = []
  /// The samples of all tasks looked at.
  private(set) var samples: Set<SampleDigest> = []
  /// Tasks with a sample in both sets, and the places of one of them.
  private(set) var overlaps: [(task: Int, support: Int, query: Int)] = []
  /// For ``ClassTasks``: the places of each sample that was looked at, as classes by their labels and numbers in them.
  private(set) var places: [SampleDigest: [(label: Int, sample: Int)]] = [:]
  private(set) var classSampleCount = 0

  init(_ tasks: Tasks, name: String, limits: Audit.Limits, progress: () throws -> Void) throws {
    guard (1...10_000).contains(limits.tasks) else {
      throw LearningError.argument(
        type: "audit", reason: "it looks at 1 to 10,000 tasks of a set, not \(limits.tasks)")
    }
    self.tasks = tasks
    self.name = name
    taskCount = min(tasks.count ?? .max, limits.tasks)
    for index in 0..<taskCount {
      try progress()
      try Cancellation.check("audit")
      try look(at: tasks[index], index)
    }
    if let classes = tasks as? ClassTasks { try look(at: classes, limits, progress) }
  }

  private mutating func look(at task: Task, _ index: Int) throws {
    let support = try task.train.digests()
    let query = try task.test?.digests() ?? []
    var whole = SampleDigest()
    for part in [task.train.inputs, task.train.targets] {
      for number in try part.toDoubles() { whole.combine(number) }
    }
    supports.append(whole)
    attributes.append(task.attributes)
    samples.formUnion(support)
    samples.formUnion(query)
    var first: [SampleDigest: Int] = [:]
    for (place, digest) in support.enumerated() { first[digest] = first[digest] ?? place }
    for (place, digest) in query.enumerated() {
      if let known = first[digest] {
        overlaps.append((index, known, place))
        break
      }
    }
  }

  /// The classes of the data, without those that augmentation makes of them.
  private mutating func look(
    at classes: ClassTasks, _ limits: Audit.Limits, _ progress: () throws -> Void
  ) throws {
    let dataset = classes.dataset
    let most = min(limits.samples, limits.numbers / max(1, dataset.sampleSize))
    let perClass = max(2, most / max(1, dataset.labels.count))
    for (place, label) in dataset.labels.enumerated() {
      guard classSampleCount < 2 * max(most, 2) else { break }
      try progress()
      try Cancellation.check("audit")
      let digests = try dataset.samples(ofClass: place, atMost: perClass).digests()
      classSampleCount += digests.count
      for (sample, digest) in digests.enumerated() { places[digest, default: []].append((label, sample)) }
    }
  }

  /// What it was looked at in, in words.
  var phrase: String {
    let classes =
      classSampleCount > 0
      ? " and \(classSampleCount) samples of \((tasks as? ClassTasks)?.classes.count ?? 0) classes" : ""
    return "\(name): \(taskCount) task\(taskCount == 1 ? "" : "s")\(classes)"
  }
}
