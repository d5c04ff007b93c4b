import ArrayCore
import Autograd
import NN
import OrderedCollections

/// The step sizes of a learner, fixed or learned.
enum InnerRates {
  case fixed(Double)
  /// One for all parameters.
  case learned(Parameter)
  /// One for each, by parameter name.
  case learnedPerParameter(NamedParameters)
  /// One for each step and parameter, [steps] by parameter name.
  case learnedPerStep(NamedParameters)

  var stepSize: StepSize {
    switch self {
    case .fixed(let value): return .scalar(value)
    case .learned(let parameter): return .tensor(parameter.value)
    case .learnedPerParameter(let parameters):
      return .perParameter(parameters.mapValues(\.value))
    case .learnedPerStep(let parameters): return .perStep(parameters.mapValues(\.value))
    }
  }

  /// What is learned, as `stepSize` or `stepSize.<name>`.
  var parameters: NamedParameters {
    switch self {
    case .fixed: return [:]
    case .learned(let parameter): return ["stepSize": parameter]
    case .learnedPerParameter(let parameters), .learnedPerStep(let parameters):
      var result: NamedParameters = [:]
      for (name, parameter) in parameters { result["stepSize.\(name)"] = parameter }
      return result
    }
  }
}
