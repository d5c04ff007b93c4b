import ArrayCore
import Autograd

/// Normalises each channel (axis 1) to mean 0 and variance 1 over the batch and the spatial axes, then scales and
/// shifts:
///
/// y = (x − E[x]) / √(Var[x] + eps) · weight + bias
///
/// The statistics are those of the batch at hand unless `trackRunningStats` is given, as pytorch-maml uses them:
/// in evaluation they see the whole query set (they are transductive). With `trackRunningStats` the running
/// statistics follow PyTorch, running ← (1 − momentum)·running + momentum·batch with the unbiased variance
/// (momentum nil: the plain average), and are used after `eval()`. They are written in plain training only,
/// never while parameters are replaced or tasks run side by side, so nothing leaks from the inner loop.
///
/// Ioffe and Szegedy 2015.
open class BatchNorm: Module {
  public let weight: Parameter?
  public let bias: Parameter?
  public let featureCount: Int
  public let eps: Double
  public let momentum: Double?
  public let runningMean: Buffer?
  public let runningVariance: Buffer?
  public let batchesTracked: Buffer?

  /// The ranks of the inputs it takes, with their wording.
  open class var inputRanks: (ranks: ClosedRange<Int>, words: String) { (4...4, "height, width") }

  public required init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    trackRunningStats: Bool = false, dtype: DType = .float32
  ) throws {
    try requireSize(numFeatures, "numFeatures", of: "BatchNorm")
    guard eps >= 0 else { throw NNError.argument(type: "BatchNorm", reason: "eps is negative") }
    featureCount = numFeatures
    self.eps = eps
    self.momentum = momentum
    weight = affine ? try Parameter(Tensor.ones([numFeatures], dtype: dtype)) : nil
    bias = affine ? try Parameter(Tensor.zeros([numFeatures], dtype: dtype)) : nil
    runningMean = trackRunningStats ? Buffer(try Tensor.zeros([numFeatures], dtype: dtype)) : nil
    runningVariance = trackRunningStats ? Buffer(try Tensor.ones([numFeatures], dtype: dtype)) : nil
    batchesTracked = trackRunningStats ? Buffer(try Tensor([0] as [Int], shape: [])) : nil
    super.init()
  }

  public required init(copying other: BatchNorm, _ copier: ModuleCopier) throws {
    featureCount = other.featureCount
    eps = other.eps
    momentum = other.momentum
    weight = try other.weight.map { try copier($0) }
    bias = try other.bias.map { try copier($0) }
    runningMean = other.runningMean.map { copier($0) }
    runningVariance = other.runningVariance.map { copier($0) }
    batchesTracked = other.batchesTracked.map { copier($0) }
    super.init()
  }

  override open func makeCopy(_ copier: ModuleCopier) throws -> Module {
    try type(of: self).init(copying: self, copier)
  }

  /// Puts back ones and zeros, for the running statistics too.
  override open func drawParameters(seed: UInt64) throws {
    for (parameter, buffer, value) in [
      (weight, runningVariance, 1.0), (bias, runningMean, 0.0),
    ] {
      if let parameter {
        try parameter.assign(Tensor.full(parameter.shape, value, dtype: parameter.dtype))
      }
      if let buffer { buffer.tensor = try Tensor.full([featureCount], value, dtype: buffer.tensor.dtype) }
    }
    batchesTracked?.tensor = try Tensor([0] as [Int], shape: [])
  }

  override open var settings: String {
    "\(featureCount)" + (runningMean == nil ? "" : ", trackRunningStats: true")
  }

  /// Under PyTorch's names.
  override open var ownBuffers: [(name: String, buffer: Buffer)] {
    guard let runningMean, let runningVariance, let batchesTracked else { return [] }
    return [
      ("running_mean", runningMean), ("running_var", runningVariance),
      ("num_batches_tracked", batchesTracked),
    ]
  }

  /// Whether the output of a row depends on the other rows of the batch.
  package final var usesBatchStatistics: Bool { runningMean == nil || isTraining }

  override open var hasFixedParts: Bool { true }
  override open var hasPureForward: Bool { runningMean == nil }

  override open func forward(_ inputs: [Tensor]) throws -> Tensor {
    let x = try checkedInput(inputs)
    let stepStatistics = ForwardScope.current?.statistics
    if !isTraining, let (mean, variance) = try stepStatistics?.kept(self) {
      return try normalise(x, mean: mean, variance: variance)
    }
    if let runningMean, let runningVariance, !isTraining {
      return try normalise(x, mean: runningMean.tensor, variance: runningVariance.tensor)
    }
    let axes = [0] + (2..<x.rank)
    let values = try checkedValues(x)
    let y = try batchNorm(x, weight: weight?.value, bias: bias?.value, axes: axes, eps: eps)
    if runningMean != nil, ForwardScope.current == nil, x.taskCount == nil {
      try track(x, axes: axes, values: values)
    }
    if isTraining, let stepStatistics {
      let (mean, variance) = try unbiasedStatistics(x, axes: axes, values: values)
      try stepStatistics.add(self, mean: mean, variance: variance)
    }
    return y
  }

  /// The input, of a shape that it takes.
  final func checkedInput(_ inputs: [Tensor]) throws -> Tensor {
    let x = try single(inputs)
    let (ranks, words) = Self.inputRanks
    guard ranks.contains(x.rank), x.shape[1] == featureCount else {
      throw NNError.inputShape(
        module: "\(className)(\(settings))", expected: "[batch, \(featureCount), \(words)]", found: x.shape)
    }
    return x
  }

  /// How many values of a channel the batch's statistics are taken over: more than one.
  final func checkedValues(_ x: Tensor) throws -> Int {
    let values = (2..<x.rank).reduce(x.shape[0]) { $0 * x.shape[$1] }
    guard values > 1 else { throw NNError.oneValuePerChannel(module: className, found: x.shape) }
    return values
  }

  /// Channel values [C] as [C, 1, …] so that they broadcast along axis 1.
  private func channels(_ values: Tensor, rank: Int) throws -> Tensor {
    try values.reshape([featureCount] + Array(repeating: 1, count: rank - 2))
  }

  private func normalise(_ x: Tensor, mean: Tensor, variance: Tensor) throws -> Tensor {
    let centred = try x - channels(mean, rank: x.rank)
    var y = try centred * channels(rsqrt(variance + eps), rank: x.rank)
    if let weight { y = try y * channels(weight.value, rank: x.rank) }
    if let bias { y = try y + channels(bias.value, rank: x.rank) }
    return y
  }

  /// The mean and the unbiased variance of each channel, constants of shape [C].
  private func unbiasedStatistics(
    _ x: Tensor, axes: [Int], values: Int
  ) throws -> (mean: Tensor, variance: Tensor) {
    try noGrad {
      let (mean, variance) = try batchStatistics(x.detach(), axes: axes)
      let unbiased = Double(values) / Double(values - 1)
      return (try mean.reshape([featureCount]), try variance.reshape([featureCount]) * unbiased)
    }
  }

  private func track(_ x: Tensor, axes: [Int], values: Int) throws {
    guard let runningMean, let runningVariance, let batchesTracked else { return }
    try noGrad {
      let (mean, variance) = try unbiasedStatistics(x, axes: axes, values: values)
      let count = try batchesTracked.tensor.item() + 1
      let rate = momentum ?? 1 / count
      let newMean = try runningMean.tensor * (1 - rate) + mean * rate
      let newVariance = try runningVariance.tensor * (1 - rate) + variance * rate
      let newCount = try Tensor([Int(count)], shape: [])
      runningMean.tensor = newMean
      runningVariance.tensor = newVariance
      batchesTracked.tensor = newCount
    }
  }
}

/// ``BatchNorm`` over [batch, channels] or [batch, channels, length].
open class BatchNorm1d: BatchNorm {
  override open class var inputRanks: (ranks: ClosedRange<Int>, words: String) { (2...3, "length?") }
}

/// ``BatchNorm`` over [batch, channels, height, width].
open class BatchNorm2d: BatchNorm {}

/// ``BatchNorm`` over [batch, channels, depth, height, width].
open class BatchNorm3d: BatchNorm {
  override open class var inputRanks: (ranks: ClosedRange<Int>, words: String) {
    (5...5, "depth, height, width")
  }
}

/// ``BatchNorm1d`` whose parameters the inner loop adapts.
public final class MetaBatchNorm1d: BatchNorm1d, MetaModule {}

/// ``BatchNorm2d`` whose parameters the inner loop adapts.
public final class MetaBatchNorm2d: BatchNorm2d, MetaModule {}

/// ``BatchNorm3d`` whose parameters the inner loop adapts.
public final class MetaBatchNorm3d: BatchNorm3d, MetaModule {}
