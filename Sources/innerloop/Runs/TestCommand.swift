import ArgumentParser
import Foundation

/// `innerloop test RUN`
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Measure a meta-trained model on tasks of the test split.",
    discussion: "Prints loss and accuracy after each inner step, with 95% confidence intervals.")

  @Argument(
    help: ArgumentHelp("The folder of the run, or its config.json.", valueName: "run"), completion: .directory
  )
  var trained: String
  @Option(help: "The folder of the data, if it is another one now.", completion: .directory)
  var folder: String?
  @Option(help: "Which checkpoint: best or last.")
  var checkpoint = Kept.best
  @Option(
    name: [.customLong("steps"), .customLong("num-steps")],
    help: "Steps of the inner loop, in place of those of training.")
  var steps: Int?
  @Option(name: [.customLong("batches"), .customLong("num-batches")], help: "How many batches.")
  var batches = 100
  @Option(help: "Tasks of a batch, in place of those of training.")
  var batchSize: Int?
  @Option(help: "Where the numbers go; by default results.json in the folder of the run.")
  var results: String?

  enum Kept: String, CaseIterable, ExpressibleByArgument { case best, last }

  func validate() throws {
    for (name, value) in [("batches", batches), ("batch-size", batchSize ?? 1)]
    where !(1...1_000_000).contains(value) {
      throw ValidationError("--\(name) is \(value); it must be 1 to 1000000.")
    }
    guard (0...1000).contains(steps ?? 0) else {
      throw ValidationError("--steps must be 0 to 1000.")
    }
  }

  func run() throws {
    throw ExitCode(ScriptRunner().run(name: "the program of innerloop test", making: program))
  }

  private func program() throws -> String {
    let isFile = trained.hasSuffix(".json")
    let place = isFile ? (trained as NSString).deletingLastPathComponent : trained
    let home = place.isEmpty ? "." : place
    var configuration = try RunFiles.configuration(
      isFile ? trained : "\(trained)/\(RunConfiguration.fileName)")
    if let folder { configuration.folder = folder }
    let file = "\(home)/\(checkpoint.rawValue).safetensors"
    guard FileManager.default.fileExists(atPath: file) else {
      try RunFiles.fail("\(file) is missing: the run has not come to its first checkpoint")
    }
    let test = RunProgram.Test(
      checkpoint: file, steps: steps ?? configuration.steps, batches: batches,
      batchSize: batchSize ?? configuration.batchSize, results: results ?? "\(home)/results.json")
    return RunProgram(configuration: configuration).testing(test)
  }
}
