import Autograd
import MetaLearning
import NN
import Testing

@Suite("Branches of a learner")
struct BranchTests {
  private func model() throws -> Module {
    try MetaSequential(
      MetaLinear(4, 6, seed: 1), MetaBatchNorm1d(6, trackRunningStats: true), ReLU(), Dropout(0.3),
      MetaLinear(6, 3, seed: 2))
  }

  private func tasks() throws -> Batches { try fifteenClasses(.train).batches(of: 4) }

  private func numbers(_ learner: some Learner) throws -> [[Double]] {
    let state = try learner.optimizer?.state(for: learner.learnedParameters) ?? [:]
    let tensors =
      Array(learner.model.stateDictionary().values) + learner.learnedParameters.values.map(\.tensor)
      + learner.ownBuffers.map(\.buffer.tensor) + Array(state.values)
    return try tensors.map { try $0.toDoubles() }
  }

  @Test("without a change it goes on as the learner did, bit for bit", arguments: LearnerCase.all)
  func unchanged(_ kind: LearnerCase) throws {
    let learner = try kind.make(model())
    try learner.train(tasks(), maxBatches: 3)
    let branch = try learner.branch()
    #expect(type(of: branch) == type(of: learner))
    #expect(branch.history == learner.history && branch.iteration == 3)
    let before = try numbers(learner)
    #expect(try numbers(branch) == before)
    try branch.train(tasks(), maxBatches: 3)
    #expect(try numbers(learner) == before, "the learner is independent of its branch")
    try learner.train(tasks(), maxBatches: 3)
    #expect(try numbers(branch) == numbers(learner))
    #expect(branch.history == learner.history)
  }

  @Test(
    "of an earlier iteration it is where the learner was, also between the kept states",
    arguments: LearnerCase.all)
  func earlier(_ kind: LearnerCase) throws {
    let learner = try kind.make(model())
    var states: [[[Double]]] = [try numbers(learner)]
    for _ in 0..<45 {
      try learner.train(tasks(), maxBatches: 1)
      states.append(try numbers(learner))
    }
    // 45 states are more than are kept.
    for place in [0, 1, 17, 37, 44, 45] {
      let branch = try learner.branch(at: place)
      #expect(branch.iteration == place)
      #expect(try numbers(branch) == states[place], "iteration \(place)")
      #expect(branch.history.losses == Array(learner.history.losses.prefix(place)))
    }
    let branch = try learner.branch(at: 33)
    try branch.train(tasks(), maxBatches: 12)
    #expect(try numbers(branch) == states[45])
    #expect(branch.history == learner.history)
  }

  @Test("MLDG and ERM branch too")
  func domains() throws {
    func check<L: Learner>(_ learner: L) throws where L.Source == Domains {
      let domains = try Domains(
        [
          "a": Samples(Tensor.randn([12, 4], seed: 1), Tensor((0..<12).map { $0 % 3 }, shape: [12])),
          "b": Samples(Tensor.randn([12, 4], seed: 2), Tensor((0..<12).map { $0 % 3 }, shape: [12])),
          "c": Samples(Tensor.randn([12, 4], seed: 3), Tensor((0..<12).map { $0 % 3 }, shape: [12])),
        ], batchSize: 5)
      try learner.train(domains, maxBatches: 40)
      let middle = try learner.branch(at: 35)
      try middle.train(domains, maxBatches: 5)
      #expect(try numbers(middle) == numbers(learner))
      #expect(middle.history == learner.history)
    }
    try check(MLDG(model(), optimizer: Adam(), stepSize: 0.05))
    try check(ERM(model(), optimizer: SGD(lr: 0.1, momentum: 0.9)))
  }

  @Test("one change shows from there on, and what follows from it alone")
  func changes() throws {
    let learner = try MAML(model(), optimizer: Adam(lr: 0.01), stepSize: 0.1)
    try learner.train(tasks(), maxBatches: 4)
    var changes = LearnerChanges()
    changes.stepSize = 0.3
    let branch = try learner.branch(at: 2, changes)
    guard case .scalar(let size) = branch.stepSize else {
      Issue.record("the step size is one number")
      return
    }
    #expect(size == 0.3)
    // The same as overriding it by hand.
    let (here, there) = (try learner.branch(at: 2), try tasks().batch(at: 2))
    let batch = try #require(there)
    #expect(
      try branch.outerLoss(batch).meanOuterLoss == here.outerLoss(batch, stepSize: .scalar(0.3)).meanOuterLoss
    )

    changes = LearnerChanges()
    changes.learningRate = 0
    let still = try learner.branch(changes)
    let before = try still.model.namedParameters().values.map { try $0.tensor.toDoubles() }
    try still.train(tasks(), maxBatches: 1)
    #expect(try still.model.namedParameters().values.map { try $0.tensor.toDoubles() } == before)
    #expect(still.optimizer?.stepCount == 5, "the optimizer has kept its state")

    changes = LearnerChanges()
    changes.optimizer = try SGD(lr: 0.1)
    let other = try learner.branch(changes)
    #expect(other.optimizer is SGD && other.optimizer?.stepCount == 0)
    #expect(other.iteration == 4)
  }

  @Test("what cannot be varied or is not known is refused, and says what is")
  func refusals() throws {
    func refusal(_ words: String, _ body: () throws -> Void) {
      do {
        try body()
        Issue.record("it is not refused: \(words)")
      } catch { #expect("\(error)".contains(words), "it says: \(error)") }
    }
    let learner = try MetaSGD(model(), optimizer: Adam(), initStepSize: 0.1)
    var changes = LearnerChanges()
    changes.stepSize = 0.2
    refusal("step sizes are learned") { _ = try learner.branch(changes) }
    refusal("no stepSize") { _ = try R2D2(model(), optimizer: Adam()).branch(changes) }
    refusal("no iteration 1: 0 are done") { _ = try learner.branch(at: 1) }
    // Batches that come one after the other cannot be asked for again.
    let list = try (0..<45).map { try #require(try tasks().batch(at: $0)) }
    var next = 0
    try learner.train(
      GeneratedBatches { _ in
        defer { next += 1 }
        return list[next]
      }, maxBatches: 45)
    #expect(try learner.branch(at: 44).iteration == 44)
    refusal("kept are 0, 2, 4") { _ = try learner.branch(at: 17) }
    // A change by hand in between is noticed.
    let changed = try MAML(model(), optimizer: Adam(), stepSize: 0.1)
    try changed.train(tasks(), maxBatches: 69)
    let weight = try #require(changed.model.namedParameters().values.first)
    try weight.assign(Tensor.zeros(weight.shape))
    try changed.train(tasks(), maxBatches: 6)
    refusal("came out otherwise") { _ = try changed.branch(at: 71) }
    #expect(try changed.branch(at: 73).iteration == 73)
  }
}
