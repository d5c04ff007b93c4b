import Datasets
import Interpreter
import MetaLearning

/// A published set of images that is read from its official files.
private struct ImageSet {
  let name: String
  /// What the folder holds.
  let files: String
  /// Pixels a side, unless asked otherwise.
  let size: Int
  let channels: Int
  let summary: String
  let paper: String
  let discussion: String
  /// Where the files come from, for the message when they are not there.
  let hint: String
  let load: @Sendable (_ root: String, _ split: ClassSplit, _ size: Int) throws -> ClassSamples
}

extension InnerloopLanguage {
  private static let imageSets: [ImageSet] = []

  /// The published sets of images.
  static func registerImageSets(in builder: RegistryBuilder) {
    for set in imageSets {
      builder.function(
        set.name,
        [.positional("root", .string, set.files)] + Interpreter.Parameter.classTasks + [
          .labelled("imageSize", .int, default: .int(set.size), "pixels a side")
        ], returns: .named("ClassTasks"),
        Documentation(
          set.summary, shapes: "images [N, \(set.channels), imageSize, imageSize], 0 to 1",
          example: "\(set.name)(\"data/\(set.name.lowercased())\", ways: 5, shots: 1)", paper: set.paper,
          discussion: set.discussion)
      ) { arguments, _ in
        let (root, size) = (try arguments.string("root"), try arguments.int("imageSize"))
        let split = try arguments.classSplit()
        let samples = try arguments.loading(hint: set.hint) { try set.load(root, split, size) }
        return try arguments.classTasks(samples.inputs, samples.labels, metaSplit: nil)
      }
    }
    registerFashionMNIST(in: builder)
  }

  private static func registerFashionMNIST(in builder: RegistryBuilder) {
    builder.function(
      "FashionMNIST",
      [
        .positional(
          "root", .string, default: "/usr/share/datasets/fashion-mnist", "the folder of the four IDX files")
      ] + Interpreter.Parameter.classTasks, returns: .named("ClassTasks"),
      Documentation(
        "Few-shot tasks over Fashion-MNIST's ten classes.", shapes: "images [N, 1, 28, 28], 0 to 1",
        example: "FashionMNIST(ways: 2, shots: 5)", paper: "Xiao et al. 2017",
        discussion:
          "Debian's package dataset-fashion-mnist installs it. Of the ten classes 6 train, 2 validate, 2 test."
      )
    ) { arguments, _ in
      let samples = try arguments.loading(hint: "`sudo apt-get install dataset-fashion-mnist` installs it") {
        try FashionMNIST(root: try arguments.string("root")).load(train: true)
      }
      return try arguments.classTasks(samples.images, samples.labels, metaSplit: try arguments.metaSplit())
    }
  }
}
