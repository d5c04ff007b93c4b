import TestSupport
import Testing

/// A learner as a user writes it, over tasks or domains.
struct ProtocolCase: CustomTestStringConvertible, Sendable {
  let name: String
  let settings: String
  var testDescription: String { name }

  init(_ name: String, _ settings: String) { (self.name, self.settings) = (name, settings) }

  static let ofTasks = [
    ProtocolCase("MAML", "stepSize: 0.1, numAdaptationSteps: 2"), ProtocolCase("FOMAML", "stepSize: 0.1"),
    ProtocolCase("MetaSGD", "initStepSize: 0.1"), ProtocolCase("ANIL", "stepSize: 0.1, adapting: \"2.*\""),
    ProtocolCase("Reptile", "stepSize: 0.1"), ProtocolCase("IMAML", "stepSize: 0.1"),
    ProtocolCase("MAMLPlusPlus", "stepSize: 0.1, numAdaptationSteps: 2"),
    ProtocolCase("PrototypicalNetworks", "ways: 3"), ProtocolCase("MatchingNetworks", "ways: 3"),
    ProtocolCase("R2D2", "ways: 3"),
  ]
  static let ofDomains = [
    ProtocolCase("MLDG", "stepSize: 0.05"), ProtocolCase("MLDG", "stepSize: 0.01, variant: .domainBed"),
    ProtocolCase("ERM", "lossFunction: .crossEntropy"),
  ]
}

@Suite("every learner has one protocol")
struct LearnerProtocolTests {
  private func program(
    _ kind: ProtocolCase, source: String, outerLoss: String, in folder: String, _ own: String
  ) -> String {
    """
    func make() -> Any {
      let net = MetaSequential(MetaLinear(4, 8, seed: 1), Tanh(), MetaLinear(8, 3, seed: 2))
      return \(kind.name)(net, optimizer: Adam(lr: 0.01), \(kind.settings))
    }
    let centres = 2 * randn(6, 4, seed: 1)
    let labels = Tensor((0..<120).map { $0 % 6 }, dtype: .int64)
    let x = centres[labels] + 0.3 * randn(120, 4, seed: 2)
    let tasks = ClassTasks(x, labels, ways: 3, shots: 2, testShots: 3, seed: 4)
    let domains = (0..<3).map { d in (x[(40 * d)..<(40 * d + 40)], labels[(40 * d)..<(40 * d + 40)] / 2) }
    let source = \(source)
    let learner = make()

    let outer = learner.outerLoss(\(outerLoss))
    assert(outer.loss.shape == [] && outer.gradients.keys.count >= 2, "outerLoss")
    for (name, slope) in gradient(of: outer.loss, wrt: learner.model) {
      assert(allClose(slope, outer.gradients[name]!, atol: 0.00001), "gradients: \\(name)")
    }
    var iterations: [Int] = []
    for step in learner.trainIter(source, maxBatches: 2) { iterations.append(step.iteration) }
    assert(iterations == [0, 1], "trainIter: \\(iterations)")
    let history = learner.train(source, maxBatches: 30)
    assert(history.count == 30 && learner.history.count == 32 && learner.iteration == 32, "history")
    assert(learner.optimizer.stepCount == 32 && learner.model.isTraining, "optimizer and model")
    let losses = learner.history.losses
    let late = losses[27..<32].reduce(0.0) { $0 + $1 } / 5
    assert(late < losses[0], "the loss went from \\(losses[0]) to \\(late)")
    assert(learner.secondsWaited >= 0)
    learner.save("\(folder)/learner.safetensors")
    let other = make()
    other.load("\(folder)/learner.safetensors")
    assert(other.iteration == 32 && other.history.losses == losses, "load")
    learner.train(source, maxBatches: 2)
    other.train(source, maxBatches: 2)
    assert(learner.history.losses == other.history.losses, "training went on differently")
    \(own)
    print("done")
    """
  }

  @Test("over tasks", arguments: ProtocolCase.ofTasks)
  func tasks(_ kind: ProtocolCase) throws {
    let own = """
      let task = tasks[1000]
      let adapted = learner.adapt(task)
      assert(adapted.params.count > 0 && adapted.table.count >= 1, "adapt")
      let found = learner.evaluate(tasks.batches(of: 4), maxBatches: 3)
      assert(found.accuracies.last! > 0.5, "evaluate: \\(found.accuracies)")
      assert(learner.iteration == 34 && learner.model.isTraining, "evaluate and adapt change nothing")
      """
    try check {
      program(kind, source: "tasks.batches(of: 4)", outerLoss: "tasks.batch(4)", in: $0, own)
    }
  }

  @Test("over domains", arguments: ProtocolCase.ofDomains)
  func domains(_ kind: ProtocolCase) throws {
    let own = """
      let found = learner.evaluate(domains)
      assert(found.accuracies.count == 3 && found.meanAccuracy > 0.5, "evaluate: \\(found.accuracies)")
      assert(learner.iteration == 34 && learner.model.isTraining, "evaluate changes nothing")
      """
    let outerLoss = kind.name == "MLDG" ? "domains, metaTest: [1]" : "domains"
    try check { program(kind, source: "domains", outerLoss: outerLoss, in: $0, own) }
  }

  private func check(_ program: (_ folder: String) -> String) throws {
    let answer = try withTemporaryFolder { LanguageRunner()(program($0)) }
    #expect(answer.errors == [])
    #expect(answer.printed.hasSuffix("done\n"))
  }

  @Test("what a learner cannot do is said with what to do instead", arguments: ["MLDG", "ERM"])
  func missing(_ name: String) {
    Refusal(
      "\(name)(MetaLinear(1, 1)).adapt(Sinusoid()[0])", says: "mldg.evaluate(domains)"
    ).check()
  }
}
