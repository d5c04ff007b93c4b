import ArrayCore
import Autograd

/// Few-shot classification over labelled samples: each task draws `ways` classes, gives them the labels
/// 0 ..< ways in a random order, and draws `shots` train and `testShots` test samples of each class, no sample
/// twice.
///
/// Classes, their order in a task and the samples come from one seed. The splits share no class.
public final class ClassTasks: Tasks {
  public let ways: Int
  public let shots: Int
  public let testShots: Int
  /// The labels of the split's classes, as the data had them.
  public let classes: [Int]
  private let inputs: NDArray
  /// The rows of each class of the split.
  private let rows: [[Int]]

  /// - Parameters:
  ///   - inputs: one sample a row.
  ///   - labels: int64, one a row.
  ///   - metaSplit: which part of the classes; nil for all.
  ///   - split: the parts of train, val and test; their sum is at most 1.
  public init(
    _ inputs: Tensor, _ labels: Tensor, ways: Int, shots: Int, testShots: Int, metaSplit: MetaSplit? = nil,
    split: [Double] = [0.6, 0.2, 0.2], seed: UInt64 = 0
  ) throws {
    try requireCount(ways, "ways", of: "ClassTasks")
    try requireCount(shots, "shots", of: "ClassTasks")
    try requireCount(testShots, "testShots", atLeast: 0, of: "ClassTasks")
    guard inputs.rank > 0, labels.rank == 1, labels.dtype == .int64, inputs.shape[0] == labels.shape[0] else {
      throw LearningError.sampleCountsDiffer(inputs: inputs.shape, targets: labels.shape)
    }
    var rowsOf: [Int: [Int]] = [:]
    for (row, label) in try labels.toInts().enumerated() { rowsOf[label, default: []].append(row) }
    let chosen = try Self.classes(of: rowsOf.keys.sorted(), metaSplit, split, seed: seed)
    guard chosen.count >= ways else {
      throw LearningError.argument(
        type: "ClassTasks", reason: "\(ways) ways need as many classes; the split has \(chosen.count)")
    }
    let rows = chosen.map { rowsOf[$0] ?? [] }
    for (label, own) in zip(chosen, rows) where own.count < shots || own.count - shots < testShots {
      throw LearningError.argument(
        type: "ClassTasks",
        reason:
          "class \(label) has \(own.count) samples, fewer than \(shots) shots and \(testShots) test shots")
    }
    self.ways = ways
    self.shots = shots
    self.testShots = testShots
    self.inputs = inputs.array
    self.rows = rows
    classes = chosen
    super.init(seed: seed, count: nil)
  }

  /// The classes of one split: parts of one random order of all.
  private static func classes(
    of all: [Int], _ metaSplit: MetaSplit?, _ split: [Double], seed: UInt64
  ) throws -> [Int] {
    guard let metaSplit else { return all }
    guard split.count == 3, split.allSatisfy({ $0 >= 0 && $0 <= 1 }), split.reduce(0, +) <= 1 + 1e-9 else {
      throw LearningError.argument(
        type: "ClassTasks", reason: "split needs three parts with a sum of at most 1, not \(split)")
    }
    let order = RandomKey(seed: seed, stream: 1 << 40).permutation(all.count)
    let total = Double(all.count)
    let ends = [
      0, (total * split[0]).rounded(), (total * (split[0] + split[1])).rounded(),
      (total * min(1, split.reduce(0, +))).rounded(),
    ].map { Int($0) }
    return order[ends[metaSplit.stream]..<ends[metaSplit.stream + 1]].map { all[$0] }.sorted()
  }

  override public func task(at index: Int) throws -> Task {
    // A stream for the task: its first permutation chooses the classes, the others the samples of each.
    let key = RandomKey(seed: seed, stream: UInt64(index))
    let chosen = key.permutation(classes.count, at: 0).prefix(ways)
    var train: [Int] = []
    var test: [Int] = []
    var trainLabels: [Int] = []
    var testLabels: [Int] = []
    for (label, place) in chosen.enumerated() {
      let own = rows[place]
      let order = key.split(UInt64(label)).permutation(own.count, at: 0)
      train += order.prefix(shots).map { own[$0] }
      test += order[shots..<shots + testShots].map { own[$0] }
      trainLabels += repeatElement(label, count: shots)
      testLabels += repeatElement(label, count: testShots)
    }
    func samples(_ rows: [Int], _ labels: [Int]) throws -> Samples {
      let taken = try NDArray.takeRows(inputs, NDArray(rows))
      return try Samples(Tensor(taken), Tensor(labels, shape: [labels.count]))
    }
    return Task(
      train: try samples(train, trainLabels),
      test: testShots == 0 ? nil : try samples(test, testLabels))
  }
}
