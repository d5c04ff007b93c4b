import ArrayCore
import Autograd
import MetaLearning
import NN
import Testing

@Suite("Frozen parameters")
struct FreezingTests {
  /// Two layers of equal shapes, so that one can be taken for the other.
  private func model() throws -> Module {
    try MetaSequential(
      MetaLinear(4, 4, seed: 1), Tanh(), MetaLinear(4, 4, seed: 2), MetaLayerNorm([4]),
      MetaLinear(4, 3, seed: 3))
  }

  private func numbers(_ model: Module) throws -> [String: [Double]] {
    try Dictionary(uniqueKeysWithValues: model.namedParameters().map { ($0, try $1.tensor.toDoubles()) })
  }

  @Test(
    "every learner leaves them as they are and learns the rest, whichever are frozen at a step",
    arguments: LearnerCase.all)
  func learners(_ kind: LearnerCase) throws {
    let model = try model()
    let learner = try kind.make(model)
    let steps = learner.trainIter(try fifteenClasses().batches(of: 4), maxBatches: 9)
    // Three steps each, so that the last is replayed.
    for frozen in [["0.*"], ["2.*", "*.bias"], ["2.weight", "3.*"]] {
      try model.unfreeze()
      try model.freeze(frozen)
      for _ in 0..<3 {
        let before = try numbers(model)
        let plain = try kind.outerLoss(learner, fifteenClasses().batch(4, from: 4 * learner.iteration))
        let expected = try plain.reachedGradients
        let step = try #require(try steps.next())
        let found = try step.reachedGradients
        #expect(found.keys == expected.keys)
        for (name, gradient) in expected {
          #expect(model.frozenParameters[name] == nil, "\(name) has a gradient")
          let own = try #require(found[name]).toDoubles()
          #expect(try zip(gradient.toDoubles(), own).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
        }
        let after = try numbers(model)
        for name in model.frozenParameters.keys { #expect(before[name] == after[name], "\(name) has moved") }
        #expect(before != after)
      }
    }
  }

  @Test("the inner loop leaves them out, with a note")
  func adaptation() throws {
    let model = try model()
    let maml = try MAML(
      model, stepSize: 0.1, numAdaptationSteps: 2, learnStepSize: true, perParamStepSize: true)
    let task = try fifteenClasses()[0]
    for frozen in [["0.*"], ["2.*"]] {
      try model.unfreeze()
      try model.freeze(frozen)
      let own = model.frozenParameters
      // The third is replayed.
      for _ in 0..<3 {
        let adapted = try maml.adapt(task)
        #expect(adapted.params.keys == model.trainableParameters.keys)
        // A number of steps of its own is never replayed.
        let plain = try maml.adapt(task, numAdaptationSteps: 2)
        for (name, value) in plain.params {
          #expect(try value.toDoubles() == #require(adapted.params[name]).toDoubles(), "\(name)")
        }
        #expect(adapted.notes.count == 1 && adapted.notes[0].hasSuffix("are frozen; left unchanged"))
        for (name, value) in adapted.params {
          let start = try #require(model.namedParameters()[name]).tensor.toDoubles()
          #expect(try value.toDoubles() != start, "\(name)")
        }
        let loss = try crossEntropy(model(task.test!.inputs, params: adapted.params), task.test!.targets)
        #expect(try gradient(of: loss, wrt: Array(own.values)).unreached.count == own.count)
      }
    }
    var notes: [String] = []
    let loss = try crossEntropy(model(task.train.inputs), task.train.targets)
    let fast = try gradientUpdateParameters(model, loss, note: { notes.append($0) })
    #expect(fast.keys == model.namedParameters().keys)
    #expect(notes == ["\"2.weight\", \"2.bias\" are frozen; left unchanged"])
  }

  @Test("MLDG and ERM leave them as they are", arguments: MLDG.Variant.allCases)
  func domains(_ variant: MLDG.Variant) throws {
    func domains() throws -> Domains {
      try Domains(
        (0..<3).map {
          try Samples(Tensor.randn([8, 4], seed: $0), Tensor((0..<8).map { $0 % 3 }, shape: [8]))
        })
    }
    func check(_ model: Module, _ step: () throws -> Void) throws {
      for frozen in [["0.*"], ["2.*"]] {
        try model.unfreeze()
        try model.freeze(frozen)
        for _ in 0..<3 {
          let before = try numbers(model)
          try step()
          let after = try numbers(model)
          for (name, parameter) in model.namedParameters() {
            #expect((before[name] == after[name]) == parameter.isFrozen, "\(name)")
          }
        }
      }
    }
    func model() throws -> Module {
      try MetaSequential(
        MetaLinear(4, 4, seed: 1), Tanh(), MetaLinear(4, 4, seed: 2), MetaLinear(4, 3, seed: 3))
    }
    let mldg = try MLDG(model(), optimizer: SGD(lr: 0.1), stepSize: 0.05, variant: variant)
    let steps = mldg.trainIter(try domains(), maxBatches: 6)
    try check(mldg.model) { _ = try #require(try steps.next()) }
    let erm = try ERM(model(), optimizer: SGD(lr: 0.1))
    try check(erm.model) { try erm.train(domains(), maxBatches: 1) }
  }

  @Test("where nothing is left to adapt or to learn, the error says so")
  func nothing() throws {
    let model = try model()
    try model.freeze()
    let maml = try MAML(model, optimizer: SGD(lr: 0.1))
    #expect {
      _ = try maml.adapt(fifteenClasses()[0])
    } throws: { "\($0)".contains("could be adapted is frozen") }
    let networks = try PrototypicalNetworks(model, optimizer: SGD(lr: 0.1), ways: 3)
    #expect {
      try networks.train(fifteenClasses().batches(of: 2), maxBatches: 1)
    } throws: {
      "\($0)" == "every parameter of MetaSequential is frozen; let some be learned: model.unfreeze()"
    }
    let erm = try ERM(model, optimizer: SGD(lr: 0.1))
    #expect {
      try erm.train(
        Domains([try Samples(Tensor.randn([2, 4], seed: 1), Tensor([0, 1] as [Int]))]), maxBatches: 1)
    } throws: { "\($0)".contains("is frozen") }
  }
}
