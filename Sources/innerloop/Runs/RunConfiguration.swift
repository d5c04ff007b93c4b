import Foundation

/// Everything that decides a run of `innerloop train`, as `config.json` in its folder has it.
struct RunConfiguration: Codable, Equatable {
  /// Of the data, for sets that are read from files.
  var folder: String?
  var dataset: RunDataset
  var learner: RunLearner
  var ways: Int
  var shots: Int
  var testShots: Int
  var imageSize: Int?
  var rotations: Bool
  var hiddenSize: Int
  var steps: Int
  var stepSize: Double
  var firstOrder: Bool
  var metaLearningRate: Double
  var batchSize: Int
  /// Meta-updates in an epoch: validation and a checkpoint come after each.
  var batches: Int
  var validationBatches: Int
  var seed: Int
  var epochs: Int

  static let fileName = "config.json"

  var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }

  /// What differs from another configuration, but for how long to train.
  func differences(from other: RunConfiguration) -> [String] {
    var same = other
    same.epochs = epochs
    func fields(_ configuration: RunConfiguration) -> [String: String] {
      Dictionary(
        uniqueKeysWithValues: Mirror(reflecting: configuration).children.compactMap { child in
          child.label.map { ($0, String(describing: child.value)) }
        })
    }
    let (mine, theirs) = (fields(self), fields(same))
    return mine.keys.filter { mine[$0] != theirs[$0] }.sorted()
  }

  /// What is out of range, in words; nil when nothing is.
  var problem: String? {
    let counts = [
      ("ways", ways), ("shots", shots), ("test shots", testShots), ("hidden size", hiddenSize),
      ("batch size", batchSize), ("batches", batches), ("epochs", epochs),
      ("validation batches", validationBatches),
    ]
    for (name, value) in counts where !(1...1_000_000).contains(value) {
      return "\(name): \(value) is not within 1...1000000"
    }
    guard (0...1000).contains(steps) else { return "steps: \(steps) is not within 0...1000" }
    guard stepSize.isFinite, metaLearningRate.isFinite, metaLearningRate > 0 else {
      return "the step size and the meta-learning rate must be numbers, the latter above 0"
    }
    guard !dataset.needsFolder || folder != nil else {
      return "\(dataset.rawValue) is read from files; name their folder"
    }
    return nil
  }
}

extension RunConfiguration {
  init(reading path: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
