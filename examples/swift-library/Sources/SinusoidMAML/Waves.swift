import ArrayCore
import Autograd
import NN

/// sin(x F + p): waves of learned frequencies F [1, width] and phases p [width]. A plain module: learned in the outer loop,
/// the same for every task.
final class Waves: Module {
  let frequency: Parameter
  let phase: Parameter

  init(width: Int, seed: UInt64) throws {
    frequency = try Parameter(.randn([1, width], seed: seed))
    phase = try Parameter(.zeros([width]))
    super.init()
  }

  override var hasPureForward: Bool { true }

  override func forward(_ inputs: [Tensor]) throws -> Tensor {
    try sin(matmul(inputs[0], frequency.value) + phase.value)
  }
}

/// Waves, and a linear map of them that the inner loop adapts.
final class WaveModel: Module, MetaModule {
  let waves: Waves
  let head: MetaLinear

  init(width: Int, seed: UInt64) throws {
    waves = try Waves(width: width, seed: seed)
    head = try MetaLinear(width, 1, seed: seed + 1)
    super.init()
  }

  override var hasPureForward: Bool { true }

  override func forward(_ inputs: [Tensor]) throws -> Tensor { try head(waves(inputs[0])) }
}
