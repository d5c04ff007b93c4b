import Autograd
import Interpreter
import MetaLearning
import NN

extension InnerloopLanguage {
  /// Tasks made of tasks, and of labelled samples.
  static func registerTaskOperations(in builder: RegistryBuilder) {
    registerParts(in: builder)
    registerSplitters(in: builder)
    builder.type("Tasks") { type in registerTransforms(in: type) }
  }

  private static func registerTransforms(in type: TypeBuilder) {
    let change = TypeReference.optional(.function("(Tensor) -> Tensor"))
    type.method(
      "transformed",
      [
        .labelled("inputs", change, default: nil, "what becomes of a set's inputs; nil leaves them"),
        .labelled("targets", change, default: nil, "what becomes of a set's targets; nil leaves them"),
      ], returns: .named("Tasks"),
      Documentation(
        "The same tasks with the inputs or targets of both sets changed as they are made.",
        shapes: "each closure gets all samples of a set and gives as many",
        example: "tasks.transformed(inputs: { x in x + 0.1 * randn(x.shape) })",
        paper: "torchmeta transform, target_transform",
        discussion:
          "Random draws without a seed come from the tasks' seed and the index, so that a task is the same on every access."
      )
    ) { arguments, evaluation in
      let tasks = try arguments.receiver(as: Tasks.self)
      func change(_ name: String) throws -> ((Tasks.SetPlace, Tensor) throws -> Tensor)? {
        guard let function = try arguments.optionalFunction(name) else { return nil }
        return { place, samples in
          let own = derivedSeed(tasks.seed, place.index, place.isTest ? 1 : 0, name == "inputs" ? 0 : 1)
          let value = try SeedState.of(evaluation).within(own) {
            try evaluation.call(function, [.object(samples)])
          }
          guard let tensor = try Tensor.converting(value) else {
            throw LearningError.argument(
              type: "transformed", reason: "`\(name):` must give a Tensor, not \(value.typeDescription)")
          }
          return tensor
        }
      }
      return .object(tasks.transformed(inputs: try change("inputs"), targets: try change("targets")))
    }
  }

  private static func registerParts(in builder: RegistryBuilder) {
    builder.function(
      "ConcatTask", [.positional("tasks", .array(.named("Task")), "the tasks")], returns: .named("Task"),
      Documentation(
        "One task of the samples of several, in order.", example: "ConcatTask([tasks[0], tasks[1]])",
        paper: "torchmeta ConcatTask")
    ) { arguments, _ in
      try MetaLearning.Task.concatenated(
        try arguments.array("tasks").compactMap { $0.object(as: Box<MetaLearning.Task>.self)?.value }
      ).hosted
    }
    let places = TypeReference.optional(.array(.int))
    builder.function(
      "SubsetTask",
      [
        .positional("task", .named("Task"), "the task"),
        .labelled("train", places, default: nil, aliases: ["support"], "places in the support set; nil: all"),
        .labelled("test", places, default: nil, aliases: ["query"], "places in the query set; nil: all"),
      ], returns: .named("Task"),
      Documentation(
        "The task of some of the samples.", example: "SubsetTask(task, train: [0, 1])",
        paper: "torchmeta SubsetTask")
    ) { arguments, _ in
      func chosen(_ name: String) throws -> [Int]? {
        try arguments.optional(name) == nil ? nil : arguments.ints(name)
      }
      guard let task = arguments["task"].object(as: Box<MetaLearning.Task>.self)?.value else {
        throw arguments.problem("task", id: "type-mismatch", "`SubsetTask` takes a Task")
      }
      return try task.subset(train: try chosen("train"), test: try chosen("test")).hosted
    }
  }

  private static func registerSplitters(in builder: RegistryBuilder) {
    let samples = Interpreter.Parameter.positional("samples", .any, "a pair (inputs, labels)")
    builder.function(
      "ClassSplitter", [samples, .shots, .testShots, .seed], returns: .named("Task"),
      Documentation(
        "A task of labelled samples: so many of each class to adapt on, and others to be measured on.",
        shapes: "inputs [n, …], labels [n] → [classes · shots, …] and [classes · testShots, …]",
        example: "ClassSplitter((x, labels), shots: 1, testShots: 1)", paper: "torchmeta ClassSplitter",
        discussion: "No sample is in both sets.")
    ) { arguments, evaluation in
      try arguments.samples("samples").splitByClass(
        shots: try arguments.int("shots"), testShots: try arguments.int("testShots"),
        seed: try arguments.seed(evaluation)
      ).hosted
    }
    builder.function(
      "WeightedClassSplitter",
      [
        samples, .labelled("train", .double, default: 0.5, "of each class, to adapt on"),
        .labelled("test", .double, default: nil, "of each class, to be measured on; nil: what is left"),
        .seed,
      ], returns: .named("Task"),
      Documentation(
        "A task of labelled samples: a fraction of each class to adapt on, others to be measured on.",
        example: "WeightedClassSplitter((x, labels), train: 0.8)", paper: "torchmeta WeightedClassSplitter",
        discussion: "No sample is in both sets; each has one of each class at least.")
    ) { arguments, evaluation in
      try arguments.samples("samples").splitByClass(
        train: try arguments.double("train"), test: try arguments.optionalDouble("test"),
        seed: try arguments.seed(evaluation)
      ).hosted
    }
  }
}
