import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension Samples: HostValue {
  var hostTypeName: String { "Samples" }
  /// `let (x, y) = task.train`
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    SequenceIterator([.object(inputs), .object(targets)])
  }
  var hostSummary: String { "inputs \(inputs.shape), targets \(targets.shape)" }
  var hostParts: [Inspection.Part] { [.init("inputs", .object(inputs)), .init("targets", .object(targets))] }
  func hostSubscript(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    switch arguments.values.first {
    case .int(0)?: .object(inputs)
    case .int(1)?: .object(targets)
    default: nil
    }
  }
}

extension MetaLearning.Task: HostValue {
  var hostTypeName: String { "Task" }
  var hostSummary: String {
    let test = test.map { ", test (query): \($0.hostSummary)" } ?? ""
    let numbers = attributes.map { ", \($0.key) \(NumberText.compact($0.value))" }.joined()
    return "Task(train (support): \(train.hostSummary)\(test)\(numbers))"
  }
  func hostMember(_ name: String) -> Value? { attributes[name].map(Value.double) }
  var hostMemberNames: [String] { Array(attributes.keys) }
  var hostParts: [Inspection.Part] {
    [.init("train", train.hosted)] + (test.map { [.init("test", $0.hosted)] } ?? [])
      + attributes.map { .init($0.key, .double($0.value)) }
  }
}

extension Batch: HostValue {
  var hostTypeName: String { "Batch" }
  var hostSummary: String { "Batch of \(count) task\(count == 1 ? "" : "s")" }
  var hostParts: [Inspection.Part] {
    ((try? tasks) ?? []).enumerated().map { .init(String($0), $1.hosted) }
  }
  func hostSubscript(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    if case .string(let name)? = arguments.values.first { return try set(name)?.hosted }
    guard case .int(let index)? = arguments.values.first else { return nil }
    let position = index < 0 ? index + count : index
    guard (0..<count).contains(position) else {
      throw LearningError.taskOutOfRange(index: index, count: count)
    }
    return try self[position].hosted
  }
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    SequenceIterator(try tasks.map(\.hosted))
  }
}

extension Batch {
  /// `batch["train"]`, as torchmeta's loaders give it.
  fileprivate func set(_ name: String) throws -> Samples? {
    switch name {
    case "train", "support": try train
    case "test", "query": try test
    default: nil
    }
  }

  /// A batch of an array of tasks, or of one; nil when the value is neither.
  fileprivate static func converting(_ value: Value) throws -> Batch? {
    if let task = value.object(as: Box<MetaLearning.Task>.self) { return try Batch([task.value]) }
    guard let elements = value.arrayValue else { return nil }
    let tasks = elements.compactMap { $0.object(as: Box<MetaLearning.Task>.self)?.value }
    return tasks.count == elements.count ? try Batch(tasks) : nil
  }
}

extension Batches: HostValue {
  var hostTypeName: String { "Batches" }
  func hostIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    var index = 0
    return ClosureIterator {
      defer { index += 1 }
      return try batch(at: index)?.hosted
    }
  }
}

extension Tasks: HostObject {
  public var typeName: String { String(describing: type(of: self)) }
  public func wasGiven(at site: CallSite, _ evaluation: Evaluation) {
    Origins.of(evaluation).note(self, site)
  }
  public var summary: String { typeName }
  public func subscriptValue(_ arguments: CallArguments, _ evaluation: Evaluation) throws -> Value? {
    guard case .int(let index)? = arguments.values.first else { return nil }
    return try self[index].hosted
  }
  /// Without end, unless the tasks are counted.
  public func makeIterator(_ evaluation: Evaluation) throws -> (any ValueIterator)? {
    var index = 0
    return ClosureIterator {
      if let count = self.count, index >= count { return nil }
      defer { index += 1 }
      return try self[index].hosted
    }
  }
}

extension Arguments {
  /// A pair of tensors: `(x, y)`, or samples.
  func samples(_ name: String) throws -> Samples {
    if let samples = self[name].object(as: Box<Samples>.self) { return samples.value }
    guard let pair = Samples.pair(self[name]) else {
      throw problem(
        name, id: "type-mismatch",
        "`\(name)` takes a pair `(inputs, targets)`, not \(self[name].typeDescription)")
    }
    return try pair()
  }
}

extension Samples {
  /// Samples from `(inputs, targets)`; nil when the value is no pair. Targets written as whole numbers are labels.
  static func pair(_ value: Value) -> (() throws -> Samples)? {
    guard let elements = value.elements, elements.count == 2 else { return nil }
    return {
      guard let inputs = try Tensor.converting(elements[0]),
        let targets = try Tensor.converting(elements[1], dtype: isLabels(elements[1]) ? .int64 : nil)
      else {
        throw LearningError.argument(
          type: "Samples", reason: "a pair `(inputs, targets)` holds tensors or arrays of numbers")
      }
      return try Samples(inputs, targets)
    }
  }

  private static func isLabels(_ value: Value) -> Bool {
    guard case .array(let elements) = value, !elements.isEmpty else { return false }
    return elements.allSatisfy { $0.intValue != nil }
  }
}

extension InnerloopLanguage {
  /// Tasks, batches and what makes them.
  static func registerTasks(in builder: RegistryBuilder) {
    builder.enumeration(
      "MetaSplit", "Which tasks of a data set: to train on, to choose by, to test on.",
      cases: ["train": "to meta-train on", "val": "to choose by", "test": "to meta-test on"])
    builder.type("Samples", "Inputs with their targets.") { type in
      type.property(of: Samples.self, "inputs", aliases: ["x"], .tensor, "The inputs, a sample a row.") {
        .object($0.inputs)
      }
      type.property(of: Samples.self, "targets", aliases: ["y"], .tensor, "The targets, a sample a row.") {
        .object($0.targets)
      }
      type.property(of: Samples.self, "count", .int, "How many samples there are.") { .int($0.count) }
    }
    registerTask(in: builder)
    registerBatch(in: builder)
    registerTaskSources(in: builder)
  }

  private static func registerTask(in builder: RegistryBuilder) {
    builder.type("Task", "A small learning problem: samples to adapt on and samples to be judged on.") {
      type in
      type.initializer(
        [
          .labelled("train", .any, aliases: ["support"], "the support set, a pair (inputs, targets)"),
          .labelled(
            "test", .any, default: nil, aliases: ["query"], "the query set, a pair (inputs, targets)"),
        ],
        Documentation(
          "Makes a task of tensors.", example: "Task(train: (x, y), test: (x2, y2))", paper: "torchmeta Task")
      ) { arguments, _ in
        let test = arguments["test"].isNull ? nil : try arguments.samples("test")
        return MetaLearning.Task(train: try arguments.samples("train"), test: test).hosted
      }
      for (name, alias, word) in [("train", "support", "support"), ("test", "query", "query")] {
        type.property(
          of: MetaLearning.Task.self, name, aliases: [alias], .named("Samples"),
          Documentation("The \(word) set.")
        ) { task in
          if name == "train" { return task.train.hosted }
          guard let test = task.test else { throw LearningError.noTestSet }
          return test.hosted
        }
      }
    }
  }

  private static func registerBatch(in builder: RegistryBuilder) {
    builder.type("Batch", "Several tasks, for one meta-update.") { type in
      type.conversion { value, _ in try Batch.converting(value)?.hosted }
      type.initializer(
        [.positional("tasks", .array(.named("Task")), "the tasks")],
        Documentation("Makes a batch of tasks.", example: "Batch([task])")
      ) { arguments, _ in
        try Batch(
          try arguments.array("tasks").map { value in
            guard let task = value.object(as: Box<MetaLearning.Task>.self) else {
              throw arguments.problem(
                "tasks", id: "type-mismatch", "`Batch` takes Tasks, not \(value.typeDescription)")
            }
            return task.value
          }
        ).hosted
      }
      type.property(of: Batch.self, "count", .int, "How many tasks there are.") { .int($0.count) }
      type.property(
        of: Batch.self, "train", aliases: ["support"], .named("Samples"),
        "All support sets, stacked: axis 0 is the task."
      ) {
        try $0.train.hosted
      }
      type.property(
        of: Batch.self, "test", aliases: ["query"], .named("Samples"),
        "All query sets, stacked: axis 0 is the task."
      ) {
        try $0.test.hosted
      }
    }
    builder.type("Batches", "Batches of tasks one after the other.") { type in
      type.method(
        "prefix", [.positional("count", .int, "how many tasks")], returns: .named("Batches"),
        "The first so many batches."
      ) { arguments, _ in
        try arguments.boxedReceiver(as: Batches.self).prefix(try arguments.int("count")).hosted
      }
    }
  }

  private static func registerTaskSources(in builder: RegistryBuilder) {
    builder.type(
      "Tasks",
      Documentation(
        "Tasks by index: `tasks[i]` is the same task on every access.", example: "tasks.batches(of: 25)")
    ) { type in
      type.initializer(
        [
          .labelled("seed", .int, default: 0, "decides the draws inside the closure"),
          .positional("make", .function("(i) -> Task"), "gives the task of a number"),
        ],
        Documentation(
          "Tasks made by a closure of their index.",
          example: "Tasks { i in Task(train: (x, y), test: (x, y)) }",
          discussion:
            "Random draws without a seed inside the closure come from the tasks' seed and the index, so that a task is the same on every access."
        )
      ) { arguments, evaluation in
        let make = try arguments.function("make")
        let seed = UInt64(bitPattern: Int64(try arguments.int("seed")))
        return .object(
          Tasks(seed: seed) { index in
            let value = try SeedState.of(evaluation).within(derivedSeed(seed, index)) {
              try evaluation.call(make, [.int(index)])
            }
            guard let task = value.object(as: Box<MetaLearning.Task>.self) else {
              throw LearningError.argument(
                type: "Tasks", reason: "the closure of `Tasks` must give a Task, not \(value.typeDescription)"
              )
            }
            return task.value
          })
      }
      type.property("count", .optional(.int), "How many different tasks there are; nil if they do not end.") {
        (tasks: Tasks, _) in tasks.count.map { .int($0) } ?? .null
      }
      type.method(
        "batch",
        [
          .positional("count", .int, "how many tasks"),
          .labelled("from", .int, default: 0, "the index of the first task"),
        ],
        returns: .named("Batch"),
        Documentation("Tasks from ..< from + count.", example: "tasks.batch(25, from: 0)")
      ) { arguments, _ in
        try arguments.receiver(as: Tasks.self).batch(
          try arguments.int("count"), from: try arguments.int("from")
        ).hosted
      }
      type.method(
        "batches", [.labelled("of", .int, "tasks a batch")], returns: .named("Batches"),
        Documentation(
          "Endless batches: batch k is tasks k·n ..< k·n + n.", example: "tasks.batches(of: 25)",
          discussion: "`prefix(n)` ends them.")
      ) { arguments, _ in
        let size = try arguments.int("of")
        guard size > 0 else { throw arguments.problem("of", "a batch needs at least one task, not \(size)") }
        return try arguments.receiver(as: Tasks.self).batches(of: size).hosted
      }
    }
    registerCurves(in: builder)
    registerClassTaskMembers(in: builder)
    registerTaskOperations(in: builder)
  }
}

extension Arguments {
  func metaSplit() throws -> MetaSplit? {
    self["metaSplit"].isNull ? nil : MetaSplit(rawValue: try enumCase("metaSplit"))
  }
}
