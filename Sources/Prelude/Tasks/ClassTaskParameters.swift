import ArrayCore
import Autograd
import Datasets
import Interpreter
import MetaLearning

/// What every source of few-shot classification tasks takes.
extension Interpreter.Parameter {
  static let ways = labelled("ways", .int, default: 5, "classes a task")
  static let shots = labelled("shots", .int, default: 1, "support samples a class")
  static let testShots = labelled("testShots", .int, default: 15, "query samples a class")
  static let metaSplit = labelled(
    "metaSplit", .named("MetaSplit"), default: .case("train"), "which part of the classes")
  static let taskSeed = labelled("seed", .int, default: 0, "decides every draw")
  static let classAugmentations = labelled(
    "classAugmentations", .array(.named("ClassAugmentation")), default: [],
    "what makes further classes of images: `[Rotation([90, 180, 270]), HorizontalFlip()]`")

  static let inMemory = labelled(
    "inMemory", .bool, default: nil,
    "true keeps all images decoded, false decodes those that a task draws; nil: true where they take less than a quarter of the memory"
  )
  static let split = labelled(
    "split", .array(.double), default: [0.6, 0.2, 0.2],
    "the parts of the classes that train, validate and test")
  static let sampler = labelled(
    "sampler", .named("ClassSampler"), default: .case("random"), "how the classes of a task are chosen")

  /// Those of a data set of images, behind its own.
  static let classTasks: [Interpreter.Parameter] = [
    .ways, .shots, .testShots, .metaSplit, .taskSeed, .classAugmentations, .sampler,
  ]
}

extension Arguments {
  /// Which classes of a set that is split by itself.
  func classSplit() throws -> ClassSplit {
    try metaSplit().flatMap { ClassSplit(rawValue: $0.rawValue) } ?? .train
  }

  fileprivate func classAugmentations() throws -> [ClassAugmentation] {
    try (optional("classAugmentations")?.arrayValue ?? []).compactMap {
      $0.object(as: Box<ClassAugmentation>.self)?.value
    }
  }

  fileprivate func classSampler() throws -> ClassSampler {
    ClassSampler(rawValue: try enumCase("sampler")) ?? .random
  }

  /// Runs a loader; what is wrong with files is told at `root`.
  func loading<Loaded>(hint: String? = nil, _ load: () throws -> Loaded) throws -> Loaded {
    do {
      return try load()
    } catch DatasetError.argument(_, let reason) {
      throw problem(message: reason)
    } catch let error as DatasetError {
      throw problem("root", id: "dataset", error.description, hints: hint.map { [$0] } ?? [])
    }
  }

  /// The tasks that a call with these parameters asks for.
  ///
  /// - Parameter metaSplit: which part of the classes; nil when the images are already those of a split.
  func classTasks(
    _ images: Tensor, _ labels: Tensor, metaSplit: MetaSplit?, split: [Double] = [0.6, 0.2, 0.2]
  ) throws -> Value {
    return .object(
      try ClassTasks(
        images, labels, ways: try int("ways"), shots: try int("shots"), testShots: try int("testShots"),
        metaSplit: metaSplit, split: split, classAugmentations: classAugmentations(),
        sampler: classSampler(),
        seed: UInt64(bitPattern: Int64(try int("seed")))))
  }
}

extension Arguments {
  /// The tasks of the part that a call asks for, of a set that is split by itself; those of its other parts are made when
  /// somebody asks these tasks for them.
  func tasksOfPart(_ make: @escaping (ClassSplit) throws -> Value) throws -> Value {
    let own = try classSplit()
    let made = try make(own)
    func part(_ split: MetaSplit) throws -> Tasks {
      guard let split = ClassSplit(rawValue: split.rawValue),
        let tasks = try make(split).object(as: Tasks.self)
      else { throw problem(message: "`\(name)` gives no tasks") }
      return tasks
    }
    made.object(as: Tasks.self)?.parts = MetaSplit(rawValue: own.rawValue).map {
      Tasks.Parts(own: $0, tasks: part)
    }
    return made
  }

  /// The tasks over images of a set that is split by itself: decoded at once and kept, or when a task draws them.
  func classTasks(_ found: ClassImages) throws -> Value {
    let isKept =
      try optional("inMemory") == nil
      ? found.images.byteCount <= MemoryStatistics.bytesOfMachine / 4 : bool("inMemory")
    if isKept {
      let all = try loading { try found.loaded() }
      return try classTasks(all.inputs, all.labels, metaSplit: nil)
    }
    let images = found.images
    return .object(
      try ClassTasks(
        SampleStore(shape: Shape(images.shape)) { try images.images($0) }, found.labels,
        ways: try int("ways"),
        shots: try int("shots"), testShots: try int("testShots"), classAugmentations: classAugmentations(),
        sampler: classSampler(), seed: UInt64(bitPattern: Int64(try int("seed")))))
  }
}

extension InnerloopLanguage {
  /// What few-shot classification tasks tell of themselves.
  static func registerClassTaskMembers(in builder: RegistryBuilder) {
    builder.enumeration(
      "ClassSampler", "How the classes of a task are chosen.",
      cases: [
        "random": "at random, without end",
        "combinations": "all combinations, each once: task i has the i-th",
      ])
    builder.type("ClassTasks") { type in
      type.property(
        "samples", .named("Samples"),
        Documentation(
          "All samples of the split, labelled with the place of their class: for training without tasks.",
          paper: "torchmeta NonEpisodicWrapper")
      ) { (tasks: ClassTasks, _) in try tasks.samples.hosted }
      type.property(
        "classes", .array(.int), "The labels of the split's classes, as the data had them."
      ) { (tasks: ClassTasks, _) in .array(tasks.classes.map { .int($0) }) }
    }
  }
}
