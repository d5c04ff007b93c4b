import ArrayCore
import Autograd

/// Classes with their samples, from which tasks are drawn: torchmeta's `ClassDataset`.
///
/// A class is addressed by its place, 0 ..< count: the data's classes in the order of their labels, then all of them
/// again for each way that an augmentation changes images. Augmented images are not kept: they are made when they are
/// drawn.
public struct ClassDataset: Sendable {
  /// The labels of the data's classes, in order.
  public let labels: [Int]
  private let inputs: SampleTable
  /// The rows of each of the data's classes.
  private let rows: [[Int]]
  private let maps: [PixelMap]

  /// - Parameters:
  ///   - inputs: one sample a row.
  ///   - labels: int64, one a row.
  ///   - classes: the labels of the classes to take; nil for all.
  ///   - classAugmentations: what makes further classes of images.
  public init(
    _ inputs: Tensor, _ labels: Tensor, classes: [Int]? = nil, classAugmentations: [ClassAugmentation] = []
  ) throws {
    try self.init(.array(inputs.array), labels, classes: classes, classAugmentations: classAugmentations)
  }

  /// - Parameters:
  ///   - inputs: samples that are made when they are drawn.
  ///   - labels: int64, one a row.
  ///   - classes: the labels of the classes to take; nil for all.
  ///   - classAugmentations: what makes further classes of images.
  public init(
    _ inputs: SampleStore, _ labels: Tensor, classes: [Int]? = nil,
    classAugmentations: [ClassAugmentation] = []
  ) throws {
    try self.init(.store(inputs), labels, classes: classes, classAugmentations: classAugmentations)
  }

  init(
    _ inputs: SampleTable, _ labels: Tensor, classes: [Int]? = nil,
    classAugmentations: [ClassAugmentation] = []
  ) throws {
    guard inputs.shape.rank > 0, labels.rank == 1, labels.dtype == .int64, inputs.shape[0] == labels.shape[0]
    else {
      throw LearningError.sampleCountsDiffer(inputs: inputs.shape, targets: labels.shape)
    }
    var rowsOf: [Int: [Int]] = [:]
    for (row, label) in try labels.toInts().enumerated() { rowsOf[label, default: []].append(row) }
    let chosen = classes.map { Set($0).sorted() } ?? rowsOf.keys.sorted()
    rows = try chosen.map { label in
      guard let own = rowsOf[label] else {
        throw LearningError.argument(type: "ClassDataset", reason: "no sample has the label \(label)")
      }
      return own
    }
    self.labels = chosen
    self.inputs = inputs
    maps = try ClassAugmentation.maps(classAugmentations, for: inputs)
  }

  /// Whether the samples of both are views of the same memory: parts of one data set.
  func isPart(ofSameDataAs other: ClassDataset) -> Bool {
    guard case .array(let own) = inputs, case .array(let theirs) = other.inputs else { return false }
    return own.sharesMemory(with: theirs)
  }

  /// The first samples of one of the data's classes.
  func samples(ofClass place: Int, atMost count: Int) throws -> Samples {
    var chosen = Selection()
    let own = try sampleCount(ofClass: place)
    try chosen.append(0..<min(own, count), ofClass: place, in: self, label: place)
    return try samples(chosen)
  }

  /// How many numbers a sample has.
  var sampleSize: Int { inputs.shape.dropFirst().reduce(1, *) }

  /// How many classes there are, augmented ones included.
  public var count: Int { rows.count * (1 + maps.count) }

  /// How many samples a class has.
  public func sampleCount(ofClass place: Int) throws -> Int { try rows(ofClass: place).count }

  private func rows(ofClass place: Int) throws -> [Int] {
    guard (0..<count).contains(place) else {
      throw LearningError.argument(
        type: "ClassDataset", reason: "there is no class \(place); they are 0..<\(count)")
    }
    return rows[place % rows.count]
  }

  /// The map that makes the images of a class.
  private func map(ofClass place: Int) -> PixelMap? {
    let number = place / rows.count
    return number == 0 ? nil : maps[number - 1]
  }

  /// Samples chosen for a set.
  struct Selection {
    fileprivate var rows: [Int] = []
    fileprivate var maps: [PixelMap?] = []
    private(set) var labels: [Int] = []

    /// Samples of a class by their numbers in it, all with one label.
    mutating func append(
      _ samples: some Collection<Int>, ofClass place: Int, in dataset: ClassDataset, label: Int
    ) throws {
      let own = try dataset.rows(ofClass: place)
      rows += samples.map { own[$0] }
      labels += repeatElement(label, count: samples.count)
      if !dataset.maps.isEmpty {
        maps += repeatElement(dataset.map(ofClass: place), count: samples.count)
      }
    }
  }

  /// The chosen samples, a row each; of several tasks with a first axis for them.
  func samples(_ selection: Selection, tasks: Int? = nil) throws -> Samples {
    let count = selection.rows.count
    let shape: Shape = tasks.map { [$0, count / $0] } ?? [count]
    let taken = try inputs.samples(selection.rows, shape, through: selection.maps)
    return try Samples(Tensor(taken), Tensor(selection.labels, shape: shape))
  }

  /// All samples of a class, labelled with its place.
  public subscript(place: Int) -> Samples {
    get throws {
      var all = Selection()
      try all.append(0..<sampleCount(ofClass: place), ofClass: place, in: self, label: place)
      return try samples(all)
    }
  }
}
