import Foundation

/// The program in the language that a configuration stands for: what `innerloop train` and `innerloop test` run.
struct RunProgram {
  let configuration: RunConfiguration

  /// - Parameter folder: where checkpoints and logs go.
  func training(in folder: String) -> String {
    let c = configuration
    return """
      // Made by `innerloop train`; `innerloop run` runs it as well.
      seed(\(c.seed))
      let tasks = \(tasks(.train))
      let validation = \(tasks(.val))
      \(learner)
      learner.train(
        tasks.batches(of: \(c.batchSize)), until: \(c.batches * c.epochs), checkpoints: \(literal(folder)),
        every: \(c.batches), validation: validation.batches(of: \(c.batchSize)).prefix(\(c.validationBatches)))
      print(learner.validations)

      """
  }

  /// What of a run is measured.
  struct Test {
    let checkpoint: String
    let steps: Int
    let batches: Int
    let batchSize: Int
    /// Where the numbers go, as CSV or JSON.
    let results: String
  }

  func testing(_ test: Test) -> String {
    let steps = configuration.learner.adapts ? ", numAdaptationSteps: \(test.steps)" : ""
    return """
      // Made by `innerloop test`.
      seed(\(configuration.seed))
      let tasks = \(tasks(.test))
      \(learner)
      learner.load(\(literal(test.checkpoint)))
      let found = learner.evaluate(tasks.batches(of: \(test.batchSize)), maxBatches: \(test.batches)\(steps))
      print(found)
      found.table.save(\(literal(test.results)))

      """
  }

  enum Split: String { case train, val, test }

  private func tasks(_ split: Split) -> String {
    let c = configuration
    var arguments: [String] = []
    if let folder = c.folder { arguments.append(literal(folder)) }
    if !c.dataset.isRegression { arguments.append("ways: \(c.ways)") }
    arguments += ["shots: \(c.shots)", "testShots: \(c.testShots)", "metaSplit: .\(split.rawValue)"]
    arguments.append("seed: \(c.seed)")
    if let size = c.imageSize { arguments.append("imageSize: \(size)") }
    if c.rotations, split == .train { arguments.append("classAugmentations: [Rotation([90, 180, 270])]") }
    return "\(c.dataset.constructor)(\(arguments.joined(separator: ", ")))"
  }

  private var learner: String {
    let c = configuration
    var arguments = ["model", "optimizer: Adam(lr: \(c.metaLearningRate))"]
    if c.learner.adapts {
      arguments.append("\(c.learner == .metaSGD ? "initStepSize" : "stepSize"): \(c.stepSize)")
      arguments.append("numAdaptationSteps: \(c.steps)")
    } else {
      arguments.append("ways: \(c.ways)")
    }
    if c.learner.hasOrder { arguments.append("firstOrder: \(c.firstOrder)") }
    return """
      \(model)
      let learner = \(c.learner.constructor)(\(arguments.joined(separator: ", ")))
      """
  }

  private var model: String {
    let c = configuration
    if c.dataset.isRegression {
      return "let model = MetaMLPModel(1, 1, hiddenSizes: [40, 40], seed: \(c.seed))"
    }
    guard c.dataset.hasImages else {
      return """
        let size = tasks[0].train.inputs.shape[1]
        let model = MetaMLPModel(size, \(c.ways), hiddenSizes: [\(c.hiddenSize), \(c.hiddenSize)], seed: \(c.seed))
        """
    }
    // Each of the four blocks halves the image, rounding down.
    return """
      func side(_ pixels: Int) -> Int { Int(floor(Double(pixels) / 16)) }
      let image = tasks[0].train.inputs.shape
      let model = MetaConvModel(
        image[1], \(c.ways), hiddenSize: \(c.hiddenSize), featureSize: \(c.hiddenSize) * side(image[2]) * side(image[3]), seed: \(c.seed))
      """
  }

  /// A string literal of the language.
  private func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
