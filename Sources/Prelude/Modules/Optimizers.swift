import Autograd
import Display
import Interpreter
import NN

extension Optimizer: HostObject {
  public var typeName: String { String(describing: type(of: self)) }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: summary) }
  public var summary: String { "\(typeName), \(NumberText.grouped(stepCount)) steps done" }
}

extension InnerloopLanguage {
  /// SGD, Adam and AdamW.
  static func registerOptimizers(in builder: RegistryBuilder) {
    builder.type("Optimizer", "Changes parameters against their gradients.") { type in
      type.method(
        "step",
        [
          .positional("parameters", .any, "a model, a Parameter, or an array or dictionary of them"),
          .labelled("loss", .tensor, "a loss computed with them: one number"),
        ],
        Documentation(
          "One step down the gradient of a loss, in place.",
          example: "optimizer.step(model, loss: mse(model(x), y))")
      ) { arguments, _ in
        let targets = try namedParameters(arguments)
        try arguments.receiver(as: Optimizer.self).step(
          Array(targets.values), loss: try arguments.tensor("loss"))
        return .void
      }
      type.method(
        "step",
        [
          .positional("parameters", .any, "a model, a Parameter, or an array or dictionary of them"),
          .labelled("gradients", .any, "in the structure of the parameters"),
        ],
        Documentation(
          "One step against given gradients, in place.", example: "optimizer.step(model, gradients: g)")
      ) { arguments, _ in
        let targets = try namedParameters(arguments)
        let gradients = try namedGradients(arguments)
        try arguments.receiver(as: Optimizer.self).step(targets, gradients: gradients)
        return .void
      }
      type.property("stepCount", .int, "How many steps have been done.") { (optimizer: Optimizer, _) in
        .int(optimizer.stepCount)
      }
      type.method("copy", returns: .named("Optimizer"), "An independent optimizer with the same state.") {
        arguments, _ in
        .object(try arguments.receiver(as: Optimizer.self).copy())
      }
    }
    builder.type("SGD", parent: "Optimizer") { type in
      type.initializer(
        [
          .labelled(
            "lr", .learningRate, default: 0.01, aliases: ["learningRate"],
            "the learning rate, a schedule, or a closure of the iteration"),
          .labelled("momentum", .double, default: 0, "how much of the last step goes on"),
          .labelled("weightDecay", .double, default: 0, "how strongly parameters are pulled to zero"),
          .labelled("dampening", .double, default: 0, "how much less of the gradient joins the momentum"),
          .labelled("nesterov", .bool, default: false, "look ahead along the momentum"), .maxGradNorm,
        ],
        Documentation(
          "Stochastic gradient descent.", formula: "v ← momentum · v + g; w ← w − lr · v",
          example: "SGD(lr: 0.01)",
          paper: "torch.optim.SGD")
      ) { arguments, evaluation in
        let optimizer = try SGD(
          lr: try arguments.learningRate("lr", evaluation), momentum: try arguments.double("momentum"),
          dampening: try arguments.double("dampening"), weightDecay: try arguments.double("weightDecay"),
          nesterov: try arguments.bool("nesterov"))
        return .object(try arguments.clipped(optimizer))
      }
    }
    for (name, decay, what, formula, paper) in [
      (
        "Adam", 0.0, "Adam.", "m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − lr · m̂ / (√v̂ + eps)",
        "Kingma and Ba 2015; torch.optim.Adam"
      ),
      (
        "AdamW", 0.01, "Adam with weight decay as a step of its own.",
        "w ← (1 − lr · weightDecay) · w, then Adam's step", "Loshchilov and Hutter 2019; torch.optim.AdamW"
      ),
    ] {
      builder.type(name, parent: "Optimizer") { type in
        type.initializer(
          [
            .labelled(
              "lr", .learningRate, default: 0.001, aliases: ["learningRate"],
              "the learning rate, a schedule, or a closure of the iteration"),
            .labelled(
              "betas", .tuple([.double, .double]), default: .tuple([0.9, 0.999]),
              "how much of the two running means is kept"),
            .labelled("eps", .double, default: 1e-8, "keeps the divisor from zero"),
            .labelled(
              "weightDecay", .double, default: .double(decay), "how strongly parameters are pulled to zero"),
            .maxGradNorm,
          ],
          Documentation(what, formula: formula, example: "\(name)(lr: 0.001)", paper: paper)
        ) { arguments, evaluation in
          let betas = try arguments.doubles("betas")
          guard betas.count == 2 else { throw arguments.problem("betas", "`betas:` takes two numbers") }
          let kind: Adam.Type = name == "AdamW" ? AdamW.self : Adam.self
          let optimizer = try kind.init(
            lr: try arguments.learningRate("lr", evaluation), betas: (betas[0], betas[1]),
            eps: try arguments.double("eps"), weightDecay: try arguments.double("weightDecay"))
          return .object(try arguments.clipped(optimizer))
        }
      }
    }
  }

  private static func namedParameters(_ arguments: Arguments) throws -> NamedParameters {
    var named: NamedParameters = [:]
    func add(_ value: Value, _ name: String) throws {
      switch value {
      case .object(let model as Module): named.merge(model.namedParameters()) { $1 }
      case .object(let parameter as Autograd.Parameter): named[name] = parameter
      case .array(let elements):
        for (index, element) in elements.enumerated() { try add(element, "\(index)") }
      case .dictionary(let entries): for (key, element) in entries { try add(element, key.value.description) }
      default:
        throw arguments.problem(
          "parameters", id: "type-mismatch",
          "`step` takes a model, a Parameter, or an array or dictionary of them, not \(value.typeDescription)"
        )
      }
    }
    try add(arguments["parameters"], "")
    return named
  }

  private static func namedGradients(_ arguments: Arguments) throws -> NamedTensors {
    var named: NamedTensors = [:]
    func add(_ value: Value, _ name: String) throws {
      switch value {
      case .array(let elements):
        for (index, element) in elements.enumerated() { try add(element, "\(index)") }
      case .dictionary(let entries): for (key, element) in entries { try add(element, key.value.description) }
      default:
        guard let tensor = try Tensor.converting(value) else {
          throw arguments.problem(
            "gradients", id: "type-mismatch", "gradients are Tensors, not \(value.typeDescription)")
        }
        named[name] = tensor
      }
    }
    try add(arguments["gradients"], "")
    return named
  }
}

extension Interpreter.Parameter {
  fileprivate static let maxGradNorm = labelled(
    "maxGradNorm", .double, default: nil,
    "all gradients together are scaled down to this norm; nil leaves them")
}

extension Arguments {
  fileprivate func clipped(_ optimizer: Optimizer) throws -> Optimizer {
    optimizer.maxGradNorm = try optionalDouble("maxGradNorm")
    if let norm = optimizer.maxGradNorm, !(norm > 0) {
      throw problem("maxGradNorm", "`maxGradNorm:` must be above 0, not \(norm)")
    }
    return optimizer
  }
}
