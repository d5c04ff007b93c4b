import ArrayCore
import Autograd

/// Few-shot classification over labelled samples: each task draws `ways` classes, gives them the labels
/// 0 ..< ways in a random order, and draws `shots` train and `testShots` test samples of each class, no sample
/// twice.
///
/// Classes, their order in a task and the samples come from one seed. The splits share no class, and an augmented class
/// is in the split of the class that it is made of.
public final class ClassTasks: Tasks {
  public let ways: Int
  public let shots: Int
  public let testShots: Int
  /// The classes of the split.
  public let dataset: ClassDataset
  public let sampler: ClassSampler
  /// Samples of a batch.
  private static let sampleLimit = 1 << 24

  /// - Parameters:
  ///   - inputs: one sample a row.
  ///   - labels: int64, one a row.
  ///   - ways: classes of a task.
  ///   - shots: train (support) samples of each class.
  ///   - testShots: test (query) samples of each class.
  ///   - metaSplit: which part of the classes; nil for all.
  ///   - split: the parts of train, val and test; their sum is at most 1.
  ///   - classAugmentations: what makes further classes of images.
  ///   - sampler: which classes a task has.
  ///   - seed: what all draws depend on.
  public convenience init(
    _ inputs: Tensor, _ labels: Tensor, ways: Int, shots: Int, testShots: Int, metaSplit: MetaSplit? = nil,
    split: [Double] = [0.6, 0.2, 0.2], classAugmentations: [ClassAugmentation] = [],
    sampler: ClassSampler = .random, seed: UInt64 = 0
  ) throws {
    try self.init(
      .array(inputs.array), labels, ways, shots, testShots, metaSplit, split, classAugmentations, sampler,
      seed)
  }

  /// - Parameters:
  ///   - inputs: samples that are made when a task draws them.
  ///   - labels: int64, one a row.
  ///   - ways: classes of a task.
  ///   - shots: train (support) samples of each class.
  ///   - testShots: test (query) samples of each class.
  ///   - metaSplit: which part of the classes; nil for all.
  ///   - split: the parts of train, val and test; their sum is at most 1.
  ///   - classAugmentations: what makes further classes of images.
  ///   - sampler: which classes a task has.
  ///   - seed: what all draws depend on.
  public convenience init(
    _ inputs: SampleStore, _ labels: Tensor, ways: Int, shots: Int, testShots: Int,
    metaSplit: MetaSplit? = nil,
    split: [Double] = [0.6, 0.2, 0.2], classAugmentations: [ClassAugmentation] = [],
    sampler: ClassSampler = .random, seed: UInt64 = 0
  ) throws {
    try self.init(
      .store(inputs), labels, ways, shots, testShots, metaSplit, split, classAugmentations, sampler, seed)
  }

  private init(
    _ inputs: SampleTable, _ labels: Tensor, _ ways: Int, _ shots: Int, _ testShots: Int,
    _ metaSplit: MetaSplit?,
    _ split: [Double], _ classAugmentations: [ClassAugmentation], _ sampler: ClassSampler, _ seed: UInt64
  ) throws {
    try requireCount(ways, "ways", of: "ClassTasks")
    try requireCount(shots, "shots", of: "ClassTasks")
    try requireCount(testShots, "testShots", atLeast: 0, of: "ClassTasks")
    let all = try ClassDataset(inputs, labels).labels
    dataset = try ClassDataset(
      inputs, labels, classes: metaSplit?.part(of: all, split: split, seed: seed),
      classAugmentations: classAugmentations)
    guard dataset.count >= ways else {
      throw LearningError.argument(
        type: "ClassTasks", reason: "\(ways) ways need as many classes; the split has \(dataset.count)")
    }
    for (place, label) in dataset.labels.enumerated() {
      let own = try dataset.sampleCount(ofClass: place)
      guard own >= shots, own - shots >= testShots else {
        throw LearningError.argument(
          type: "ClassTasks",
          reason: "class \(label) has \(own) samples, fewer than \(shots) shots and \(testShots) test shots")
      }
    }
    self.ways = ways
    self.shots = shots
    self.testShots = testShots
    self.sampler = sampler
    super.init(seed: seed, count: sampler.count(ways, of: dataset.count), isThreadSafe: true)
    if let metaSplit {
      parts = Parts(own: metaSplit) {
        try ClassTasks(
          inputs, labels, ways, shots, testShots, $0, split, classAugmentations, sampler, seed)
      }
    }
  }

  /// The labels of the split's classes, as the data had them.
  public var classes: [Int] { dataset.labels }

  /// All samples of the split, each labelled with the place of its class: for training without tasks. torchmeta's
  /// `NonEpisodicWrapper`.
  public var samples: Samples {
    get throws {
      let parts = try (0..<dataset.count).map { try dataset[$0] }
      return try Samples(concat(parts.map(\.inputs)), concat(parts.map(\.targets)))
    }
  }

  override public func task(at index: Int) throws -> Task { try batch(1, from: index)[0] }

  override public func batch(_ size: Int, from first: Int = 0) throws -> Batch {
    try requireRange(size, from: first)
    guard size <= Self.sampleLimit / ways / (shots + testShots) else {
      throw LearningError.argument(type: "ClassTasks", reason: "a batch of \(size) tasks is too large")
    }
    var train = ClassDataset.Selection()
    var test = ClassDataset.Selection()
    for index in first..<first + size {
      try draw(count.map { index % $0 } ?? index, train: &train, test: &test)
    }
    return try Batch(
      stackedTrain: dataset.samples(train, tasks: size),
      test: testShots == 0 ? nil : dataset.samples(test, tasks: size), attributes: [])
  }

  /// Draws the samples of a task.
  private func draw(
    _ index: Int, train: inout ClassDataset.Selection, test: inout ClassDataset.Selection
  ) throws {
    // A stream for the task: its own draws choose the classes, those of its splits the samples of each.
    let key = RandomKey(seed: seed, stream: UInt64(index))
    for (label, place) in sampler.classes(
      ways, of: dataset.count, at: index, key: key
    ).enumerated() {
      let drawn = key.split(UInt64(label)).choice(
        shots + testShots, of: try dataset.sampleCount(ofClass: place))
      try train.append(drawn.prefix(shots), ofClass: place, in: dataset, label: label)
      try test.append(drawn.dropFirst(shots), ofClass: place, in: dataset, label: label)
    }
  }
}
