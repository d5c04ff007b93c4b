import ArrayCore
import Autograd
import MetaLearning
import NN
import TestSupport
import Testing

/// The loss 0.5 · (w·x)² of a single weight vector.
private final class Dot: Module, MetaModule {
  let w: Parameter

  init(start: [Double] = [2, 3, 5]) throws {
    w = try Parameter(Tensor(start, shape: [3], dtype: .float64))
    super.init()
  }

  override func forward(_ inputs: [Tensor]) throws -> Tensor { try (inputs[0] * w.value).sum() }
}

private func vector(_ values: [Double]) throws -> Tensor { try Tensor(values, shape: [3], dtype: .float64) }

private func half(_ model: Module, _ x: [Double], _ params: NamedTensors? = nil) throws -> Tensor {
  let y = try model(vector(x), params: params)
  return try y * y * 0.5
}

@Suite("The hand oracle")
struct OracleTests {
  @Test("second order: adapted weights and meta-gradient, exactly")
  func secondOrder() throws {
    let model = try Dot()
    let fast = try gradientUpdateParameters(model, half(model, [1, 2, 3]), stepSize: .scalar(0.5))
    #expect(try fast["w"]?.toDoubles() == [-9.5, -20, -29.5])
    let outer = try half(model, [4, 5, 6], fast)
    #expect(try gradient(of: outer, wrt: [model.w])[0].toDoubles() == [3780, 8505, 13230])
  }

  @Test("first order, exactly")
  func firstOrder() throws {
    let model = try Dot()
    let fast = try gradientUpdateParameters(
      model, half(model, [4, 5, 6]), stepSize: .scalar(0.5), firstOrder: true)
    let outer = try half(model, [1, 2, 3], fast)
    #expect(try gradient(of: outer, wrt: [model.w])[0].toDoubles() == [-825, -1650, -2475])
  }

  @Test("a step size may be a tensor or one for each parameter, and is differentiable")
  func stepSizes() throws {
    let model = try Dot()
    let rate = try Parameter(Tensor(0.5, dtype: .float64))
    for stepSize in [StepSize.tensor(rate.value), .perParameter(["w": rate.value])] {
      let fast = try gradientUpdateParameters(model, half(model, [1, 2, 3]), stepSize: stepSize)
      #expect(try fast["w"]?.toDoubles() == [-9.5, -20, -29.5])
      // d outer / d rate = −(w'·x)(x·g) with g = 23·(1, 2, 3)
      let outer = try half(model, [4, 5, 6], fast)
      #expect(try gradient(of: outer, wrt: [rate])[0].toDoubles() == [-(-315.0) * 23 * 32])
    }
    #expect(throws: LearningError.self) {
      try gradientUpdateParameters(model, half(model, [1, 2, 3]), stepSize: .perParameter([:]))
    }
    #expect(throws: LearningError.self) {
      try gradientUpdateParameters(model, half(model, [1, 2, 3]), stepSize: .tensor(Tensor.zeros([2])))
    }
  }

  @Test("a model without meta parameters is refused, an unused parameter is noted and kept")
  func unused() throws {
    let plain = try Linear(1, 1)
    #expect(throws: LearningError.self) {
      try gradientUpdateParameters(plain, plain(Tensor.ones([1, 1])).sum())
    }
    let model = try MetaSequential(MetaLinear(1, 1), MetaLinear(1, 1))
    var notes: [String] = []
    let loss = try model.modules[0](Tensor.ones([1, 1])).sum()
    let fast = try gradientUpdateParameters(model, loss) { notes.append($0) }
    #expect(notes.count == 1 && notes[0].contains("1.weight"))
    #expect(try fast["1.weight"]?.toDoubles() == model.namedParameters()["1.weight"]?.tensor.toDoubles())
  }
}
