import ArrayCore
import Autograd
import MetaLearning
import NN
import Testing

@Suite("Pictures of the computation")
struct ComputationGraphTests {
  private func model() throws -> Module { try MetaMLPModel(1, 1, hiddenSizes: [8, 8], seed: 1).to(.float64) }

  private func tasks() throws -> Batch {
    let tasks = try Sinusoid(shots: 5, testShots: 7, seed: 1)
    return try Batch((0..<3).map { try doubled(tasks[$0]) })
  }

  private func doubled(_ task: MetaLearning.Task) throws -> MetaLearning.Task {
    func doubled(_ samples: Samples) throws -> Samples {
      try Samples(samples.inputs.cast(to: .float64), samples.targets.cast(to: .float64))
    }
    return Task(train: try doubled(task.train), test: try task.test.map(doubled))
  }

  private func names(_ model: Module) -> [(name: String, tensor: Tensor)] {
    model.namedParameters().map { ($0.key, $0.value.tensor) }
  }

  static let learners: [(name: String, make: @Sendable (Module) throws -> MAML)] = [
    ("MAML", { try MAML($0, stepSize: 0.1, numAdaptationSteps: 3) }),
    ("learned step size", { try MAML($0, stepSize: 0.1, numAdaptationSteps: 2, learnStepSize: true) }),
    ("momentum", { try MAML($0, stepSize: 0.1, numAdaptationSteps: 3, innerOptimizer: .momentum(0.9)) }),
    (
      "Adam",
      {
        try MAML(
          $0, stepSize: 0.1, numAdaptationSteps: 2, innerOptimizer: .adam(beta1: 0.9, beta2: 0.999, eps: 1e-8)
        )
      }
    ),
    ("MetaSGD", { try MetaSGD($0, initStepSize: 0.1, numAdaptationSteps: 2) }),
    ("MAML++", { try MAMLPlusPlus($0, stepSize: 0.1, numAdaptationSteps: 2) }),
  ]

  @Test(
    "what first order leaves is the graph that a first-order learner records", arguments: learners.indices)
  func firstOrder(_ place: Int) throws {
    let learner = try Self.learners[place].make(model())
    for batch in [try tasks(), try Batch([tasks().tasks[0]])] {
      let whole = GraphDescription(of: try learner.outerLoss(batch).loss)
      let first = GraphDescription(of: try learner.outerLoss(batch, firstOrder: true).loss)
      let left = whole.vertices.filter { $0.kind == .operation && !$0.isSecondOrder }
      let recorded = first.vertices.filter { $0.kind == .operation }
      #expect(left.map(\.operation) == recorded.map(\.operation))
      #expect(left.map(\.shape) == recorded.map(\.shape))
      #expect(whole.firstOrderBytes == first.bytes && first.firstOrderBytes == first.bytes)
      #expect(whole.bytes > first.bytes && whole.hasSecondOrder && !first.hasSecondOrder)
    }
  }

  @Test("inner steps and the outer loss are parts, in their order, of one operation or of groups")
  func parts() throws {
    let model = try model()
    let learner = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2)
    let loss = try learner.outerLoss(tasks()).loss
    for detail in [ComputationGraph.Detail.operations, .layers, .passes] {
      let graph = try ComputationGraph(of: loss, names: names(model), detail: detail, maxNodes: 1000)
      #expect(graph.parts.map(\.title) == ["inner step 1", "inner step 2", "outer loss"])
      #expect(graph.leftOut == 0 && graph.detail == detail)
      let operations = graph.nodes.filter { $0.pass != .parameter && $0.pass != .constant }
      #expect(operations.map(\.count).reduce(0, +) == graph.parts.map(\.operations).reduce(0, +))
      #expect(graph.parts[2].secondOrderOperations == 0 && graph.parts[0].gradientOperations > 0)
      let inner = graph.parts.map(\.bytes).reduce(0, +)
      #expect(inner == graph.description.bytes - graph.description.outerBytes)
      let drawn = graph.nodes.map(\.bytes).reduce(0, +) + graph.edges.map(\.bytes).reduce(0, +)
      #expect(drawn == graph.description.bytes)
    }
  }

  @Test("a pass is a box: parameters, and forward, gradient and update of each step")
  func passes() throws {
    let model = try model()
    let loss = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2).outerLoss(tasks()).loss
    let graph = try ComputationGraph(of: loss, names: names(model), detail: .passes)
    func path(_ part: Int?) -> [ComputationGraph.Pass] { graph.nodes.filter { $0.part == part }.map(\.pass) }
    #expect(path(nil).contains(.parameter))
    for step in 0...1 {
      #expect(path(step).filter { $0 != .constant } == [.forward, .gradient, .update])
    }
    #expect(path(2).filter { $0 != .constant } == [.forward])
    // The forward pass and the gradient are second order, the update is not.
    for node in graph.nodes where node.part == 0 {
      #expect(node.isSecondOrder == (node.pass != .update))
    }
    #expect(graph.edges.contains { $0.isSecondOrder } && graph.edges.contains { !$0.isSecondOrder })
  }

  @Test("updates carry the parameter's name, and leaves the names they are told")
  func named() throws {
    let model = try model()
    let loss = try MAML(model, stepSize: 0.1).outerLoss(tasks()).loss
    let graph = try ComputationGraph(of: loss, names: names(model), detail: .operations, maxNodes: 1000)
    let leaves = graph.nodes.filter { $0.pass == .parameter }.map(\.title)
    #expect(Set(leaves) == Set(model.namedParameters().keys))
    let updates = graph.nodes.filter { $0.pass == .update }.map(\.title)
    #expect(Set(updates) == Set(model.namedParameters().keys.map { "\($0) ← addScaled" }))
  }

  @Test("a loop of one's own has the same parts")
  func ownLoop() throws {
    let model = try model()
    let task = try tasks().tasks[0]
    var params: NamedTensors?
    for _ in 0..<2 {
      let loss = try mse(model(task.train.inputs, params: params), task.train.targets)
      params = try gradientUpdateParameters(model, loss, params: params, stepSize: .scalar(0.1))
    }
    let test = try #require(task.test)
    let loss = try mse(model(test.inputs, params: params), test.targets)
    let own = try ComputationGraph(of: loss, detail: .operations, maxNodes: 1000)
    let learner = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2)
    let same = try ComputationGraph(
      of: learner.outerLoss(Batch([task])).loss, detail: .operations, maxNodes: 1000)
    #expect(own.parts.map(\.title) == ["inner step 1", "inner step 2", "outer loss"])
    #expect(own.parts.map(\.gradientOperations) == same.parts.map(\.gradientOperations))
    #expect(own.description.bytes <= same.description.bytes + 64)
  }

  @Test("tasks that run one by one have parts of their own")
  func severalTasks() throws {
    let learner = try MAML(model(), stepSize: 0.1, numAdaptationSteps: 2)
    learner.strategy = .looped
    let graph = try ComputationGraph(of: learner.outerLoss(tasks()).loss, detail: .passes)
    let each = (1...3).flatMap { task in
      ["task \(task), inner step 1", "task \(task), inner step 2", "task \(task), outer loss"]
    }
    #expect(Set(graph.parts.map(\.title)) == Set(each + ["outer loss"]))
  }

  @Test("the finest detail that fits is taken, and what does not fit is counted")
  func fitting() throws {
    let model = try model()
    let loss = try MAML(model, stepSize: 0.1, numAdaptationSteps: 5).outerLoss(tasks()).loss
    let details = try [2000, 100, 40].map { count in
      try ComputationGraph(of: loss, names: names(model), maxNodes: count).detail
    }
    #expect(details == [.operations, .layers, .passes])
    let cut = try ComputationGraph(of: loss, detail: .operations, maxNodes: 30)
    #expect(cut.nodes.count == 30)
    let drawn = cut.nodes.count { $0.pass != .parameter && $0.pass != .constant }
    #expect(cut.leftOut + drawn == cut.parts.map(\.operations).reduce(0, +))
  }

  @Test("MLDG has one inner step, whose forward pass first order keeps")
  func mldg() throws {
    let model = try model()
    let domains = try tasks().tasks.map(\.train)
    let loss = try MLDG(model, lossFunction: .mse).outerLoss(domains, metaTest: [0]).loss
    let graph = try ComputationGraph(of: loss, names: names(model), detail: .passes)
    #expect(graph.parts.map(\.title) == ["inner step 1", "outer loss"])
    #expect(graph.description.hasSecondOrder)
    let first = GraphDescription(
      of: try MLDG(model, firstOrder: true, lossFunction: .mse).outerLoss(domains, metaTest: [0]).loss)
    #expect(graph.description.firstOrderBytes == first.bytes)
  }

  @Test("a convolutional model with batch normalisation agrees with its first order")
  func convolution() throws {
    let model = try MetaConvModel(1, 5, hiddenSize: 4, featureSize: 4, seed: 1)
    let task = try Task(
      train: Samples(Tensor.randn([5, 1, 16, 16], seed: 1), Tensor([0, 1, 2, 3, 4] as [Int])),
      test: Samples(Tensor.randn([5, 1, 16, 16], seed: 2), Tensor([0, 1, 2, 3, 4] as [Int])))
    let learner = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2)
    let whole = GraphDescription(of: try learner.outerLoss(Batch([task])).loss)
    let first = GraphDescription(of: try learner.outerLoss(Batch([task]), firstOrder: true).loss)
    #expect(whole.firstOrderBytes == first.bytes && whole.bytes > 2 * first.bytes)
    let graph = try ComputationGraph(of: learner.outerLoss(Batch([task])).loss, names: names(model))
    #expect(graph.detail != .operations && graph.nodes.count <= 100)
  }

  @Test("a step that is computed again is one operation of its part, and keeps only values")
  func recomputed() throws {
    let model = try model()
    let kept = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2)
    let again = try MAML(model, stepSize: 0.1, numAdaptationSteps: 2, recompute: true)
    let graph = try ComputationGraph(of: again.outerLoss(tasks()).loss, names: names(model), maxNodes: 1000)
    #expect(graph.parts.map(\.title) == ["inner step 1", "inner step 2", "outer loss"])
    #expect(graph.nodes.count { $0.title == "checkpoint" } == 2)
    #expect(try graph.description.bytes < GraphDescription(of: kept.outerLoss(tasks()).loss).bytes)
  }

  @Test("what was not recorded is refused")
  func refused() throws {
    #expect(throws: LearningError.self) { try ComputationGraph(of: Tensor([1, 2])) }
  }
}
