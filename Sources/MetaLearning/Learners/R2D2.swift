import ArrayCore
import Autograd
import Glibc
import NN

/// R2-D2 (Bertinetto, Henriques, Torr and Vedaldi 2019): a task's last layer is the ridge regression from its train
/// embeddings to its targets (labels as rows with a one), in closed form, and the outer loop learns the embedding through
/// it:
///
/// prediction = scale · (f(x) Wᵀ + b) + bias, W and b by ``ridgeRegression(_:_:_:numClasses:useWoodbury:scale:bias:)``
///
/// The scale, the bias and the logarithm of the regularization λ are learned too, as `head.scale`, `head.bias` and
/// `head.logRegularization`. Targets are labels or, for regression, numbers [N, outputs].
public final class R2D2: EmbeddingLearner {
  /// One number each.
  public let scale: Parameter
  public let bias: Parameter
  public let logRegularization: Parameter
  /// Where the three start: the scale, the bias and λ.
  private let start: (scale: Double, bias: Double, regularization: Double)

  public init(
    _ model: Module, optimizer: Optimizer? = nil, ways: Int? = nil, initScale: Double = 1,
    initBias: Double = 0, initRegularization: Double = 1, lossFunction: LossFunction? = nil
  ) throws {
    guard initRegularization > 0, initRegularization.isFinite else {
      throw LearningError.argument(
        type: "R2D2", reason: "initRegularization is \(initRegularization), it must be above 0")
    }
    start = (initScale, initBias, initRegularization)
    let dtype = model.namedParameters().values.first?.dtype ?? .float32
    func number(_ value: Double) throws -> Parameter { try Parameter(Tensor.full([], value, dtype: dtype)) }
    scale = try number(initScale)
    bias = try number(initBias)
    logRegularization = try number(Glibc.log(initRegularization))
    try super.init(model, optimizer, ways: ways, lossFunction)
  }

  override public func makeCopy(_ model: Module, _ changes: LearnerChanges) throws -> any Learner {
    try changes.require([], of: "R2D2")
    return try R2D2(
      model, optimizer: changes.optimizer(of: self), ways: ways, initScale: start.scale, initBias: start.bias,
      initRegularization: start.regularization, lossFunction: lossFunction)
  }

  /// λ
  public var regularization: Tensor { get throws { try exp(logRegularization.value) } }

  override public var learnedParameters: NamedParameters {
    var all = model.trainableParameters
    all["head.scale"] = scale
    all["head.bias"] = bias
    all["head.logRegularization"] = logRegularization
    return all
  }

  override var needsLabels: Bool { false }

  override func head(_ support: Tensor, _ targets: Tensor, classes: Int?) throws -> Head {
    let layer = try ridgeRegression(
      support, targets, regularization, numClasses: classes, scale: false)
    let (scale, bias) = (scale.value, bias.value)
    var params: NamedTensors = ["weight": layer.weight]
    params["bias"] = layer.bias
    return Head(params: params) { try scale * layer($0) + bias }
  }
}
