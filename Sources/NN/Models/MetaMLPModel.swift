import ArrayCore
import Autograd

/// A multi-layer perceptron: `features.layer1.linear` … each followed by ReLU, and `classifier`; pytorch-maml's
/// `MetaMLPModel` with its names.
public final class MetaMLPModel: Module, MetaModule {
  public let features: MetaSequential
  public let classifier: MetaLinear

  public init(
    _ inFeatures: Int, _ outFeatures: Int, hiddenSizes: [Int], seed: UInt64 = 0, dtype: DType = .float32
  ) throws {
    var layers: [(String, Module)] = []
    var size = inFeatures
    for (index, hidden) in hiddenSizes.enumerated() {
      let linear = try MetaLinear(size, hidden, seed: derivedSeed(seed, index), dtype: dtype)
      layers.append(
        ("layer\(index + 1)", try MetaSequential(named: [("linear", linear), ("relu", ReLU())])))
      size = hidden
    }
    features = try MetaSequential(named: layers)
    classifier = try MetaLinear(
      size, outFeatures, seed: derivedSeed(seed, hiddenSizes.count), dtype: dtype)
    super.init()
  }

  init(copying other: MetaMLPModel, _ copier: ModuleCopier) throws {
    features = try copier(typed: other.features)
    classifier = try copier(typed: other.classifier)
    super.init()
  }

  override public func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try MetaMLPModel(copying: self, copier)
  }

  override public var hasPureForward: Bool { true }

  override public func forward(_ inputs: [Tensor]) throws -> Tensor {
    try classifier(features(single(inputs)))
  }
}

/// The sinusoid model of the MAML paper: 1–40–40–1 with ReLU.
public func modelMLPSinusoid(
  hiddenSizes: [Int] = [40, 40], seed: UInt64 = 0, dtype: DType = .float32
) throws -> MetaMLPModel {
  try MetaMLPModel(1, 1, hiddenSizes: hiddenSizes, seed: seed, dtype: dtype)
}
