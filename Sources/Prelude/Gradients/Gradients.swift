import ArrayCore
import Autograd
import Diagnostics
import Display
import Interpreter
import NN
import OrderedCollections

/// What a gradient is asked for, and how the answer is put together again.
private indirect enum GradientStructure {
  case leaf
  case array([GradientStructure])
  case dictionary([(Key, GradientStructure)])

  /// Collects the leaves of a value in order; nil when it holds something else.
  static func of(_ value: Value, _ leaves: inout [any GradientTarget], _ names: inout [String], path: String)
    -> GradientStructure?
  {
    switch value {
    case .object(let tensor as Tensor):
      leaves.append(tensor)
      names.append(path)
      return .leaf
    case .object(let parameter as Autograd.Parameter):
      leaves.append(parameter)
      names.append(path)
      return .leaf
    case .object(let module as Module):
      return .dictionary(
        module.namedParameters().map { name, parameter in
          leaves.append(parameter)
          names.append(name)
          return (.string(name), .leaf)
        })
    case .array(let elements):
      var parts: [GradientStructure] = []
      for (index, element) in elements.enumerated() {
        guard let part = of(element, &leaves, &names, path: "\(path)[\(index)]") else { return nil }
        parts.append(part)
      }
      return .array(parts)
    case .dictionary(let entries):
      var parts: [(Key, GradientStructure)] = []
      for (key, element) in entries {
        guard let part = of(element, &leaves, &names, path: "\(path)[\(key.value.description)]") else {
          return nil
        }
        parts.append((key, part))
      }
      return .dictionary(parts)
    default: return nil
    }
  }

  func value(_ tensors: inout ArraySlice<Tensor>) -> Value {
    switch self {
    case .leaf: tensors.popFirst().map(Value.object) ?? .null
    case .array(let parts): .array(parts.map { $0.value(&tensors) })
    case .dictionary(let parts):
      .dictionary(OrderedDictionary(uniqueKeysWithValues: parts.map { ($0.0, $0.1.value(&tensors)) }))
    }
  }
}

extension InnerloopLanguage {
  /// Parameters and derivatives.
  static func registerGradients(in builder: RegistryBuilder) {
    builder.type(
      "Parameter", parent: "Tensor",
      Documentation(
        "A tensor that is learned; plain tensors are constants.", example: "let w = Parameter(randn(3))")
    ) { type in
      type.initializer(
        [.positional("tensor", .tensor, "where learning starts")], "Makes a leaf that is learned."
      ) { arguments, _ in
        .object(try Autograd.Parameter(try arguments.tensor("tensor").detach()))
      }
      type.method(
        "assign", [.positional("tensor", .tensor, "of the parameter's shape")],
        Documentation(
          "Sets the numbers, in place: for starting values of one's own.",
          example: "model.parameters[\"0.weight\"]!.assign(0.01 * randn(8, 1))", paper: "torch.nn.init")
      ) { arguments, _ in
        let parameter = try arguments.receiver(as: Autograd.Parameter.self)
        try parameter.assign(try arguments.tensor("tensor").detach().cast(to: parameter.dtype))
        return .void
      }
    }
    registerGradientOf(in: builder)
    registerGradientAt(in: builder)
    builder.function(
      "noGrad", [.positional("body", .function("() -> Any"), "the code to run")], returns: .any,
      Documentation(
        "Runs a closure without recording: what it computes is constant.", example: "noGrad { model(x) }")
    ) { arguments, evaluation in
      let body = try arguments.function("body")
      return try noGrad { try evaluation.call(body, []) }
    }
  }

  private static func registerGradientOf(in builder: RegistryBuilder) {
    builder.function(
      "gradient",
      [
        .labelled("of", .tensor, "a loss: one number"),
        .labelled("wrt", .any, "a parameter, a recorded tensor, an array or dictionary of them, or a model"),
        .labelled("createGraph", .bool, default: false, "record the gradient itself, for higher derivatives"),
      ], returns: .any,
      Documentation(
        "The gradient of a loss, in the structure of what was asked for.", formula: "∂loss / ∂w",
        shapes: "of [] → the shape of each target; for a model, a dictionary by name",
        example: "gradient(of: mse(model(x), y), wrt: model)",
        discussion: "What the loss does not depend on has gradient zero, with a note.")
    ) { arguments, evaluation in
      var leaves: [any GradientTarget] = []
      var names: [String] = []
      guard let structure = GradientStructure.of(arguments["wrt"], &leaves, &names, path: "wrt") else {
        throw arguments.problem(
          "wrt", id: "type-mismatch",
          "`wrt:` takes parameters, recorded tensors, arrays or dictionaries of them, or a model")
      }
      let loss = try arguments.tensor("of")
      let gradients = try gradient(of: loss, wrt: leaves, createGraph: try arguments.bool("createGraph"))
      if !gradients.unreached.isEmpty {
        let shown = gradients.unreached.prefix(4).map { names[$0] == "wrt" ? "it" : "`\(names[$0])`" }
        let missing = shown == ["it"] ? "what `wrt:` names" : shown.joined(separator: ", ")
        let more = gradients.unreached.count > 4 ? " and \(gradients.unreached.count - 4) more" : ""
        evaluation.note(
          Diagnostic(
            id: "unreached", severity: .note,
            message: "the loss does not depend on \(missing)\(more): the gradient is zero"))
      }
      var rest = gradients.values[...]
      return structure.value(&rest)
    }
  }

  private static func registerGradientAt(in builder: RegistryBuilder) {
    let at = Interpreter.Parameter.labelled(
      "at", .any, "a tensor, number, or an array or dictionary of tensors")
    let body = Interpreter.Parameter.positional("body", .function("(x) -> Tensor"), "gives one number")
    builder.function(
      "gradient", [at, body], returns: .any,
      Documentation(
        "The gradient of a function at a point.", formula: "∇f(x)", shapes: "x's",
        example: "gradient(at: Tensor([1, 2])) { x in (x * x).sum() }",
        discussion: "Calls may be nested for higher derivatives.")
    ) { arguments, evaluation in try valueWithGradient(arguments, evaluation).gradient }
    builder.function(
      "valueWithGradient", [at, body], returns: .any,
      Documentation(
        "A function's value and gradient at a point, as (value:, gradient:).", formula: "f(x), ∇f(x)",
        example: "valueWithGradient(at: x) { x in (x * x).sum() }")
    ) { arguments, evaluation in
      let (value, gradient) = try valueWithGradient(arguments, evaluation)
      return .tuple(TupleValue([value, gradient], labels: ["value", "gradient"]))
    }
    builder.function(
      "hessian", [.labelled("at", .tensor, "the point"), body], returns: .tensor,
      Documentation(
        "All second derivatives of a function at a point.", formula: "∂²f / ∂xᵢ∂xⱼ",
        shapes: "x → [x.shape, x.shape]", example: "hessian(at: Tensor([1, 2])) { x in pow(x, 3).sum() }")
    ) { arguments, evaluation in
      let body = try arguments.function("body")
      return .object(
        try hessian(at: try arguments.tensor("at")) { x in
          try TaskLoop.tensor(evaluation, of: "hessian") { try evaluation.call(body, [.object(x)]) }
        })
    }
    builder.function(
      "checkGradient",
      [
        at, .labelled("order", .int, default: 2, "1 or 2"),
        .labelled("tolerance", .double, default: 1e-6, "the largest relative difference allowed"),
        body,
      ],
      returns: .named("Table"),
      Documentation(
        "Compares the derivatives with central differences, in float64.",
        formula: "(f(x + h) − f(x − h)) / 2h beside f′(x); for order 2 the same of f′",
        example: "checkGradient(at: randn(3)) { x in exp(x).sum() }",
        discussion: "Throws when they disagree by more than the tolerance.")
    ) { arguments, evaluation in
      let body = try arguments.function("body")
      var points: [any GradientTarget] = []
      var names: [String] = []
      guard let structure = GradientStructure.of(try point(arguments), &points, &names, path: "x") else {
        throw notAPoint(arguments)
      }
      let report = try checkGradient(
        at: points.map(\.gradientTensor), order: try arguments.int("order"),
        tolerance: try arguments.double("tolerance")
      ) { tensors in
        var rest = tensors[...]
        let value = structure.value(&rest)
        return try TaskLoop.tensor(evaluation, of: "checkGradient") { try evaluation.call(body, [value]) }
      }
      return DataTable([
        .init("order", report.rows.map(\.order)), .init("input", report.rows.map { names[$0.input] }),
        .init("largest difference", report.rows.map(\.maxAbsoluteDifference)),
        .init("relative", report.rows.map(\.maxRelativeDifference)),
      ]).hosted
    }
  }

  private static func point(_ arguments: Arguments) throws -> Value {
    let value = arguments["at"]
    if case .dictionary = value { return value }
    if case .array(let elements) = value,
      elements.contains(where: { $0.object(as: (any HostObject).self) != nil })
    {
      return value
    }
    guard let tensor = try Tensor.converting(value) else { throw notAPoint(arguments) }
    return .object(tensor)
  }

  private static func notAPoint(_ arguments: Arguments) -> Diagnostic {
    arguments.problem(
      "at", id: "type-mismatch", "`at:` takes a tensor, a number, or an array or dictionary of tensors")
  }

  private static func valueWithGradient(
    _ arguments: Arguments, _ evaluation: Evaluation
  ) throws -> (value: Value, gradient: Value) {
    let body = try arguments.function("body")
    var points: [any GradientTarget] = []
    var names: [String] = []
    guard let structure = GradientStructure.of(try point(arguments), &points, &names, path: "at") else {
      throw notAPoint(arguments)
    }
    let (value, gradients) = try Autograd.valueWithGradient(at: points.map(\.gradientTensor)) { tensors in
      var rest = tensors[...]
      let value = structure.value(&rest)
      return try TaskLoop.tensor(evaluation, of: "gradient") { try evaluation.call(body, [value]) }
    }
    var rest = gradients[...]
    return (.object(value), structure.value(&rest))
  }
}
