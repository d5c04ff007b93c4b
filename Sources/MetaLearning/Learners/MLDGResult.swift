import ArrayCore
import Autograd
import NN
import OrderedCollections

/// The objective of MLDG on one minibatch of each domain.
public final class MLDGResult: StepOutcome {
  /// F + β · G(Θ − α F'); differentiable when it comes from `outerLoss`.
  public let loss: Tensor
  /// F(Θ)
  public let metaTrainLoss: Double
  /// G(Θ − α F')
  public let metaTestLoss: Double
  /// The names of the meta-test domains.
  public let metaTest: [String]
  public let iteration: Int
  public let notes: [String]
  /// The names in ``gradients``.
  public let gradientNames: [String]
  private let makeGradients: () throws -> MetaGradients
  private let makeInnerProduct: () throws -> Double
  private lazy var cachedGradients = Result { try makeGradients() }
  private lazy var cachedInnerProduct = Result { try makeInnerProduct() }

  init(
    loss: Tensor, metaTrainLoss: Double, metaTestLoss: Double, metaTest: [String], iteration: Int,
    notes: [String], names: [String], gradients: @escaping () throws -> MetaGradients,
    innerProduct: @escaping () throws -> Double
  ) {
    self.loss = loss
    self.metaTrainLoss = metaTrainLoss
    self.metaTestLoss = metaTestLoss
    self.metaTest = metaTest
    self.iteration = iteration
    self.notes = notes
    gradientNames = names
    makeGradients = gradients
    makeInnerProduct = innerProduct
  }

  public var meanLoss: Double { (try? loss.item()) ?? .nan }
  public var meanAccuracy: Double? { nil }

  /// F'(Θ) · G'(Θ), both at Θ: positive when the domains agree on the direction. Computed at the first call.
  public var gradientInnerProduct: Double { get throws { try cachedInnerProduct.get() } }

  /// The gradient of ``loss`` by parameter name.
  public var gradients: NamedTensors {
    get throws { try cachedGradients.get().named(gradientNames) }
  }

  public var reachedGradients: NamedTensors {
    get throws { try cachedGradients.get().named(gradientNames, reachedOnly: true) }
  }
}

/// A model's quality on each domain.
public struct DomainEvaluation: Sendable {
  public let losses: OrderedDictionary<String, Double>
  /// nil without labels.
  public let accuracies: OrderedDictionary<String, Double>?
  /// How many samples of each domain.
  public let counts: OrderedDictionary<String, Int>

  /// The means over domains, each with the same weight.
  public var meanLoss: Double { mean(Array(losses.values)) }
  public var meanAccuracy: Double? { accuracies.map { mean(Array($0.values)) } }
}

/// Measures a model on all samples of each domain, in evaluation mode and in parts that bound the memory. A part has
/// 512 samples, or fewer at the end; batch statistics, where they are used, are those of a part.
func evaluateDomains(
  _ domains: Domains, model: Module, lossFunction: LossFunction?
) throws -> DomainEvaluation {
  var losses: OrderedDictionary<String, Double> = [:]
  var accuracies: OrderedDictionary<String, Double>? = [:]
  var counts: OrderedDictionary<String, Int> = [:]
  try model.evaluating {
    try noGrad {
      for name in domains.names {
        let samples = try domains[name]
        var (lossSum, accuracySum) = (0.0, 0.0 as Double?)
        for part in try samples.parts(ofAtMost: 512) {
          try Cancellation.check("evaluate")
          let (inputs, targets, count) = (part.inputs, part.targets, Double(part.count))
          let prediction = try model(inputs)
          let loss = try (lossFunction ?? .standard(for: targets))(prediction, targets)
          lossSum += try loss.item() * count
          let own = try Accuracy(prediction, targets)?.numbers(1).first
          accuracySum = own.flatMap { own in accuracySum.map { $0 + own * count } }
        }
        counts[name] = samples.count
        losses[name] = lossSum / Double(samples.count)
        if let accuracySum {
          accuracies?[name] = accuracySum / Double(samples.count)
        } else {
          accuracies = nil
        }
      }
    }
  }
  return DomainEvaluation(losses: losses, accuracies: accuracies, counts: counts)
}
