import Datasets
import Interpreter
import MetaLearning

extension InnerloopLanguage {
  private static let inverted = Interpreter.Parameter.labelled(
    "inverted", .bool, default: false, "true: ink is 1 and paper 0, as in MAML's own program")
  private static let imageSize = Interpreter.Parameter.labelled(
    "imageSize", .int, default: 28, "pixels a side")

  /// Omniglot and its one-shot challenge.
  static func registerOmniglot(in builder: RegistryBuilder) {
    builder.function(
      "Omniglot",
      [
        .positional("root", .string, "the folder of images_background.zip and images_evaluation.zip")
      ] + Interpreter.Parameter.classTasks + [
        imageSize,
        .labelled(
          "vinyalsSplit", .bool, default: true, aliases: ["useVinyalsSplit"],
          "false: the background set trains, the evaluation set tests, none validates"),
        inverted,
      ], returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over Omniglot's characters, from the official zip files.",
        shapes: "images [N, 1, imageSize, imageSize], 1 paper to 0 ink unless inverted",
        example: "Omniglot(\"data/omniglot\", ways: 5, shots: 1)",
        paper: "Lake et al. 2015; split of Vinyals et al. 2016 as in torchmeta Omniglot",
        discussion:
          "1,028 characters train, 172 validate, 423 test; with `vinyalsSplit: false` 964 train and 659 test."
      )
    ) { arguments, _ in
      let root = try arguments.string("root")
      return try arguments.tasksOfPart { split in
        let found = try arguments.loading(
          hint: "the two zip files are those of github.com/brendenlake/omniglot, in the folder `python`"
        ) {
          try Omniglot(root: root).load(
            split, vinyalsSplit: try arguments.bool("vinyalsSplit"), inverted: try arguments.bool("inverted"),
            size: try arguments.int("imageSize"))
        }
        return try arguments.classTasks(found.images, found.labels, metaSplit: nil)
      }
    }
    builder.function(
      "OmniglotChallenge", [.positional("root", .string, "the folder of all_runs.zip"), imageSize],
      returns: .named("Tasks"),
      Documentation(
        "The 20 runs of Omniglot's one-shot challenge, each a task of 20 ways and one shot within one alphabet.",
        shapes:
          "train and test [20, 1, imageSize, imageSize], 1 paper to 0 ink; a test drawing of each class",
        example: "maml.evaluate(OmniglotChallenge(\"data/omniglot\").batches(of: 20))",
        paper: "Lake et al. 2015",
        discussion:
          "Train on the background set alone: `Omniglot(root, ways: 20, vinyalsSplit: false)`. The published figures are errors, 1 − accuracy."
      )
    ) { arguments, _ in
      let root = try arguments.string("root")
      let runs = try arguments.loading(
        hint:
          "the file is that of github.com/brendenlake/omniglot, in the folder `python/one-shot-classification`"
      ) {
        try OmniglotChallenge(root: root).load(size: try arguments.int("imageSize"))
      }
      return .object(
        Tasks.concurrent(count: runs.count) { index in
          try MetaLearning.Task(
            train: (runs[index].training.images, runs[index].training.labels),
            test: (runs[index].test.images, runs[index].test.labels))
        })
    }
  }
}
