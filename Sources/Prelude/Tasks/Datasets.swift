import Autograd
import Datasets
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  /// Tasks from labelled samples, and the sources of images.
  static func registerDatasets(in builder: RegistryBuilder) {
    builder.type("ClassTasks", parent: "Tasks") { type in
      type.initializer(
        [
          .positional("inputs", .tensor, "a sample a row"),
          .positional("labels", .tensor, "the class of each input"), .ways, .shots, .testShots,
          .labelled("metaSplit", .named("MetaSplit"), default: nil, "a part of the classes; nil means all"),
          .split, .taskSeed, .classAugmentations, .sampler,
        ],
        Documentation(
          "Few-shot classification tasks from labelled samples.",
          shapes: "inputs [n, …], labels [n]; a task has ways · shots and ways · testShots samples",
          example: "ClassTasks(x, labels, ways: 5, shots: 1, testShots: 15)",
          paper: "torchmeta CombinationMetaDataset with Categorical and ClassSplitter",
          discussion:
            "Classes are drawn and numbered anew for each task; support and query never share a sample.")
      ) { arguments, _ in
        try arguments.classTasks(
          try arguments.tensor("inputs"), try arguments.labels("labels"),
          metaSplit: try arguments.metaSplit(), split: try arguments.doubles("split"))
      }
    }
    registerClassAugmentations(in: builder)
    registerGlyphs(in: builder)
    registerOmniglot(in: builder)
    registerImageSets(in: builder)
    registerImageFiles(in: builder)
    registerFeatureSets(in: builder)
    registerDomains(in: builder)
  }

  private static func registerGlyphs(in builder: RegistryBuilder) {
    builder.function(
      "Glyphs",
      Interpreter.Parameter.classTasks + [
        .labelled("classes", .int, default: 100, "how many glyphs there are in all"),
        .labelled("perClass", .int, default: 20, "drawings of each"),
      ], returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over drawn glyphs, made from a seed: no download.",
        shapes: "images [N, 1, 28, 28], 0 to 1",
        example: "Glyphs(ways: 5, shots: 1)", discussion: "60% of the glyphs train, 20% validate, 20% test.")
    ) { arguments, _ in
      let classes = try arguments.int("classes")
      let samples = try Glyphs(classCount: classes).samples(
        classes: 0..<classes, perClass: try arguments.int("perClass"))
      return try arguments.classTasks(samples.images, samples.labels, metaSplit: try arguments.metaSplit())
    }
  }
}
