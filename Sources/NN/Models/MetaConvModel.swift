import ArrayCore
import Autograd

/// Four blocks of 3×3 convolution, batch normalisation (batch statistics), ReLU and 2×2 max pooling, then a linear
/// classifier; pytorch-maml's `MetaConvModel` with its names (`features.layer1.conv.weight`, …,
/// `classifier.weight`).
///
/// Inputs are [batch, inChannels, height, width]. `featureSize` is the number of features after the blocks:
/// hiddenSize · (height / 16) · (width / 16), rounded down at each halving.
public final class MetaConvModel: Module, MetaModule {
  public let features: MetaSequential
  public let classifier: MetaLinear

  public init(
    _ inChannels: Int, _ outFeatures: Int, hiddenSize: Int = 64, featureSize: Int = 64, seed: UInt64 = 0,
    dtype: DType = .float32
  ) throws {
    features = try MetaSequential(
      named: (0..<4).map { index in
        let conv = try MetaConv2d(
          index == 0 ? inChannels : hiddenSize, hiddenSize, kernelSize: 3, padding: 1,
          seed: derivedSeed(seed, index), dtype: dtype)
        let block = try MetaSequential(named: [
          ("conv", conv), ("norm", MetaBatchNorm2d(hiddenSize, momentum: 1, dtype: dtype)), ("relu", ReLU()),
          ("pool", MaxPool2d(2)),
        ])
        return ("layer\(index + 1)", block)
      })
    classifier = try MetaLinear(featureSize, outFeatures, seed: derivedSeed(seed, 4), dtype: dtype)
    super.init()
  }

  init(copying other: MetaConvModel, _ copier: ModuleCopier) throws {
    features = try copier(typed: other.features)
    classifier = try copier(typed: other.classifier)
    super.init()
  }

  override public func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try MetaConvModel(copying: self, copier)
  }

  override public var hasPureForward: Bool { true }

  override public func forward(_ inputs: [Tensor]) throws -> Tensor {
    try classifier(features(single(inputs)).flatten(from: 1))
  }
}

/// The Omniglot model: 28×28 grey images, 64 features.
public func modelConvOmniglot(
  _ outFeatures: Int, hiddenSize: Int = 64, seed: UInt64 = 0, dtype: DType = .float32
) throws -> MetaConvModel {
  try MetaConvModel(
    1, outFeatures, hiddenSize: hiddenSize, featureSize: hiddenSize, seed: seed, dtype: dtype)
}

/// The miniImageNet model: 84×84 colour images, 5·5·hiddenSize features.
public func modelConvMiniImagenet(
  _ outFeatures: Int, hiddenSize: Int = 64, seed: UInt64 = 0, dtype: DType = .float32
) throws -> MetaConvModel {
  try requireSize(hiddenSize, "hiddenSize", of: "modelConvMiniImagenet")
  let (featureSize, overflow) = hiddenSize.multipliedReportingOverflow(by: 25)
  guard !overflow else {
    throw NNError.argument(type: "modelConvMiniImagenet", reason: "hiddenSize \(hiddenSize) is out of range")
  }
  return try MetaConvModel(
    3, outFeatures, hiddenSize: hiddenSize, featureSize: featureSize, seed: seed, dtype: dtype)
}
