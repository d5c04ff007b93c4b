import Display
import Interpreter

/// A host number, as a tensor of one element would be: operators from either side, truth, members, elements.
final class Box: HostObject {
  var value: Double
  init(_ value: Double) { self.value = value }

  var typeName: String { "Box" }
  var mimeBundle: MIMEBundle { MIMEBundle(plain: "Box(\(value))") }

  func binary(_ operation: BinaryOperator, _ other: Value, on side: OperandSide, _ evaluation: Evaluation)
    throws
    -> Value?
  {
    let operand: Double
    if let box: Box = other.object() {
      operand = box.value
    } else if let number = other.numericValue {
      operand = number
    } else {
      return nil
    }
    let (a, b) = side == .left ? (value, operand) : (operand, value)
    switch operation {
    case .add: return .object(Box(a + b))
    case .subtract: return .object(Box(a - b))
    case .multiply: return .object(Box(a * b))
    case .less: return .object(Box(a < b ? 1 : 0))
    default: return nil
    }
  }

  func unary(_ operation: UnaryOperator, _ evaluation: Evaluation) throws -> Value? {
    operation == .minus ? .object(Box(-value)) : nil
  }

  func truth(_ evaluation: Evaluation) throws -> Bool? { value != 0 }
  func number(_ evaluation: Evaluation) throws -> Double? { value }

  func member(_ name: String, _ evaluation: Evaluation) throws -> Value? {
    name == "dynamicHalf" ? .double(value / 2) : nil
  }

  func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    .string(arguments.values.map(\.debugText).joined(separator: " "))
  }

  func setSubscript(_ arguments: CallArguments, to value: Value, _ evaluation: Evaluation) throws -> Bool {
    guard let number = value.numericValue else { return false }
    self.value = number
    return true
  }

  func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    SequenceIterator([Value.double(value), .double(value + 1)])
  }
}

/// What a struct with `: Model` becomes.
final class Model: HostObject {
  let instance: StructInstance
  var isTraining = true
  init(_ instance: StructInstance) { self.instance = instance }

  var typeName: String { "Model" }
  var structInstance: StructInstance? { instance }
  var mimeBundle: MIMEBundle { MIMEBundle(plain: "Model \(instance.definition.name)") }

  func call(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    try evaluation.callMethod("forward", on: .object(self), arguments)
  }
}

/// A failure of a host library.
struct HostFailure: Error { var shapes: String }
struct HostCancellation: Error {}

enum HostTypes {
  static func register(in builder: RegistryBuilder) {
    builder.type("Box", "A number in a box.") { type in
      type.initializer([.positional("value", .double)], "Boxes a number.") { arguments, _ in
        .object(Box(try arguments.double("value")))
      }
      type.property("half", .double, "Half of it.") { (box: Box, _) in .double(box.value / 2) }
      type.property(
        "content", .double, "The number.", get: { (box: Box, _) in .double(box.value) },
        set: { box, value, _ in box.value = value.numericValue ?? .nan })
      type.method(
        "getScaled", [.labelled("numTimes", .int, default: 2, aliases: ["count"])], returns: .named("Box"),
        "Scales."
      ) { arguments, _ in
        .object(Box(try arguments.receiver(as: Box.self).value * Double(arguments.int("numTimes"))))
      }
      type.method(
        "callAsFunction", [.positional("x", .double), .labelled("plus", .double, default: 0)],
        returns: .double, "Adds."
      ) {
        arguments, _ in
        .double(
          try arguments.receiver(as: Box.self).value + arguments.double("x") + arguments.double("plus"))
      }
      type.conversion { value, _ in
        if case .array(let v) = value, let n = v.first?.numericValue { .object(Box(n)) } else { nil }
      }
    }
    builder.enumeration(
      "Reduction", "How to reduce.", cases: ["mean": "the mean", "sum": "the sum"],
      aliases: ["average": "mean"])
    builder.function(
      "reduceBoxes",
      [
        .variadic("boxes", .named("Box")),
        .labelled("reduction", .named("Reduction"), default: .case("mean")),
      ],
      returns: .double, "Reduces."
    ) { arguments, _ in
      let values = try arguments.array("boxes").map { $0.object(as: Box.self)?.value ?? .nan }
      let sum = values.reduce(0, +)
      return .double(try arguments.enumCase("reduction") == "sum" ? sum : sum / Double(values.count))
    }
    builder.function("outerLoss", ["x"].map { .positional($0, .double) }, returns: .double, "Doubles.") {
      arguments, _ in
      .double(try arguments.double("x") * 2)
    }
    builder.function(
      "twice", [.labelled("times", .int, default: 2), .positional("body", .function)], "Repeats."
    ) {
      arguments, evaluation in
      var results: [Value] = []
      for index in 0..<(try arguments.int("times")) {
        results.append(
          try evaluation.call(arguments.function("body"), [.tuple(.int(index), .int(index * 10))]))
      }
      return .array(results)
    }
    builder.function("failInHost", [], "Fails.") { _, _ in throw HostFailure(shapes: "[2] and [3]") }
    builder.function("cancelInHost", [], "Is cancelled.") { _, _ in throw HostCancellation() }
    builder.describeErrors { error in
      if let failure = error as? HostFailure {
        return ErrorDescription(id: "shape-mismatch", message: "shapes \(failure.shapes) do not match")
      }
      if error is HostCancellation {
        return ErrorDescription(id: "x", message: "interrupted", isInterrupt: true)
      }
      return nil
    }
    builder.type("Model", "A model.") { type in
      type.property("training", .bool, "Mode.") { (model: Model, _) in .bool(model.isTraining) }
      type.method("eval", "To evaluation.") { arguments, _ in
        try arguments.receiver(as: Model.self).isTraining = false
        return .void
      }
    }
    builder.structHook(
      "Model", typeName: "Model", "A model.",
      check: { $0.hasMethod("forward") ? [] : ["a `Model` needs a method `forward`"] },
      make: { instance, _ in Model(instance) })
    builder.habit(
      .member, "backward", message: "`backward()` is not part of Innerloop",
      hint: "let g = gradient(of: loss, wrt: model)")
  }
}
