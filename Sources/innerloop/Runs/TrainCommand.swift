import ArgumentParser
import Foundation

/// `innerloop train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Meta-train a model, leaving checkpoints and logs in a folder.",
    discussion: """
      The folder gets the configuration, the program that runs (train.loop), the last checkpoint and the best one, \
      training.csv and validation.csv, and TensorBoard's events. The same command goes on from the last checkpoint. \
      Options have pytorch-maml's names as well.
      """)

  @Argument(help: "The folder of the data, for sets that are read from files.", completion: .directory)
  var folder: String?
  @Option(help: "The data set: \(RunDataset.allCases.map(\.rawValue).joined(separator: ", ")).")
  var dataset = RunDataset.omniglot
  @Option(help: "The learner: \(RunLearner.allCases.map(\.rawValue).joined(separator: ", ")).")
  var learner = RunLearner.maml
  @Option(
    name: [.customShort("o"), .customLong("output"), .customLong("output-folder")],
    help: "The folder of the run.", completion: .directory)
  var output: String
  @Option(
    help: "A config.json of another run, in place of all options that say what to train.",
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(name: [.customLong("ways"), .customLong("num-ways")], help: "Classes a task.")
  var ways = 5
  @Option(name: [.customLong("shots"), .customLong("num-shots")], help: "Training samples a class.")
  var shots = 5
  @Option(name: [.customLong("test-shots"), .customLong("num-shots-test")], help: "Test samples a class.")
  var testShots = 15
  @Option(help: "Pixels a side, where images are read from files of any size.")
  var imageSize: Int?
  @Flag(help: "Turned by 90, 180 and 270 degrees, training classes are further classes.")
  var rotations = false
  @Option(help: "Channels of a convolution, or width of a hidden layer.")
  var hiddenSize = 64
  @Option(name: [.customLong("steps"), .customLong("num-steps")], help: "Steps of the inner loop.")
  var steps = 1
  @Option(help: "The step size of the inner loop.")
  var stepSize = 0.1
  @Flag(help: "Leave second derivatives out.")
  var firstOrder = false
  @Option(name: [.customLong("meta-lr"), .customLong("meta-learning-rate")], help: "Adam's learning rate.")
  var metaLearningRate = 0.001
  @Option(help: "Tasks of a meta-update.")
  var batchSize = 25
  @Option(name: [.customLong("batches"), .customLong("num-batches")], help: "Meta-updates of an epoch.")
  var batches = 100
  @Option(name: [.customLong("epochs"), .customLong("num-epochs")], help: "Epochs.")
  var epochs = 50
  @Option(help: "Batches to validate on after each epoch.")
  var validationBatches = 100
  @Option(help: "Decides everything that is drawn.")
  var seed = 0

  func validate() throws {
    if config == nil, let problem = options.problem { throw ValidationError(problem) }
  }

  func run() throws {
    let status = ScriptRunner().run(name: "\(output)/train.loop") {
      try RunFiles.prepare(output, config.map { try RunFiles.configuration($0) } ?? options)
    }
    throw ExitCode(status)
  }

  private var options: RunConfiguration {
    RunConfiguration(
      folder: dataset.isRegression || dataset == .glyphs
        ? nil : folder.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
      dataset: dataset, learner: learner, ways: ways, shots: shots, testShots: testShots,
      imageSize: dataset.isScalable ? imageSize : nil, rotations: rotations && dataset.hasImages,
      hiddenSize: hiddenSize, steps: steps, stepSize: stepSize, firstOrder: firstOrder,
      metaLearningRate: metaLearningRate, batchSize: batchSize, batches: batches,
      validationBatches: validationBatches, seed: seed, epochs: epochs)
  }
}
