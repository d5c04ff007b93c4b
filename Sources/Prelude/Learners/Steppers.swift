import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension Stepper: HostObject {
  public var typeName: String { "Stepper" }
  public var summary: String {
    let loss = (try? loss).map { ", train (support) loss \(NumberText.compact($0))" } ?? ""
    return "step \(position) of \(count - 1)\(loss)"
  }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "Stepper(\(summary))") }
  public var memberKeys: [String: [String]] {
    let names = Array(params.keys)
    return ["params": names, "gradients": names]
  }
}

extension StepHistory {
  /// Row k is after k steps.
  var dataTable: DataTable {
    DataTable(
      measureColumns + [.init("moved", distance)] + distances.map { .init("moved \($0.key)", $0.value) })
  }

  /// All but how far the parameters have moved.
  var measureColumns: [DataTable.Column] {
    let columns: [DataTable.Column] = [
      .init("step", Array(trainLosses.indices)), .init("train (support) loss", trainLosses),
    ]
    func known(_ measures: [(String, [Double?])]) -> [DataTable.Column] {
      measures.filter { $0.1.contains { $0 != nil } }.map { .init($0.0, $0.1) }
    }
    return columns + known([("test (query) loss", testLosses)]) + [.init("gradient norm", gradientNorms)]
      + known([
        ("train (support) accuracy", trainAccuracies), ("test (query) accuracy", testAccuracies),
      ])
  }
}

extension InnerloopLanguage {
  /// `maml.stepper(task)`.
  static func registerSteppers(in builder: RegistryBuilder) {
    builder.type("MAML") { type in
      type.method(
        "stepper", [.positional("task", .named("Task"), "a task, whose support set is adapted to")],
        returns: .named("Stepper"),
        Documentation(
          "The inner loop on a task, to go through a step at a time.", example: "let s = maml.stepper(task)",
          discussion:
            "From the model's parameters of now; the steps are those of `adapt`, bit for bit. The model stays as it is."
        )
      ) { arguments, _ in
        .object(try Stepper(arguments.receiver(as: MAML.self), arguments.task("task")))
      }
    }
    builder.type("Stepper", "A way through an inner loop, forward and back.") { type in
      registerGoing(in: type)
      registerLooking(in: type)
      registerSlider(in: type)
    }
  }

  private static func registerGoing(in type: TypeBuilder) {
    let count = Interpreter.Parameter.positional("count", .int, default: 1, "how many steps")
    type.method(
      "step", [count], returns: .named("Stepper"),
      Documentation(
        "Takes steps of the inner loop.", formula: "θ ← θ − α ∇L_train(θ)",
        example: "maml.stepper(task).step(3)")
    ) { arguments, _ in
      let stepper = try arguments.receiver(as: Stepper.self)
      try stepper.step(try arguments.int("count"))
      return .object(stepper)
    }
    type.method("back", [count], returns: .named("Stepper"), "Goes back over steps, which stay known.") {
      arguments, _ in
      let stepper = try arguments.receiver(as: Stepper.self)
      try stepper.back(try arguments.int("count"))
      return .object(stepper)
    }
    type.method(
      "to", [.positional("step", .int, "how many steps from the start; 0 is before the first")],
      returns: .named("Stepper"), "Goes to a step, and takes those that are missing."
    ) { arguments, _ in
      let stepper = try arguments.receiver(as: Stepper.self)
      try stepper.go(to: try arguments.int("step"))
      return .object(stepper)
    }
    type.method(
      "edit",
      [
        .positional("sample", .int, "its place in the support set"),
        .labelled("input", .tensor, default: nil, "its new input; nil leaves it"),
        .labelled("target", .tensor, default: nil, "its new target; nil leaves it"),
      ], returns: .named("Stepper"),
      Documentation(
        "Changes a sample of the support set for the steps from here on. Later steps are dropped, earlier ones stay.",
        example: "maml.stepper(task).edit(2, target: [0.5]).step()")
    ) { arguments, _ in
      let stepper = try arguments.receiver(as: Stepper.self)
      let task = stepper.task
      let place = try arguments.int("sample")
      guard (0..<task.train.count).contains(place) else {
        throw arguments.problem(
          "sample", "the support set has the samples 0..<\(task.train.count), not \(place)")
      }
      func changed(_ all: Tensor, _ name: String) throws -> Tensor {
        guard try arguments.optional(name) != nil else { return all }
        let row = try all.at(place)
        let new = try arguments.tensor(name).detach().cast(to: all.dtype)
        guard new.shape.elementCount == row.shape.elementCount else {
          throw arguments.problem(name, "`\(name):` has shape \(new.shape), and a sample's has \(row.shape)")
        }
        let rows = try (0..<task.train.count).map { index in
          try (index == place ? new.reshape(to: row.shape) : all.at(index)).unsqueeze(0)
        }
        return try concat(rows)
      }
      stepper.task = MetaLearning.Task(
        train: try Samples(changed(task.train.inputs, "input"), changed(task.train.targets, "target")),
        test: task.test, attributes: task.attributes)
      return .object(stepper)
    }
    type.property(
      "stepSize", .optional(.double),
      "α from here on, where it has been set; setting it drops the later steps."
    ) { (stepper: Stepper, _) in
      stepper.stepSize.map { .double($0) } ?? .null
    } set: { stepper, new, _ in
      guard let rate = new.numericValue, rate.isFinite else {
        if new.isNull {
          stepper.stepSize = nil
          return
        }
        throw LearningError.argument(
          type: "stepper", reason: "`stepSize` is a number, not \(new.typeDescription)")
      }
      stepper.stepSize = rate
    }
    type.property(
      "task", .named("Task"), "What the steps from here on are taken with; setting it drops the later steps."
    ) { (stepper: Stepper, _) in
      stepper.task.hosted
    } set: { stepper, new, _ in
      guard let task = new.object(as: Box<MetaLearning.Task>.self) else {
        throw LearningError.argument(type: "stepper", reason: "`task` is a Task, not \(new.typeDescription)")
      }
      stepper.task = task.value
    }
  }

  private static func registerLooking(in type: TypeBuilder) {
    type.property("position", .int, "How many steps have been taken here.") { (stepper: Stepper, _) in
      .int(stepper.position)
    }
    type.property("loss", .double, "The loss on the support set, here.") { (stepper: Stepper, _) in
      .double(try stepper.loss)
    }
    type.property("params", .dictionary(.tensor), "The adapted parameters by name, here.") {
      (stepper: Stepper, _) in .tensors(stepper.params)
    }
    type.property("gradients", .dictionary(.tensor), "The gradient of the support loss by name, here.") {
      (stepper: Stepper, _) in .tensors(try stepper.gradients)
    }
    type.property(
      "predictions", .tensor,
      "What the model gives for the query set here; for the support set if there is none."
    ) { (stepper: Stepper, _) in
      let predictions = try stepper.predictions
      return .object(predictions.test ?? predictions.train)
    }
    type.property(
      "history", .named("Table"),
      "A row a step: losses, accuracies, the gradient's norm, and how far all parameters and each of them have moved from the start."
    ) { (stepper: Stepper, _) in try stepper.history.dataTable.hosted }
    type.method(
      "plot", plotOptions, returns: .named("Plot"),
      Documentation(
        "The fitted curve at each step over the points, or how sure the model is of each query sample.",
        example: "maml.stepper(task).step(3).plot()")
    ) { arguments, _ in
      let stepper = try arguments.receiver(as: Stepper.self)
      guard let drawing = try stepper.drawing() else {
        throw arguments.problem(
          message:
            "`plot` draws regression from one number to one, and classification; `history` has the numbers of others"
        )
      }
      return try plot(drawing.series, arguments, x: drawing.x, y: drawing.y).hosted
    }
  }
}
