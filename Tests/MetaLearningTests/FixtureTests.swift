import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

private func mlp() throws -> MetaSequential {
  try MetaSequential(MetaLinear(1, 8), ReLU(), MetaLinear(8, 8), Tanh(), MetaLinear(8, 1))
}

private func conv() throws -> MetaSequential {
  try MetaSequential(
    MetaConv2d(1, 4, kernelSize: 3, padding: 1), MetaBatchNorm2d(4), ReLU(), MaxPool2d(2),
    MetaConv2d(4, 4, kernelSize: 3, padding: 1), MetaBatchNorm2d(4), ReLU(), MaxPool2d(2), Flatten(),
    MetaLinear(16, 3))
}

private func batch(_ fixture: ReferenceFile, _ dtype: DType) throws -> Batch {
  func part(_ name: String, _ task: Int) throws -> Tensor { try fixture.tensor("in.\(name)", dtype).at(task) }
  let count = try fixture.tensor("in.train_x", dtype).shape[0]
  return try Batch(
    (0..<count).map {
      try Task(
        train: (part("train_x", $0), part("train_y", $0)), test: (part("test_x", $0), part("test_y", $0)))
    })
}

@Suite("Meta-gradients agree with PyTorch", .enabled(if: SharedFiles.arePresent, "\(SharedFiles.missing)"))
struct FixtureTests {
  static let cases = ["mlp", "conv"].flatMap { kind in
    ["1step", "3step"].flatMap { steps in ["first", "second"].map { "maml_\(kind)_\(steps)_\($0)" } }
  }

  @Test(
    "MAML, in every strategy", arguments: cases,
    [(DType.float64, Strategy.automatic), (.float64, .batched), (.float64, .looped), (.float32, .batched)])
  func maml(name: String, way: (DType, Strategy)) throws {
    let (dtype, strategy) = way
    let fixture = try ReferenceFile(name)
    let model = try (name.contains("mlp") ? mlp() : conv()).to(dtype)
    try model.load(fixture.part("param", dtype))
    let steps = try #require(fixture.settings["steps"].flatMap { Int($0) })
    let stepSize = try #require(fixture.settings["step_size"].flatMap { Double($0) })
    let maml = try MAML(
      model, stepSize: stepSize, numAdaptationSteps: steps,
      firstOrder: fixture.settings["first_order"] == "True")
    maml.strategy = strategy
    let outer = try maml.outerLoss(batch(fixture, dtype))
    let inner = try Tensor(
      outer.innerLosses.flatMap { $0 }, shape: [outer.innerLosses.count * outer.numTasks], dtype: .float64)
    let losses = try Tensor(outer.outerLosses, shape: [outer.numTasks], dtype: .float64)
    let overall = try largestMagnitude(fixture.part("grad", .float64))
    func check(_ found: Tensor, _ expected: String) throws {
      let difference = try relativeDifference(
        found, fixture.tensor(expected, .float64), dtype, overall: expected.hasPrefix("grad") ? overall : 0)
      #expect(difference <= tolerance(dtype), "\(name) \(expected)")
    }
    try check(inner, "out.inner_losses")
    try check(losses, "out.outer_losses")
    try check(outer.loss, "out.loss")
    for (name, gradient) in try outer.gradients { try check(gradient, "grad.\(name)") }
    #expect(try Set(outer.gradients.keys) == Set(fixture.part("grad", dtype).keys))
    // The training step computes the same group by group.
    let step = try #require(try maml.step(at: 0, from: [batch(fixture, dtype)]))
    for (name, gradient) in try step.gradients { try check(gradient, "grad.\(name)") }
  }

  @Test("Meta-SGD, with a learned step size for every number", arguments: [DType.float64, .float32])
  func metaSGD(dtype: DType) throws {
    let fixture = try ReferenceFile("metasgd_mlp")
    let model = try mlp().to(dtype)
    try model.load(fixture.part("param", dtype))
    let learner = try MetaSGD(model, numAdaptationSteps: 2)
    for (name, rate) in try fixture.part("step_size", dtype) {
      try #require(learner.learnedParameters["stepSize.\(name)"]).assign(rate)
    }
    let gradients = try learner.outerLoss(batch(fixture, dtype)).gradients
    for (name, gradient) in gradients {
      let expected = name.hasPrefix("stepSize.") ? "step_size." + name.dropFirst(9) : name
      let difference = try relativeDifference(gradient, fixture.tensor("grad.\(expected)", .float64), dtype)
      #expect(difference <= tolerance(dtype), "\(name)")
    }
    #expect(try gradients.count == fixture.part("grad", dtype).count)
  }

  @Test("MLDG", arguments: ["first", "second"], [DType.float64, .float32])
  func mldg(order: String, dtype: DType) throws {
    let fixture = try ReferenceFile("mldg_" + order)
    let model = try MetaSequential(MetaLinear(6, 8), ReLU(), MetaLinear(8, 3)).to(dtype)
    try model.load(fixture.part("param", dtype))
    let x = try fixture.tensor("in.x", dtype)
    let y = try fixture.tensor("in.y", dtype)
    let domains = try (0..<4).map { try Samples(x.at($0), y.at($0)) }
    let learner = try MLDG(model, stepSize: 0.1, beta: 0.7, firstOrder: order == "first")
    let outer = try learner.outerLoss(domains, metaTest: [3])
    func check(_ found: Tensor, _ expected: String) throws {
      let difference = try relativeDifference(found, fixture.tensor(expected, .float64), dtype)
      #expect(difference <= tolerance(dtype), "\(order) \(expected)")
    }
    try check(outer.loss, "out.loss")
    try check(Tensor(outer.metaTrainLoss, dtype: .float64), "out.meta_train_loss")
    try check(Tensor(outer.metaTestLoss, dtype: .float64), "out.meta_test_loss")
    try check(Tensor(outer.gradientInnerProduct, dtype: .float64), "out.gradient_inner_product")
    for (name, gradient) in try outer.gradients { try check(gradient, "grad.\(name)") }
  }
}
