import Autograd
import Interpreter
import MetaLearning
import NN

extension TypeReference {
  /// A number, a tensor of one number, or a dictionary of them by parameter name.
  static let stepSize = TypeReference.oneOf([.double, .tensor, .dictionary(.tensor)])
}

extension Arguments {
  /// `stepSize:` in any of its forms.
  func stepSize(_ name: String = "stepSize") throws -> StepSize {
    switch self[name] {
    case .dictionary: return .perParameter(try namedTensors(name))
    case .object: return .tensor(try tensor(name))
    default: return .scalar(try double(name))
    }
  }

  func optionalStepSize(_ name: String = "stepSize") throws -> StepSize? {
    self[name].isNull ? nil : try stepSize(name)
  }
}

extension StepSize {
  var hosted: Value {
    switch self {
    case .scalar(let number): .double(number)
    case .tensor(let tensor): .object(tensor)
    case .perParameter(let tensors), .perStep(let tensors): .tensors(tensors)
    }
  }
}

extension InnerloopLanguage {
  /// torchmeta's function at the centre.
  static func registerGradientUpdate(in builder: RegistryBuilder) {
    builder.function(
      "gradientUpdateParameters",
      [
        .positional("model", .module, "a model with `Meta…` modules"),
        .positional("loss", .tensor, "the inner loss"),
        .labelled(
          "params", .dictionary(.tensor), default: nil, "the parameters so far; nil means the model's own"),
        .labelled(
          "stepSize", .stepSize, default: 0.5, "a number, a Tensor, or a dictionary by parameter name"),
        .labelled("firstOrder", .bool, default: false, "leave the second derivative out"),
      ], returns: .dictionary(.tensor),
      Documentation(
        "One step of the inner loop: new parameters, still attached.", formula: "θ′ = θ − α · ∂loss/∂θ",
        example: "let fast = gradientUpdateParameters(model, mse(model(x), y), stepSize: 0.1)",
        paper: "torchmeta gradient_update_parameters; Finn et al. 2017")
    ) { arguments, evaluation in
      .tensors(
        try gradientUpdateParameters(
          try arguments.object("model", as: Module.self), try arguments.tensor("loss"),
          params: try arguments.optionalNamedTensors("params"), stepSize: try arguments.stepSize(),
          firstOrder: try arguments.bool("firstOrder"), note: { evaluation.learnerNote($0) }))
    }
  }
}
