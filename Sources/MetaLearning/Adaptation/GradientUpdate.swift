import ArrayCore
import Autograd
import NN
import OrderedCollections

/// One step of gradient descent on the parameters of meta modules, without changing the model:
///
/// params'[name] = params[name] − stepSize[name] · ∂loss/∂params[name]
///
/// torchmeta's `gradient_update_parameters`. A loss that carries tasks gives each task its own parameters.
///
/// - Parameters:
///   - model: whose meta parameters are adapted.
///   - loss: one number a task.
///   - params: what the loss was computed with; nil for the model's own meta parameters.
///   - stepSize: α, one for all or one for each parameter.
///   - firstOrder: take the gradient as a constant, so that the result's derivative ignores the curvature.
///   - note: called with a sentence about parameters that the loss does not depend on, or that are frozen; they stay as
///     they are.
/// - Throws: ``LearningError/nothingToAdapt(model:patterns:known:)`` for a model without meta parameters.
public func gradientUpdateParameters(
  _ model: Module, _ loss: Tensor, params: NamedTensors? = nil, stepSize: StepSize = .scalar(0.5),
  firstOrder: Bool = false, note: (String) -> Void = { _ in }
) throws -> NamedTensors {
  let current: NamedTensors
  if let params {
    current = params
  } else {
    var own: NamedTensors = [:]
    for (name, parameter) in model.metaNamedParameters() { own[name] = parameter.value }
    current = own
  }
  guard !current.isEmpty else {
    throw LearningError.nothingToAdapt(model: model.className, patterns: ["*"], known: [])
  }
  let names = Array(current.keys)
  let values = Array(current.values)
  let rates = try zip(names, values).map { try stepSize.rate(of: $0, shape: $1.shape) }
  let step = try descend(loss, values, rates, firstOrder: firstOrder)
  let unreached = step.unreached.map { names[$0] }
  let frozen = model.frozenParameters
  unchangedNotes(
    unreached: unreached.filter { frozen[$0] == nil }, frozen: unreached.filter { frozen[$0] != nil }
  ).forEach(note)
  return NamedTensors(uniqueKeysWithValues: zip(names, step.values))
}

/// One inner step on values in order. Values that the loss does not reach stay as they are.
func descend(
  _ loss: Tensor, _ values: [Tensor], _ rates: [StepSize.Rate], firstOrder: Bool
) throws -> (values: [Tensor], gradients: [Tensor], unreached: [Int]) {
  try markingInnerStep {
    let gradients = try gradient(of: loss, wrt: values, createGraph: !firstOrder)
    var updated = values
    let unreached = Set(gradients.unreached)
    for index in values.indices where !unreached.contains(index) {
      updated[index] = try rates[index].descend(values[index], gradients[index])
    }
    return (updated, gradients.values, gradients.unreached)
  }
}
