import Datasets
import Interpreter

/// A published set of rows of numbers.
private struct FeatureSet {
  let name: String
  /// What the folder holds.
  let files: String
  let columns: Int
  let summary: String
  let paper: String
  let discussion: String
  let load: @Sendable (_ root: String, _ split: ClassSplit, _ normalize: Bool) throws -> ClassSamples
}

extension InnerloopLanguage {
  private static let featureSets =
    [
      FeatureSet(
        name: "Letter", files: "the folder of letter-recognition.data", columns: 16,
        summary: "Few-shot tasks over capital letters, described by 16 numbers.",
        paper: "Frey and Slate 1991; torchmeta Letter", discussion: "15 letters train, 5 validate, 6 test."
      ) { try Letter(root: $0).load($1, normalize: $2) }
    ]
    + [
      ("PlantsTexture", Plants.Feature.texture, "texture"), ("PlantsMargin", .margin, "margin"),
      ("PlantsShape", .shape, "shape"),
    ].map { name, feature, word in
      FeatureSet(
        name: name, files: "the folder of data_\(feature.rawValue)_64.txt", columns: 64,
        summary: "Few-shot tasks over a hundred plant species, by the \(word) of their leaves.",
        paper: "Mallah et al. 2013; torchmeta \(name)",
        discussion: "70 species train, 15 validate, 15 test. A species has 16 leaves."
      ) { try Plants(root: $0, feature: feature).load($1, normalize: $2) }
    }

  /// The published sets of rows of numbers.
  static func registerFeatureSets(in builder: RegistryBuilder) {
    for set in featureSets {
      builder.function(
        set.name,
        [.positional("root", .string, set.files)] + Interpreter.Parameter.classTasks + [
          .labelled(
            "normalize", .bool, default: false,
            "brings each feature to mean 0 and deviation 1 over the training classes")
        ], returns: .named("ClassTasks"),
        Documentation(
          set.summary, shapes: "inputs [N, \(set.columns)]",
          example: "\(set.name)(\"data/\(set.name.lowercased())\", ways: 5, shots: 1, testShots: 5)",
          paper: set.paper, discussion: set.discussion)
      ) { arguments, _ in
        let (root, normalize) = (try arguments.string("root"), try arguments.bool("normalize"))
        return try arguments.tasksOfPart { split in
          let samples = try arguments.loading(
            hint: "the file is that of the UCI machine learning repository"
          ) { try set.load(root, split, normalize) }
          return try arguments.classTasks(samples.inputs, samples.labels, metaSplit: nil)
        }
      }
    }
  }
}
